"""Who served how many records with which model, and how many of these were edited or deleted.

A record's model and provider are those of its add, and stay. Only what a range revises is read.
"""

from django.db.backends.utils import CursorWrapper

from indexer.derive.derivation import Derivation, PositionRange
from indexer.models import DerivationCheckpoint, Served

# The revisions are found first: see groups. A record is edited from its first update on, and deleted instead
# once it is.
_ADD = """
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
    )
    INSERT INTO indexer_served AS s
        (chain_id, generation, model_id, provider_id, records, edited, deleted)
    SELECT t.chain_id, t.generation, r.model_id, r.provider_id, count(*) FILTER (WHERE t.kind = 1),
           count(*) FILTER (WHERE t.kind = 2 AND NOT t.edited)
           - count(*) FILTER (WHERE t.kind > 2 AND t.edited),
           count(*) FILTER (WHERE t.kind > 2)
    FROM told t JOIN indexer_record r
        ON r.chain_id = t.chain_id AND r.generation = t.generation AND r.prompt_id = t.prompt_id
    GROUP BY 1, 2, 3, 4 ORDER BY 3, 4
    ON CONFLICT (chain_id, generation, model_id, provider_id) DO UPDATE SET
        records = s.records + excluded.records, edited = s.edited + excluded.edited,
        deleted = s.deleted + excluded.deleted
"""


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Add what a range holds to the numbers."""
    if positions.first < positions.end:
        cursor.execute(_ADD, positions.named)


DERIVATION = Derivation(
    name=DerivationCheckpoint.Of.SERVED.value, lock=3, tables=(Served,), step=step, remake=None
)
