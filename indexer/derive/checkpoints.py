"""How far a derivation is, and its next step: one transaction that writes its rows and moves its checkpoint.

A step takes at most a batch of operations, whole blocks of them, so that it ends soon whatever the chain
holds. One writer for each chain, generation and derivation; what is interrupted goes on from its checkpoint.
A checkpoint whose name no derivation has moves no more: another version of this code may know it.
"""

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indexer.dapp.replay import height_of, position_of
from indexer.derive.derivation import Derivation, PositionRange
from indexer.models import Chain
from indexer.store import locks

_FOLDED = """
    SELECT c.height FROM indexer_checkpoint c JOIN indexer_generation g USING (chain_id, generation)
    WHERE chain_id = %s AND generation = %s
"""
# A generation that is being dropped waits for this, or has nothing left to derive from.
_FOLDED_AND_STAYS = f"{_FOLDED} FOR KEY SHARE OF g"
_CHECKPOINT = (
    "SELECT height FROM indexer_derivationcheckpoint WHERE chain_id = %s AND generation = %s AND name = %s"
)
_FULL = """
    SELECT position FROM indexer_operation
    WHERE chain_id = %s AND position >= %s AND position < %s ORDER BY position OFFSET %s LIMIT 1
"""
_MOVE = """
    INSERT INTO indexer_derivationcheckpoint (chain_id, generation, name, height, at)
    VALUES (%s, %s, %s, %s, now())
    ON CONFLICT (chain_id, generation, name) DO UPDATE SET height = excluded.height, at = excluded.at
"""
_COUNT = """
    INSERT INTO indexer_count AS c (chain_id, generation, of, count)
    SELECT %s, %s, of, count FROM unnest(%s::text[], %s::bigint[]) AS new (of, count)
    ON CONFLICT (chain_id, generation, of) DO UPDATE SET count = {}
"""
_ADD, _SET = _COUNT.format("c.count + excluded.count"), _COUNT.format("excluded.count")


def step(derivation: Derivation, chain: Chain, generation: int, *, last: int | None = None) -> int | None:
    """Derive from the next blocks that are folded, up to ``last``; gives the height that is reached.

    None where nothing is left to do, where another one is at it, and where the generation is gone.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not locks.try_derive(cursor, chain.id, generation, derivation.lock):
            return None
        if derivation.reads_texts:
            locks.share_suppression(cursor)
        cursor.execute(_FOLDED_AND_STAYS, [chain.id, generation])
        folded = cursor.fetchone()
        if folded is None:
            return None
        cursor.execute(_CHECKPOINT, [chain.id, generation, derivation.name])
        stored = cursor.fetchone()
        height = -1 if stored is None else stored[0]
        goal = folded[0] if last is None else min(folded[0], last)
        reached = _reached(cursor, chain.id, height, goal, batch=derivation.batch)
        derivation.step(
            cursor,
            PositionRange(chain.id, generation, position_of(height + 1, 0), position_of(reached + 1, 0)),
        )
        cursor.execute(_MOVE, [chain.id, generation, derivation.name, reached])
    return reached if reached > height else None


def goal(chain: Chain, generation: int, *, last: int | None = None) -> int:
    """The height to which there is something to derive from, at most ``last``; -1 where there is nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLDED, [chain.id, generation])
        found = cursor.fetchone()
    folded: int = -1 if found is None else found[0]
    return folded if last is None else min(folded, last)


def add(cursor: CursorWrapper, positions: PositionRange, counts: dict[str, int]) -> None:
    """Add to figures that are kept (``indexer.models.Count``)."""
    cursor.execute(_ADD, [positions.chain_id, positions.generation, list(counts), list(counts.values())])


def put(cursor: CursorWrapper, positions: PositionRange, counts: dict[str, int]) -> None:
    """Set figures that are kept."""
    cursor.execute(_SET, [positions.chain_id, positions.generation, list(counts), list(counts.values())])


def _reached(cursor: CursorWrapper, chain_id: int, height: int, goal: int, *, batch: int) -> int:
    """The height to which a step goes: the first block at which it has a batch, or the goal."""
    if goal <= height:
        return height
    cursor.execute(_FULL, [chain_id, position_of(height + 1, 0), position_of(goal + 1, 0), batch - 1])
    full = cursor.fetchone()
    return goal if full is None else height_of(full[0])
