"""The blocks of all chains in one list, merged by their times: each chain in its own order, by its index."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from explorer.queries.chain.block_filter import BlockFilter
from explorer.queries.chain.blocks import LISTED, BlockRow, row_of
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.deeds import BlockAt, deeds_at
from explorer.queries.db import sql
from explorer.queries.db.pagination import Key, Order, Page, PageRequest, within
from explorer.queries.lists.lanes import Lanes, Sort, Way
from explorer.queries.lists.places import begun, merged_neighbours
from explorer.queries.lists.walk import Found, Trail, Walk, merged

_EVERY = BlockFilter()
_SORT = Sort(("height",), ("true",))
_ALL_OF_THEM = Lanes(_SORT.lanes, "", "")
_BEYOND, _BEHIND = range(2)


@dataclass(frozen=True, slots=True)
class Blocks(Page[BlockRow]):
    """A page of blocks. ``of`` are the chains that are in the list, ``later`` those that are followed since
    its first page was asked for.
    """

    of: Sequence[ChainView]
    later: Sequence[ChainView]


def page(
    chains: Sequence[ChainView],
    wanted: BlockFilter = _EVERY,
    request: PageRequest | None = None,
    *,
    only: str = "",
) -> Blocks:
    """A page of the blocks of these chains that are wanted; of the newest where none is asked for. ``only``
    is the RID of the one chain that is asked for, where it is but one: a cursor goes on with that.
    """
    request = request or PageRequest()
    every = sorted(chains, key=lambda each: each.id)
    by = Order((), of=_named(wanted, only), each=("chain", *_SORT.columns))
    start, of = begun(every, request, by)
    way = Way(_SORT, request.is_downwards, request.limit + 1, looks_back=request.both_ways)
    trails = [Trail(each, _ALL_OF_THEM, start.get(each.id)) for each in of]
    rows = _read(trails, wanted, way)
    found, _ = merged(trails, way)
    walked = Walk(trails, found[: request.limit], len(found) > request.limit, ())
    beside = merged_neighbours(walked, request, way, by=by)
    shown = _with_deeds([BlockAt(each.chain_id, each.key[0]) for each in walked.found], rows)
    return Blocks(
        rows=shown if request.is_downwards != request.oldest_first else shown[::-1],
        newer=beside.newer,
        older=beside.older,
        of=of,
        later=[each for each in every if each not in of],
    )


def _named(wanted: BlockFilter, rid: str) -> str:
    """What a cursor goes on with and nothing else: of the chain with this RID, or of all."""
    return "\0".join(["blocks", rid, *(f"{name}={word}" for name, word in wanted.words().items())])


def _read(trails: Sequence[Trail], wanted: BlockFilter, way: Way) -> dict[BlockAt, BlockRow]:
    """Go along each of these, as far as the page may go; one query. Their rows, by where they are."""
    statements = [each for trail in trails for each in _statements(trail, wanted, way)]
    read = sql.rows(" UNION ALL ".join(statements), wanted.condition().parameters) if statements else []
    of = {each.chain.id: each for each in trails}
    rows: dict[BlockAt, BlockRow] = {}
    for chain_id, side, *columns in read:
        trail = of[chain_id]
        if side == _BEHIND:
            trail.has_behind = True
            continue
        row = row_of(trail.chain, *columns)
        trail.found.append(Found(chain_id, (row.height,), row.timestamp))
        rows[BlockAt(chain_id, row.height)] = row
    for trail in trails:
        trail.found.sort(key=lambda each: each.key, reverse=way.is_downwards)
    return rows


def _statements(trail: Trail, wanted: BlockFilter, way: Way) -> Sequence[str]:
    """What comes next of a chain, and the nearest block on the side from which the page was come to."""
    onwards = _statement(trail, wanted, way, _BEYOND)
    is_come_to = trail.key is not None and way.looks_back
    return [onwards, _statement(trail, wanted, way.back, _BEHIND)] if is_come_to else [onwards]


def _statement(trail: Trail, wanted: BlockFilter, way: Way, side: int) -> str:
    listed, by = LISTED[wanted.kind]
    (column,) = by.columns
    of: dict[str, Any] = {"%(chain)s": trail.chain.id, "%(last)s": trail.chain.freshness.height}
    for name, number in of.items():
        listed = listed.replace(name, str(int(number)))
    direction = "DESC" if way.is_downwards else "ASC"
    beyond = _beyond(column, trail.key, way, itself=side == _BEHIND)
    rows = f"{listed}{wanted.condition().sql}{beyond} ORDER BY {column} {direction} LIMIT {way.rows}"
    return f"(SELECT {int(trail.chain.id)}, {side}, s.* FROM ({rows}) s)"


def _beyond(column: str, key: Key | None, way: Way, *, itself: bool) -> str:
    if key is None:
        return ""
    comparison = f"{'<' if way.is_downwards else '>'}{'=' if itself else ''}"
    return f" AND {column} {comparison} CAST('{within(key[0])}' AS bigint)"


def _with_deeds(places: Sequence[BlockAt], rows: dict[BlockAt, BlockRow]) -> Sequence[BlockRow]:
    """The rows at these places, each with what its block did to records; one query."""
    deeds = deeds_at([each for each in places if rows[each].transactions])
    return [replace(rows[each], deeds=deeds.get(each, ())) for each in places]
