"""Where a list that was walked goes on: of each chain a place, which one cursor holds together.

So a chain that is followed since the first page was asked for is in no page that follows it, and one that is
here no more is left out; neither moves the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.kinds import LARGEST
from explorer.queries.db.pagination import BELOW_ALL, Key, Order, PageRequest
from explorer.queries.lists.lanes import Way
from explorer.queries.lists.walk import Found, Trail, Walk
from indexer.dapp.replay import height_of
from indexer.postchain.times import moment


@dataclass(frozen=True, slots=True)
class Searched:
    """How far a chain was searched when time was up: to the block at this height, and its time. None where it
    was not searched at all.
    """

    chain: ChainView
    height: int | None
    at: datetime | None


def begun(
    chains: Sequence[ChainView], request: PageRequest, by: Order
) -> tuple[Mapping[int, Key], Sequence[ChainView]]:
    """Where each chain begins, and those of which a cursor holds a place: all where there is none. Raises
    ``BadQuestion`` where none of these is here.
    """
    key = request.key(by)
    if key is None:
        return {}, chains
    start = by.parts(key)
    of = [each for each in chains if each.id in start]
    if not of:
        raise BadQuestion("No chain of this cursor is here any more: begin at the first page.")
    return start, of


def onwards(trail: Trail, found: Walk, way: Way) -> Key:
    """Beyond what of a chain the next page begins: the last that is shown, or that was looked at in vain."""
    shown = _shown(trail, found)
    if trail.edge is not None and len(shown) == len(trail.found):
        return trail.edge.key
    return shown[-1].key if shown else _start(trail, way)


def back(trail: Trail, found: Walk, way: Way) -> Key:
    """Beyond what of a chain the page before begins: the first that is shown, or where this one began."""
    shown = _shown(trail, found)
    if shown:
        return shown[0].key
    *higher, last = _start(trail, way)
    return (*higher, last - 1 if way.is_downwards else last + 1)


def together(places: Iterable[tuple[int, Key]]) -> Key:
    """The places of chains, each after the chain's id, as a cursor holds them."""
    return tuple(number for chain_id, key in places for number in (chain_id, *key))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The pages on both sides of one; None at an end."""

    newer: PageRequest | None
    older: PageRequest | None


def neighbours(found: Walk, request: PageRequest, *, by: Order, onwards: Key, back: Key) -> Neighbours:
    """The pages beside the one that was walked, which go on from these places."""
    downwards = request.is_downwards
    has_more = found.is_cut or bool(found.stopped)
    has_behind = any(each.has_behind for each in found.trails)
    further = request.going_on(onwards, by=by, is_downwards=downwards) if has_more else None
    behind = request.going_on(back, by=by, is_downwards=not downwards) if has_behind else None
    return Neighbours(behind, further) if downwards else Neighbours(further, behind)


def merged_neighbours(found: Walk, request: PageRequest, way: Way, *, by: Order) -> Neighbours:
    """The same where a cursor holds a place for each chain."""
    return neighbours(
        found,
        request,
        by=by,
        onwards=together((each.chain.id, onwards(each, found, way)) for each in found.trails),
        back=together((each.chain.id, back(each, found, way)) for each in found.trails),
    )


def searched(found: Walk) -> Sequence[Searched]:
    """To where each chain was looked through that was not looked through to its end."""
    trails = {each.chain.id: each for each in found.trails}
    return [_searched_to(trails[each.chain_id], each) for each in found.stopped]


def _searched_to(trail: Trail, stopped: Found) -> Searched:
    if not trail.is_begun:
        return Searched(trail.chain, None, None)
    return Searched(trail.chain, height_of(stopped.key[0]), moment(stopped.timestamp))


def _shown(trail: Trail, found: Walk) -> Sequence[Found]:
    return [each for each in found.found if each.chain_id == trail.chain.id]


def _start(trail: Trail, way: Way) -> Key:
    if trail.key is not None:
        return trail.key
    return (LARGEST if way.is_downwards else BELOW_ALL,) * len(way.sort.columns)
