"""Transactions whose bytes were erased, which the status page counts."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0005_operation_answer")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS transaction_erased", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "transaction",
            models.Index(
                fields=["chain", "height"], name="transaction_erased", condition=models.Q(offset=None)
            ),
        ),
    ]
