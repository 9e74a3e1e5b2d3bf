"""Records that stand as they were first written, by position."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0013_operation_said_lookups")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS record_unchanged", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "record",
            models.Index(
                fields=["chain", "generation", "position"],
                name="record_unchanged",
                condition=models.Q(status=1),
            ),
        ),
    ]
