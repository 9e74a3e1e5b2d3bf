"""Records by the head of their prompt's hash and the seed, and those that were changed."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0003_derived")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS record_prompt", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "record",
            models.Index(
                models.Func("prompt", template="substr(%(expressions)s, 1, 6)"),
                models.F("seed"),
                models.F("position"),
                name="record_prompt",
            ),
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS record_changed", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "record",
            models.Index(
                fields=["chain", "generation", "status", "position"],
                name="record_changed",
                condition=models.Q(status__gt=1),
            ),
        ),
    ]
