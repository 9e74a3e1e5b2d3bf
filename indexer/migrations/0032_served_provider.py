"""What is served, by provider."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0031_presence")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS served_provider", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "served",
            models.Index(fields=["provider", "chain", "generation"], name="served_provider"),
        ),
    ]
