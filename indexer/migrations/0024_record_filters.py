"""Records by their newest change, and by scout, seed, model and provider in order of position; changes."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def _built(name: str, index: models.Index, *, of: str = "record") -> list[object]:
    return [
        migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", migrations.RunSQL.noop),
        AddIndexConcurrently(of, index),
    ]


class Migration(migrations.Migration):
    atomic = False  # an index that was left half made is made again
    dependencies = [("indexer", "0023_rollup_heights")]

    operations = [
        *_built(
            "record_revised",
            models.Index(
                fields=["chain", "generation", "status", "revised_position", "position"],
                name="record_revised",
                condition=models.Q(status__gt=1),
            ),
        ),
        *_built(
            "revision_changes",
            models.Index(
                fields=["chain", "generation", "position", "prompt_id"],
                name="revision_changes",
                condition=models.Q(kind__gt=1),
            ),
            of="revision",
        ),
        *(
            each
            for column in ("scout", "model", "provider")
            for each in _built(
                f"record_{column}",
                models.Index(fields=[column, "chain", "generation", "position"], name=f"record_{column}"),
            )
        ),
        *_built(
            "record_seed",
            models.Index(
                models.Func("seed", template="(%(expressions)s + 0)"),
                "chain",
                "generation",
                "position",
                name="record_seed",
            ),
        ),
    ]
