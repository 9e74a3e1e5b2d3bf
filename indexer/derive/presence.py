"""Since when each model, provider and scout is seen in the records of a chain, how many name it, and how many
of these were edited or deleted.

What a record names is what its add names, and stays. Only what a range revises is read.
"""

from django.db.backends.utils import CursorWrapper

from indexer.dapp.replay import position_of
from indexer.derive.derivation import Derivation, PositionRange
from indexer.models import DerivationCheckpoint, Presence

# The revisions are found first: see groups. A record is edited from its first update on, and deleted instead
# once it is. Where a range holds no add of a name, the row of its earlier ones is there, and its ends stay.
_ADD = f"""
    WITH revised AS MATERIALIZED (
        SELECT chain_id, generation, prompt_id, position, kind FROM indexer_revision
        WHERE chain_id = %(chain)s AND generation = %(generation)s
          AND position >= %(first)s AND position < %(end)s
    ), told AS MATERIALIZED (
        SELECT v.*, v.kind > 1 AND EXISTS (
                   SELECT FROM indexer_revision w
                   WHERE w.chain_id = v.chain_id AND w.generation = v.generation
                     AND w.prompt_id = v.prompt_id AND w.position < v.position AND w.kind > 1) AS edited
        FROM revised v
    ), counted AS MATERIALIZED (
        SELECT t.chain_id, t.generation, n.of, n.key, count(*) FILTER (WHERE t.kind = 1) AS records,
               count(*) FILTER (WHERE t.kind = 2 AND NOT t.edited)
               - count(*) FILTER (WHERE t.kind > 2 AND t.edited) AS edited,
               count(*) FILTER (WHERE t.kind > 2) AS deleted,
               min(r.position) AS first, max(r.position) AS last
        FROM told t JOIN indexer_record r
            ON r.chain_id = t.chain_id AND r.generation = t.generation AND r.prompt_id = t.prompt_id
        CROSS JOIN LATERAL (VALUES
            ({Presence.Of.MODEL.value}, r.model_id::bigint),
            ({Presence.Of.PROVIDER.value}, r.provider_id::bigint),
            ({Presence.Of.SCOUT.value}, r.scout)) AS n (of, key)
        GROUP BY 1, 2, 3, 4
    )
    INSERT INTO indexer_presence AS p
        (chain_id, generation, of, key, records, edited, deleted, first, last, first_at, last_at)
    SELECT c.chain_id, c.generation, c.of, c.key, c.records, c.edited, c.deleted, c.first, c.last,
           f.timestamp, l.timestamp
    FROM counted c
    JOIN indexer_block f ON f.chain_id = c.chain_id AND f.height = c.first / {position_of(1, 0)}
    JOIN indexer_block l ON l.chain_id = c.chain_id AND l.height = c.last / {position_of(1, 0)}
    ORDER BY c.of, c.key
    ON CONFLICT (chain_id, generation, of, key) DO UPDATE SET
        records = p.records + excluded.records, edited = p.edited + excluded.edited,
        deleted = p.deleted + excluded.deleted, last = greatest(p.last, excluded.last),
        last_at = CASE WHEN excluded.last > p.last THEN excluded.last_at ELSE p.last_at END
"""


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Add what a range holds to the numbers."""
    if positions.first < positions.end:
        cursor.execute(_ADD, positions.named)


DERIVATION = Derivation(
    name=DerivationCheckpoint.Of.PRESENCE.value, lock=5, tables=(Presence,), step=step, remake=None
)
