"""Transactions by the head of their hash, operations by those of what they signed, blocks by their digest."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_HEAD = "substr(%(expressions)s, 1, 6)"


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0006_transaction_erased")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS transaction_hash", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "transaction", models.Index(models.Func("hash", template=_HEAD), name="transaction_hash")
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS operation_messages", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "operation",
            models.Index(
                models.Func("messages", template=_HEAD),
                name="operation_messages",
                condition=models.Q(messages__isnull=False),
            ),
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS operation_result", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "operation",
            models.Index(
                models.Func("result", template=_HEAD),
                name="operation_result",
                condition=models.Q(result__isnull=False),
            ),
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS block_digest", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "blockdigest", models.Index(models.Func("digest", template=_HEAD), name="block_digest")
        ),
    ]
