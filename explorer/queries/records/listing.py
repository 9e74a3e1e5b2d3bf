"""The list of records, of one chain or of all: a page of it, its newest, and how many came since.

In the list of one chain by position one goes on from a position; in any other one from a cursor that holds a
place for each chain.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.kinds import LARGEST
from explorer.queries.db.pagination import BELOW_ALL, Key, Order, Page, PageRequest
from explorer.queries.db.sql import GENERATION
from explorer.queries.records.counting import Begun, Count, counted
from explorer.queries.records.filter import RecordFilter
from explorer.queries.records.rows import NUMBERS, Place, RecordRow, read_rows, read_those
from explorer.queries.records.search.indexed import WordsTo, behind
from explorer.queries.records.search.matches import matches
from explorer.queries.records.search.walking import Line
from explorer.queries.records.search.walking import walk as searched
from explorer.queries.records.walk import BY_POSITION, Clock, Found, Sort, Trail, Walk, Way, by_change, walk
from explorer.search.tree import Text, leaves
from indexer.dapp.replay import height_of
from indexer.postchain.times import moment

_MOST_NEW = 1_000
_ALL = RecordFilter()
_OF_CHAIN = f"SELECT r.* FROM indexer_record r WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION}"

_NAMED = """
    SELECT r.* FROM unnest(%(chains)s::smallint[], %(ids)s::bigint[]) AS w (chain_id, prompt_id)
    JOIN indexer_chain h ON h.id = w.chain_id
    JOIN indexer_record r
      ON r.chain_id = h.id AND r.generation = h.generation AND r.prompt_id = w.prompt_id
"""


@dataclass(frozen=True, slots=True)
class Searched:
    """How far a chain was searched when time was up: to the block at this height, and its time. None where it
    was not searched at all.
    """

    chain: ChainView
    height: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Records(Page[RecordRow]):
    """A page of records. ``searched_to`` is where time ran out before the page was full, of each chain that
    was not searched through; empty otherwise. ``words_to`` is, where words are asked for, each chain whose
    words are not all indexed: what was said later is not searched yet. ``walk`` is what
    was gone through for it.
    """

    searched_to: Sequence[Searched] = ()
    words_to: Sequence[WordsTo] = ()
    walk: Walk | None = None


def page(
    chain: ChainView,
    wanted: RecordFilter = _ALL,
    request: PageRequest | None = None,
    *,
    clock: Clock = time.monotonic,
) -> Records:
    """A page of the records of a chain that are wanted; of the newest where none is asked for."""
    request = request or PageRequest()
    sort = _sort(wanted, request)
    by = Order(tuple(f"r.{each}" for each in sort.columns), of=_named([chain], wanted))
    start = request.key(by)
    words_to = _words_to([chain], wanted)
    found = _walked([(chain, start)], wanted, request, sort, clock)
    onwards, back = _onwards(found.trails[0], found, request), _back(found.trails[0], found, request)
    told = replace(_page(found, request, by=by, onwards=onwards, back=back), words_to=words_to)
    return _with_matches(told, [chain], wanted)


def page_of_all(
    chains: Sequence[ChainView],
    wanted: RecordFilter = _ALL,
    request: PageRequest | None = None,
    *,
    clock: Clock = time.monotonic,
) -> Records:
    """The same of several chains, merged by the times of their blocks."""
    request = request or PageRequest()
    chains = sorted(chains, key=lambda each: each.id)
    sort = _sort(wanted, request)
    by = Order(("chain", *sort.columns) * len(chains), of=_named(chains, wanted))
    start = _apart(request.key(by), size=len(sort.columns))
    words_to = _words_to(chains, wanted)
    found = _walked([(each, start.get(each.id)) for each in chains], wanted, request, sort, clock)
    onwards = _together((each.chain.id, _onwards(each, found, request)) for each in found.trails)
    back = _together((each.chain.id, _back(each, found, request)) for each in found.trails)
    told = replace(_page(found, request, by=by, onwards=onwards, back=back), words_to=words_to)
    return _with_matches(told, chains, wanted)


def count(chains: Sequence[ChainView], wanted: RecordFilter, request: PageRequest, found: Records) -> Count:
    """How many records are wanted in all; without a query where this page holds all of them."""
    is_all = not (found.newer or found.older or found.searched_to)
    if is_all and not request.words:
        return Count(len(found.rows), is_exact=not found.words_to)
    sort = _sort(wanted, request)
    begun = None if request.words or found.walk is None else Begun(found.walk, _way(sort, request))
    every = counted(chains, wanted, sort, begun)
    return replace(every, is_exact=every.is_exact and not found.words_to)


def latest(
    chains: Sequence[ChainView], wanted: RecordFilter = _ALL, *, count: int = 10
) -> Sequence[RecordRow]:
    """The newest records that are wanted of these chains, newest first."""
    only = wanted.condition()
    newest = f"({_OF_CHAIN}{only.sql} ORDER BY r.position DESC LIMIT {count})"
    statement = " UNION ALL ".join(newest.replace("%(chain)s", str(each.id)) for each in chains)
    rows = read_those(statement, only.parameters) if chains else []
    return sorted(rows, key=lambda row: (row.block_at, row.chain, row.position), reverse=True)[:count]


def named(found: Iterable[tuple[ChainView, int]]) -> Mapping[tuple[bytes, int], RecordRow]:
    """The records with these prompt ids, by their chain's RID and their id; those that there are."""
    asked = list(found)
    if not asked:
        return {}
    of = {"chains": [chain.id for chain, _ in asked], "ids": [prompt_id for _, prompt_id in asked]}
    return {(row.chain, row.prompt_id): row for row in read_those(_NAMED, of)}


