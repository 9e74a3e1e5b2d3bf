"""The words of what was said, and which record has which."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

# Words lie apart from their rows, which then are small to walk; they do not shrink when they are packed. No
# statistics may hold a word of a text.
_STORED = """
    ALTER TABLE indexer_searchunit SET (toast_tuple_target = 128);
    ALTER TABLE indexer_searchunit ALTER COLUMN words SET STORAGE EXTERNAL;
    ALTER TABLE indexer_searchunit ALTER COLUMN words SET STATISTICS 0
"""


def _chain() -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        to="indexer.chain",
    )


class Migration(migrations.Migration):
    dependencies = [("indexer", "0020_operation_halved")]

    operations = [
        migrations.CreateModel(
            name="SearchUnit",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("chain", _chain()),
                ("prompt_cut", models.BooleanField()),
                ("answer_cut", models.BooleanField()),
                ("private", models.SmallIntegerField()),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["words"], gin_pending_list_limit=16384, name="search_unit_words"
                    ),
                    models.Index(
                        fields=["id"], name="search_unit_private", condition=models.Q(private__gt=0)
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="SearchRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("position", models.BigIntegerField()),
                ("chain", _chain()),
                ("generation", models.SmallIntegerField()),
                ("ever", models.UUIDField()),
                ("first", models.UUIDField(null=True)),
                ("now", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["ever", "generation", "position"], name="search_record_ever"),
                    models.Index(
                        fields=["first", "generation", "position"],
                        name="search_record_first",
                        condition=models.Q(first__isnull=False),
                    ),
                    models.Index(
                        fields=["now", "generation", "position"],
                        name="search_record_now",
                        condition=models.Q(now__isnull=False),
                    ),
                ]
            },
        ),
        migrations.RunSQL(_STORED, migrations.RunSQL.noop),
    ]
