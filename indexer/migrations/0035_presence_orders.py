"""Models, providers and scouts by records, by when they were seen first and last, and by name."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_LETTERS = "(lower(left(coalesce(%(expressions)s, ''), 200) COLLATE \"C\"))"


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0034_named_days")]

    operations = [
        operation
        for model, index in (
            *(
                (
                    "presence",
                    models.Index(
                        fields=["chain", "generation", "of", column, "key"], name=f"presence_{column}"
                    ),
                )
                for column in ("records", "first_at", "last_at")
            ),
            (
                "name",
                models.Index(
                    "kind",
                    models.Func("text", template=_LETTERS),
                    "id",
                    name="name_letters",
                    condition=models.Q(kind__in=(2, 3)),
                ),
            ),
        )
        for operation in (
            migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}", migrations.RunSQL.noop),
            AddIndexConcurrently(model, index),
        )
    ]
