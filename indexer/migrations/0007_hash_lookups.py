"""Transactions by the head of their hash, operations by those of what they signed, blocks by their digest."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_HEAD = "substr(%(expressions)s, 1, 6)"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("indexer", "0006_transaction_erased")]

    operations = [
        AddIndexConcurrently(
            "transaction", models.Index(models.Func("hash", template=_HEAD), name="transaction_hash")
        ),
        AddIndexConcurrently(
            "operation",
            models.Index(
                models.Func("messages", template=_HEAD),
                name="operation_messages",
                condition=models.Q(messages__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "operation",
            models.Index(
                models.Func("result", template=_HEAD),
                name="operation_result",
                condition=models.Q(result__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "blockdigest", models.Index(models.Func("digest", template=_HEAD), name="block_digest")
        ),
    ]
