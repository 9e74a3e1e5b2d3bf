"""Figures that are kept: what was written on each day, and what the whole chain holds.

Days are UTC, by the time of the block that holds the revision, as its builder states it.
"""

from django.db.backends.utils import CursorWrapper

from indexer.derive import checkpoints
from indexer.derive.derivation import Derivation, PositionRange
from indexer.models import Count, DerivationCheckpoint, NotUnderstood, Rollup

DAY = 86_400_000  # ms

# A record is edited from its first update on, and deleted instead once it is. The revisions are found first:
# see groups.
_REVISIONS = """
    WITH revised AS MATERIALIZED (
        SELECT chain_id, generation, prompt_id, position, kind FROM indexer_revision
        WHERE chain_id = %(chain)s AND generation = %(generation)s
          AND position >= %(first)s AND position < %(end)s)
    SELECT b.timestamp / %(ms)s - (b.timestamp %% %(ms)s < 0)::int AS day, b.height, v.kind,
           v.kind > 1 AND EXISTS (
               SELECT FROM indexer_revision w
               WHERE w.chain_id = v.chain_id AND w.generation = v.generation AND w.prompt_id = v.prompt_id
                 AND w.position < v.position AND w.kind > 1) AS edited
    FROM revised v JOIN indexer_block b ON b.chain_id = v.chain_id AND b.height = v.position >> 20
"""
_DAYS = f"""
    INSERT INTO indexer_rollup AS r
        (chain_id, generation, day, written, edits, deletions, first_height, last_height)
    SELECT %(chain)s, %(generation)s, day, count(*) FILTER (WHERE kind = 1),
           count(*) FILTER (WHERE kind = 2), count(*) FILTER (WHERE kind > 2), min(height), max(height)
    FROM ({_REVISIONS}) AS found GROUP BY day ORDER BY day
    ON CONFLICT (chain_id, generation, day) DO UPDATE SET
        written = r.written + excluded.written, edits = r.edits + excluded.edits,
        deletions = r.deletions + excluded.deletions,
        first_height = least(r.first_height, excluded.first_height),
        last_height = greatest(r.last_height, excluded.last_height)
"""
_STATUSES = f"""
    SELECT count(*) FILTER (WHERE kind = 1),
           count(*) FILTER (WHERE kind = 2 AND NOT edited) - count(*) FILTER (WHERE kind > 2 AND edited),
           count(*) FILTER (WHERE kind > 2)
    FROM ({_REVISIONS}) AS found
"""
_OPERATIONS = """
    SELECT count(*), count(*) FILTER (WHERE reading > 0) FROM indexer_operation
    WHERE chain_id = %(chain)s AND position >= %(first)s AND position < %(end)s
"""
_NOT_UNDERSTOOD = """
    INSERT INTO indexer_notunderstood AS n (chain_id, generation, name_id, times, first_height, last_height)
    SELECT chain_id, %(generation)s, name_id, count(*), min(position >> 20), max(position >> 20)
    FROM indexer_operation
    WHERE chain_id = %(chain)s AND reading > 0 AND position >= %(first)s AND position < %(end)s
    GROUP BY chain_id, name_id ORDER BY name_id
    ON CONFLICT (chain_id, generation, name_id) DO UPDATE SET
        times = n.times + excluded.times, last_height = excluded.last_height
"""
# Few, or none. They go when a configuration comes that names their signers, whatever the checkpoint.
_UNCHECKED = """
    SELECT count(*) FROM indexer_uncheckedwitness WHERE chain_id = %(chain)s AND height < %(height)s
"""


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Add what a range holds to the days and figures."""
    if positions.first < positions.end:
        named = positions.named | {"ms": DAY}
        cursor.execute(_DAYS, named)
        cursor.execute(_STATUSES, named)
        records, edited, deleted = cursor.fetchone()
        cursor.execute(_OPERATIONS, named)
        operations, not_understood = cursor.fetchone()
        cursor.execute(_NOT_UNDERSTOOD, named)
        counts = {
            Count.Of.RECORDS: records,
            Count.Of.EDITED: edited,
            Count.Of.DELETED: deleted,
            Count.Of.OPERATIONS: operations,
            Count.Of.NOT_UNDERSTOOD: not_understood,
        }
        checkpoints.add(cursor, positions, {of.value: count for of, count in counts.items()})
    cursor.execute(_UNCHECKED, {"chain": positions.chain_id, "height": positions.end >> 20})
    checkpoints.put(cursor, positions, {Count.Of.UNCHECKED.value: cursor.fetchone()[0]})


DERIVATION = Derivation(
    name=DerivationCheckpoint.Of.ROLLUPS.value,
    lock=0,
    tables=(Rollup, NotUnderstood),
    counts=(
        Count.Of.RECORDS,
        Count.Of.EDITED,
        Count.Of.DELETED,
        Count.Of.OPERATIONS,
        Count.Of.NOT_UNDERSTOOD,
        Count.Of.UNCHECKED,
    ),
    counts_now=(Count.Of.UNCHECKED,),
    step=step,
    remake=None,
)
