"""What blocks did: how many records they wrote, edited and deleted, and which where it is one; and whether
they changed who may write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from explorer.queries.db import sql
from indexer.models import Revision

MOST = 1_000
"""Records of a block that are counted."""

_OWNER = max(Revision.Kind.values) + 1  # what stands in the place of a kind where the owner changed

_CHANGES = f"""
    SELECT w.chain_id, w.height, v.kind, count(*), min(v.prompt_id), bool_or(v.number > {MOST})
    FROM unnest(%(chains)s::smallint[], %(heights)s::bigint[]) AS w (chain_id, height)
    JOIN indexer_chain h ON h.id = w.chain_id
    CROSS JOIN LATERAL (
        SELECT kind, prompt_id, row_number() OVER (ORDER BY position, prompt_id) AS number
        FROM indexer_revision
        WHERE chain_id = h.id AND generation = h.generation
          AND position >= w.height << 20 AND position < (w.height + 1) << 20
        ORDER BY position, prompt_id LIMIT {MOST + 1}
    ) v
    GROUP BY w.chain_id, w.height, v.kind
    UNION ALL
    SELECT w.chain_id, w.height, {_OWNER}, count(*), NULL, false
    FROM unnest(%(chains)s::smallint[], %(heights)s::bigint[]) AS w (chain_id, height)
    JOIN indexer_chain h ON h.id = w.chain_id
    JOIN indexer_owner k ON k.chain_id = h.id AND k.generation = h.generation
        AND k.position >= w.height << 20 AND k.position < (w.height + 1) << 20
    GROUP BY w.chain_id, w.height ORDER BY 1, 2, 3
"""


class Did(Enum):
    """What was done to a record, or to who may write."""

    WROTE = "wrote"
    EDITED = "edited"
    DELETED = "deleted"
    BATCH_DELETED = "batch-deleted"
    CHANGED_OWNER = "changed-owner"

    @property
    def verb(self) -> str:
        """How a sentence says what was done to a record; ``how`` follows the record."""
        return Did.DELETED.value if self is Did.BATCH_DELETED else self.value

    @property
    def how(self) -> str:
        """In what way, where that is to be said."""
        return " in a batch" if self is Did.BATCH_DELETED else ""


_DID = {
    Revision.Kind.ADD.value: Did.WROTE,
    Revision.Kind.UPDATE.value: Did.EDITED,
    Revision.Kind.DELETE.value: Did.DELETED,
    Revision.Kind.BATCH_DELETE.value: Did.BATCH_DELETED,
    _OWNER: Did.CHANGED_OWNER,
}


@dataclass(frozen=True, slots=True)
class Deed:
    """What a block did, and how often; ``prompt_id`` is that of the record with the lowest one, None where
    it was done to none.

    Where not ``is_exact`` it is at least so many: of a block with more than ``MOST`` revisions the first are
    counted.
    """

    did: Did
    count: int
    prompt_id: int | None
    is_exact: bool


@dataclass(frozen=True, slots=True)
class BlockAt:
    """Where a block is."""

    chain_id: int
    height: int


def deeds_of(chain_id: int, heights: Sequence[int]) -> Mapping[int, Sequence[Deed]]:
    """What each of these blocks did, by its height; none of what did nothing of that. One query."""
    found = deeds_at([BlockAt(chain_id, each) for each in heights])
    return {place.height: deeds for place, deeds in found.items()}


def deeds_at(places: Sequence[BlockAt]) -> Mapping[BlockAt, Sequence[Deed]]:
    """The same of blocks of several chains, by where they are."""
    asked = {"chains": [each.chain_id for each in places], "heights": [each.height for each in places]}
    rows = sql.rows(_CHANGES, asked) if places else []
    cut = {BlockAt(chain_id, height) for chain_id, height, *_, is_cut in rows if is_cut}
    found: dict[BlockAt, list[Deed]] = {}
    for chain_id, height, kind, count, prompt_id, is_cut in rows:
        place = BlockAt(chain_id, height)
        told = count - 1 if is_cut else count
        if told:
            is_exact = prompt_id is None or place not in cut
            found.setdefault(place, []).append(Deed(_DID[kind], told, prompt_id, is_exact))
    return found
