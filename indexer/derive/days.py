"""What was written, edited and deleted on each day of the records that name a model, a provider or a scout.

A revision counts on the day of its own block. What a record names is what its add names, and stays.
"""

from django.db.backends.utils import CursorWrapper

from indexer.derive.derivation import Derivation, PositionRange
from indexer.derive.revised import DAY_OF
from indexer.models import DerivationCheckpoint, NamedDay, Presence

# The revisions are found first: see groups.
_ADD = f"""
    WITH revised AS MATERIALIZED (
        SELECT chain_id, generation, prompt_id, position, kind FROM indexer_revision
        WHERE chain_id = %(chain)s AND generation = %(generation)s
          AND position >= %(first)s AND position < %(end)s
    ), dated AS MATERIALIZED (
        SELECT v.*, {DAY_OF} AS day
        FROM revised v JOIN indexer_block b ON b.chain_id = v.chain_id AND b.height = v.position >> 20
    )
    INSERT INTO indexer_namedday AS t (chain_id, generation, of, key, day, written, edits, deletions)
    SELECT d.chain_id, d.generation, n.of, n.key, d.day, count(*) FILTER (WHERE d.kind = 1),
           count(*) FILTER (WHERE d.kind = 2), count(*) FILTER (WHERE d.kind > 2)
    FROM dated d JOIN indexer_record r
        ON r.chain_id = d.chain_id AND r.generation = d.generation AND r.prompt_id = d.prompt_id
    CROSS JOIN LATERAL (VALUES
        ({Presence.Of.MODEL.value}, r.model_id::bigint),
        ({Presence.Of.PROVIDER.value}, r.provider_id::bigint),
        ({Presence.Of.SCOUT.value}, r.scout)) AS n (of, key)
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 3, 4, 5
    ON CONFLICT (chain_id, generation, of, key, day) DO UPDATE SET
        written = t.written + excluded.written, edits = t.edits + excluded.edits,
        deletions = t.deletions + excluded.deletions
"""


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Add what a range holds to the days."""
    if positions.first < positions.end:
        cursor.execute(_ADD, positions.named)


DERIVATION = Derivation(
    name=DerivationCheckpoint.Of.DAYS.value, lock=6, tables=(NamedDay,), step=step, remake=None
)
