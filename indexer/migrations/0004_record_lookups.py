"""Records by the head of their prompt's hash and the seed, and those that were changed."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("indexer", "0003_derived")]

    operations = [
        AddIndexConcurrently(
            "record",
            models.Index(
                models.Func("prompt", template="substr(%(expressions)s, 1, 6)"),
                models.F("seed"),
                models.F("position"),
                name="record_prompt",
            ),
        ),
        AddIndexConcurrently(
            "record",
            models.Index(
                fields=["chain", "generation", "status", "position"],
                name="record_changed",
                condition=models.Q(status__gt=1),
            ),
        ),
    ]
