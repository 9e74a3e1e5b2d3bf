"""Operations by the heads of the hashes of their messages and of their result: who said what is erased."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_HEAD = "substr(%(expressions)s, 1, 6)"


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0012_witness_tried_by")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS operation_prompt", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "operation",
            models.Index(
                models.Func("prompt", template=_HEAD),
                name="operation_prompt",
                condition=models.Q(prompt__isnull=False),
            ),
        ),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS operation_result_normal", migrations.RunSQL.noop
        ),
        AddIndexConcurrently(
            "operation",
            models.Index(
                models.Func("result_normal", template=_HEAD),
                name="operation_result_normal",
                condition=models.Q(result_normal__isnull=False),
            ),
        ),
    ]
