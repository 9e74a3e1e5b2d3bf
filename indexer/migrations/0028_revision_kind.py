"""Changes of one kind in the order of the chain: whatever is rare is found at once."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0027_sampled_records")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS revision_kind", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "revision",
            models.Index(
                fields=["chain", "generation", "kind", "position", "prompt_id"],
                name="revision_kind",
                condition=models.Q(kind__gt=1),
            ),
        ),
    ]
