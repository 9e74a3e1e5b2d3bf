"""Operations by the head of the hash of the answer that they give."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0004_record_lookups")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS operation_answer", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "operation",
            models.Index(
                models.Func("answer", template="substr(%(expressions)s, 1, 6)"),
                name="operation_answer",
                condition=models.Q(answer__isnull=False),
            ),
        ),
    ]
