"""How many records a list holds: by figures that are kept, where these say it, else counted up to a bound."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.lists import walk
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.lanes import BY_POSITION, Sort, Way
from explorer.queries.lists.search import walking
from explorer.queries.lists.walk import Walk
from explorer.queries.records.states import Status
from indexer.models import Count as Kept
from indexer.models import DerivationCheckpoint

_KEPT = """
    SELECT h.id, d.height, coalesce(max(c.count) FILTER (WHERE c.of = %(records)s), 0),
           coalesce(max(c.count) FILTER (WHERE c.of = %(edited)s), 0),
           coalesce(max(c.count) FILTER (WHERE c.of = %(deleted)s), 0)
    FROM indexer_chain h
    JOIN indexer_derivationcheckpoint d
        ON d.chain_id = h.id AND d.generation = h.generation AND d.name = %(rollups)s
    LEFT JOIN indexer_count c ON c.chain_id = h.id AND c.generation = h.generation
    WHERE h.id = ANY(%(chains)s) GROUP BY h.id, d.height
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many records there are: just so many; where that is not exact, at least so many; where ``is_more``,
    more than so many, which is the most that are counted.
    """

    value: int
    is_exact: bool
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A page from an end of the chains, and the way that it went: counting goes on behind it."""

    walk: Walk
    way: Way


def counted(
    chains: Sequence[ChainView], wanted: RecordFilter, sort: Sort = BY_POSITION, begun: Begun | None = None
) -> Count:
    """How many are wanted: one query, or two or three where no figures are kept of it."""
    if wanted == replace(RecordFilter(), status=wanted.status):
        kept = _kept(chains, wanted.status, sort)
        if kept is not None:
            return Count(kept, is_exact=True)
    if wanted.q is None:
        value, is_exact = walk.count(chains, wanted.conditions(), sort)
    elif begun is None or sort != BY_POSITION:
        value, is_exact = walking.count(chains, walking.line_of(wanted), sort)
    else:
        value, is_exact = walking.count_on(begun.walk, begun.way)
    return up_to_the_bound(value, is_exact)


def up_to_the_bound(value: int, is_exact: bool) -> Count:
    """What was counted up to one more than ``walk.COUNTED``."""
    return Count(min(value, walk.COUNTED), is_exact, is_more=value > walk.COUNTED)


def _kept(chains: Sequence[ChainView], status: Status | None, sort: Sort) -> int | None:
    """The number that is kept; None where it is not of the height that is folded."""
    rows = sql.rows(
        _KEPT,
        {
            "chains": [each.id for each in chains],
            "records": Kept.Of.RECORDS.value,
            "edited": Kept.Of.EDITED.value,
            "deleted": Kept.Of.DELETED.value,
            "rollups": DerivationCheckpoint.Of.ROLLUPS.value,
        },
    )
    heights = {chain_id: height for chain_id, height, *_ in rows}
    if any(heights.get(each.id, -1) < each.freshness.height for each in chains):
        return None
    records, edited, deleted = (int(sum(row[at] for row in rows)) for at in (2, 3, 4))
    every = {Status.LIVE: records - edited - deleted, Status.EDITED: edited, Status.DELETED: deleted}
    if sort != BY_POSITION:
        every[Status.LIVE] = 0
    return sum(every.values()) if status is None else every[status]
