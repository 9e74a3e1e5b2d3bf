"""The tables of what is derived from the records after the fold."""

import django.db.models.deletion
from django.db import migrations, models


def _key(*names: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)


def _chain(**options: bool) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="indexer.chain", **options
    )


class Migration(migrations.Migration):
    dependencies = [("indexer", "0002_storage")]

    operations = [
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("pk", _key("chain_id", "generation", "name")),
                ("chain", _chain()),
                ("generation", models.SmallIntegerField()),
                ("name", models.TextField()),
                ("height", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                ("pk", _key("chain_id", "generation", "prompt", "seed")),
                ("number", models.BigIntegerField()),
                ("seed", models.BigIntegerField()),
                ("records", models.IntegerField()),
                ("live", models.IntegerField()),
                ("answers", models.IntegerField()),
                ("answers_now", models.IntegerField()),
                ("chain", _chain(db_constraint=False)),
                ("generation", models.SmallIntegerField()),
                ("prompt", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="GroupAnswer",
            fields=[
                ("pk", _key("chain_id", "generation", "number", "answer")),
                ("number", models.BigIntegerField()),
                ("first", models.IntegerField()),
                ("now", models.IntegerField()),
                ("chain", _chain(db_constraint=False)),
                ("generation", models.SmallIntegerField()),
                ("answer", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Rollup",
            fields=[
                ("pk", _key("chain_id", "generation", "day")),
                ("chain", _chain()),
                ("generation", models.SmallIntegerField()),
                ("day", models.BigIntegerField()),
                ("written", models.BigIntegerField()),
                ("edits", models.BigIntegerField()),
                ("deletions", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Count",
            fields=[
                ("pk", _key("chain_id", "generation", "of")),
                ("chain", _chain()),
                ("generation", models.SmallIntegerField()),
                ("of", models.TextField()),
                ("count", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="NotUnderstood",
            fields=[
                ("pk", _key("chain_id", "generation", "name_id")),
                ("chain", _chain()),
                ("generation", models.SmallIntegerField()),
                (
                    "name",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="indexer.name",
                    ),
                ),
                ("times", models.BigIntegerField()),
                ("first_height", models.BigIntegerField()),
                ("last_height", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "node",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="indexer.node"
                    ),
                ),
                ("height", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("asked", models.IntegerField()),
                ("differing", models.IntegerField()),
                ("detail", models.TextField(default="")),
            ],
        ),
        migrations.AddIndex(
            model_name="reconciliation",
            index=models.Index(fields=["node", "-id"], name="reconciliation_newest"),
        ),
    ]
