"""The records of each scout that are edited or deleted, which lie far apart among all that it has."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0051_days_of_scouts")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS record_scout_changed", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "record",
            models.Index(
                fields=["scout", "chain", "generation", "status", "revised_position", "position"],
                name="record_scout_changed",
                condition=models.Q(status__gt=1),
            ),
        ),
    ]