def newer_than(chain: ChainView, position: int) -> int:
    """How many records were written above a position, counted up to 1,000."""
    newest = f"{_OF_CHAIN} AND r.position > %(position)s ORDER BY r.position DESC LIMIT {_MOST_NEW}"
    counted = f"SELECT count(*) FROM ({newest}) AS c"
    ((count,),) = sql.rows(counted, {"chain": chain.id, "position": position})
    return int(count)


def _sort(wanted: RecordFilter, request: PageRequest) -> Sort:
    if not request.changed_first:
        return BY_POSITION
    return by_change() if wanted.status is None else by_change([NUMBERS[wanted.status]])


def _named(chains: Iterable[ChainView], wanted: RecordFilter) -> str:
    """What a cursor goes on with and nothing else."""
    asked = (f"{name}={word}" for name, word in wanted.words().items())
    return "\0".join(["records", *(each.rid for each in chains), *asked])


def _walked(
    starts: Sequence[tuple[ChainView, Key | None]],
    wanted: RecordFilter,
    request: PageRequest,
    sort: Sort,
    clock: Clock,
) -> Walk:
    way = _way(sort, request)
    if wanted.q is not None:
        return searched(starts, Line(wanted.q, wanted.conditions()), way, clock=clock)
    return walk(starts, wanted.conditions(), way, clock=clock)


def _way(sort: Sort, request: PageRequest) -> Way:
    return Way(sort, request.is_downwards, request.limit + 1, looks_back=request.both_ways)


def _page(found: Walk, request: PageRequest, *, by: Order, onwards: Key, back: Key) -> Records:
    downwards = request.is_downwards
    rows = read_rows([each.place for each in found.found])
    has_more = found.is_cut or bool(found.stopped)
    has_behind = any(each.has_behind for each in found.trails)
    further = request.going_on(onwards, by=by, is_downwards=downwards) if has_more else None
    behind = request.going_on(back, by=by, is_downwards=not downwards) if has_behind else None
    return Records(
        rows=rows if downwards != request.oldest_first else rows[::-1],
        newer=behind if downwards else further,
        older=further if downwards else behind,
        searched_to=_searched(found),
        walk=found,
    )


def _words_to(chains: Sequence[ChainView], wanted: RecordFilter) -> Sequence[WordsTo]:
    """The chains whose words are not all indexed, where any are asked for."""
    has_words = wanted.q is not None and any(isinstance(each, Text) for each in leaves(wanted.q))
    return behind(chains) if has_words else ()


def _with_matches(found: Records, chains: Sequence[ChainView], wanted: RecordFilter) -> Records:
    """The same rows, each with where the words that are asked for stand in it."""
    if wanted.q is None:
        return found
    ids = {each.brid: each.id for each in chains}
    places = [Place(ids[row.chain], row.position) for row in found.rows]
    told = matches(places, wanted.q)
    rows = [replace(row, matches=told.get(place, ())) for row, place in zip(found.rows, places, strict=True)]
    return replace(found, rows=rows)


def _searched(found: Walk) -> Sequence[Searched]:
    trails = {each.chain.id: each for each in found.trails}
    return [_searched_to(trails[each.chain_id], each) for each in found.stopped]


def _searched_to(trail: Trail, stopped: Found) -> Searched:
    if not trail.is_begun:
        return Searched(trail.chain, None, None)
    return Searched(trail.chain, height_of(stopped.key[0]), moment(stopped.timestamp))


def _shown(trail: Trail, found: Walk) -> Sequence[Found]:
    return [each for each in found.found if each.chain_id == trail.chain.id]


def _onwards(trail: Trail, found: Walk, request: PageRequest) -> Key:
    """Beyond what of a chain the next page begins: the last that is shown, or that was looked at in vain."""
    shown = _shown(trail, found)
    if trail.edge is not None and len(shown) == len(trail.found):
        return trail.edge.key
    return shown[-1].key if shown else _start(trail, request)


def _back(trail: Trail, found: Walk, request: PageRequest) -> Key:
    """Beyond what of a chain the page before begins: the first that is shown, or where this one began."""
    shown = _shown(trail, found)
    if shown:
        return shown[0].key
    *higher, last = _start(trail, request)
    return (*higher, last - 1 if request.is_downwards else last + 1)


def _start(trail: Trail, request: PageRequest) -> Key:
    if trail.key is not None:
        return trail.key
    return (LARGEST if request.is_downwards else BELOW_ALL,) * (2 if request.changed_first else 1)


def _apart(key: Key | None, *, size: int) -> dict[int, Key]:
    """The places that a cursor holds, by the chain's id."""
    if key is None:
        return {}
    return {key[at]: key[at + 1 : at + 1 + size] for at in range(0, len(key), size + 1)}


def _together(places: Iterable[tuple[int, Key]]) -> Key:
    return tuple(number for chain_id, key in places for number in (chain_id, *key))
