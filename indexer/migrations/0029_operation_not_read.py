"""Operations whose arguments cannot be read, by their name: which ids they gave out is found at once."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0028_revision_kind")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS operation_not_read", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "operation",
            models.Index(
                fields=["chain", "name", "position"],
                name="operation_not_read",
                condition=models.Q(reading=2),
            ),
        ),
    ]
