"""Operations by the head of the key of what they say, where that is not the answer's."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0016_said")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS operation_said", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "operation",
            models.Index(
                models.Func("said", template="substr(%(expressions)s, 1, 6)"),
                name="operation_said",
                condition=models.Q(said__isnull=False),
            ),
        ),
    ]
