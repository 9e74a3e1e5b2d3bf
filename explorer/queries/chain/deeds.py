"""What blocks did to records: how many they wrote, edited and deleted, and which where it is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from explorer.queries.db import sql
from explorer.queries.db.sql import GENERATION
from indexer.models import Revision

MOST = 1_000
"""Records of a block that are counted."""

_CHANGES = f"""
    SELECT w.height, v.kind, count(*), min(v.prompt_id), bool_or(v.number > {MOST})
    FROM unnest(%(heights)s::bigint[]) AS w (height)
    CROSS JOIN LATERAL (
        SELECT kind, prompt_id, row_number() OVER (ORDER BY position, prompt_id) AS number
        FROM indexer_revision
        WHERE chain_id = %(chain)s AND generation = {GENERATION}
          AND position >= w.height << 20 AND position < (w.height + 1) << 20
        ORDER BY position, prompt_id LIMIT {MOST + 1}
    ) v
    GROUP BY w.height, v.kind ORDER BY w.height, v.kind
"""


class Did(Enum):
    """What was done to a record."""

    WROTE = "wrote"
    EDITED = "edited"
    DELETED = "deleted"
    BATCH_DELETED = "batch-deleted"


_DID = {
    Revision.Kind.ADD.value: Did.WROTE,
    Revision.Kind.UPDATE.value: Did.EDITED,
    Revision.Kind.DELETE.value: Did.DELETED,
    Revision.Kind.BATCH_DELETE.value: Did.BATCH_DELETED,
}


@dataclass(frozen=True, slots=True)
class Deed:
    """What a block did, and how often; ``prompt_id`` is that of the record with the lowest one.

    Where not ``is_exact`` it is at least so many: of a block with more than ``MOST`` revisions the first are
    counted.
    """

    did: Did
    count: int
    prompt_id: int
    is_exact: bool


def deeds_of(chain_id: int, heights: Sequence[int]) -> Mapping[int, Sequence[Deed]]:
    """What each of these blocks did, by its height; none of what did nothing to a record. One query."""
    rows = sql.rows(_CHANGES, {"chain": chain_id, "heights": list(heights)}) if heights else []
    cut = {height for height, *_, is_cut in rows if is_cut}
    found: dict[int, list[Deed]] = {}
    for height, kind, count, prompt_id, is_cut in rows:
        told = count - 1 if is_cut else count
        if told:
            found.setdefault(height, []).append(Deed(_DID[kind], told, prompt_id, height not in cut))
    return found
