"""What checks say of records; their derivation fills it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0036_fingerprints"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checked",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "prompt_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("prompt_id", models.BigIntegerField()),
                ("generation", models.SmallIntegerField()),
                ("outcomes", models.BinaryField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CheckEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "prompt_id",
                        "number",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("prompt_id", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("generation", models.SmallIntegerField()),
                ("number", models.SmallIntegerField()),
                ("was", models.SmallIntegerField()),
                ("now", models.SmallIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CheckFinding",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "number",
                        "prompt_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("prompt_id", models.BigIntegerField()),
                ("since", models.BigIntegerField()),
                ("generation", models.SmallIntegerField()),
                ("number", models.SmallIntegerField()),
                ("outcome", models.SmallIntegerField()),
                ("measured", models.JSONField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CheckTally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "number",
                        "outcome",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("records", models.BigIntegerField()),
                ("generation", models.SmallIntegerField()),
                ("number", models.SmallIntegerField()),
                ("outcome", models.SmallIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
            ],
        ),
    ]
