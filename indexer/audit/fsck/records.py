"""Records: folding the facts again gives every row of the present generation."""

from collections.abc import Iterator

import psycopg
from django.db import DatabaseError, connection

from indexer.audit.fsck.finding import Finding, shown
from indexer.dapp.replay import RULES
from indexer.models import Chain, Checkpoint, Generation
from indexer.records import fold, generations

_COMPARED = {
    "record": "position, prompt_id, scout, seed, created_at, revised_position, model_id, provider_id,"
    " revisions, status, prompt, answer",
    "revision": "position, prompt_id, kind, superseded_position",
    "blockdigest": "height, digest",
    "owner": "position, key",
    "checkpoint": "height, block_rid, timestamp, digest, last_prompt_id, live, owner, transactions,"
    " operations",
}
# What folding raises over rows that an earlier check has told already.
_UNFOLDABLE = (LookupError, TypeError, ValueError, AttributeError, DatabaseError, psycopg.Error)


def check(chain: Chain) -> Iterator[Finding]:
    """The generation that readers see against a fold of the facts beside it, up to the same height."""
    generation = Generation.objects.filter(chain=chain, generation=chain.generation).first()
    checkpoint = Checkpoint.objects.filter(chain=chain, generation=chain.generation).first()
    where = f"generation {chain.generation}"
    if generation is None and (checkpoint is not None or Generation.objects.filter(chain=chain).exists()):
        yield Finding(where, "missing, and readers are sent to it")
    if generation is not None and generation.rules != RULES:
        yield Finding(
            where, f"it was folded by rules {generation.rules}, now there are rules {RULES}: reindex"
        )
    if generation is not None and checkpoint is None:
        yield Finding("checkpoint", f"missing, and {where} was begun")
    if checkpoint is not None:
        yield from _again(chain, last=checkpoint.height)


def _again(chain: Chain, *, last: int) -> Iterator[Finding]:
    with generations.building(chain, wait=True):
        try:
            again = generations.fold_beside(chain, last=last)
        except fold.LinkBroken as error:
            yield Finding("fold", str(error))
            return
        except _UNFOLDABLE as error:
            yield Finding("fold", f"the facts cannot be folded: {type(error).__name__}: {error}")
            return
        try:
            for table, columns in _COMPARED.items():
                yield from _compared(chain, table, columns, again)
        finally:
            generations.drop(chain, again)


def _compared(chain: Chain, table: str, columns: str, again: int) -> Iterator[Finding]:
    rows = f"SELECT {columns} FROM indexer_{table} WHERE chain_id = %s AND generation = %s"
    with connection.cursor() as cursor:
        for what, one, other in (
            ("stored, and folding the facts again does not give it", chain.generation, again),
            ("not stored, and folding the facts again gives it", again, chain.generation),
        ):
            cursor.execute(f"({rows}) EXCEPT ({rows}) ORDER BY 1", [chain.id, one, chain.id, other])
            named = [column.strip() for column in columns.split(",")]
            for row in cursor.fetchall():
                told = ", ".join(f"{name} {_told(value)}" for name, value in zip(named, row, strict=True))
                yield Finding(table, f"{told}: {what}")


def _told(value: object) -> str:
    return shown(value) if isinstance(value, bytes | memoryview) else str(value)
