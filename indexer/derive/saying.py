"""Which records an operation wrote to."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from indexer.derive.derivation import Withdrawn

# Each is looked up by itself: see revised.
_RECORDS = """
    WITH said AS MATERIALIZED (
        SELECT %(chain)s::int2 AS chain_id, %(generation)s::int2 AS generation, u.position
        FROM unnest(%(positions)s::bigint[]) AS u (position)
    )
    SELECT DISTINCT r.position, r.prompt_id FROM said s CROSS JOIN LATERAL (
        SELECT chain_id, generation, prompt_id FROM indexer_revision
        WHERE chain_id = s.chain_id AND generation = s.generation AND position = s.position AND kind < 3
        OFFSET 0) v JOIN LATERAL (
        SELECT position, prompt_id FROM indexer_record
        WHERE chain_id = v.chain_id AND generation = v.generation AND prompt_id >= v.prompt_id
        ORDER BY prompt_id LIMIT 1) r ON r.prompt_id = v.prompt_id
    WHERE r.position < %(end)s ORDER BY r.position
"""


@dataclass(frozen=True, slots=True)
class Saying:
    """A record, and where it was added."""

    position: int
    prompt_id: int


def records(cursor: CursorWrapper, withdrawn: Withdrawn) -> Sequence[Saying]:
    """The records that these operations added or edited, in the order of their adds."""
    cursor.execute(_RECORDS, withdrawn.named)
    return [Saying(*row) for row in cursor.fetchall()]
