"""The list of records, of one chain or of all: a page of it, and its newest.

In the list of one chain by position one goes on from a position; in any other one from a cursor that holds a
place for each chain (``explorer.queries.lists.places``).

By how well they match come the newest 1,000 matches: a cursor holds the end from which they count, and how
many they are, so that those that come meanwhile shift nothing.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.pagination import Key, Order, Page, PageRequest
from explorer.queries.db.sql import GENERATION
from explorer.queries.lists.counting import Begun, Count, counted
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.lanes import BY_POSITION, Sort, Way, by_change
from explorer.queries.lists.places import (
    Neighbours,
    Searched,
    back,
    begun,
    merged_neighbours,
    neighbours,
    onwards,
    together,
)
from explorer.queries.lists.places import searched as searched_to
from explorer.queries.lists.search import ranking
from explorer.queries.lists.search.indexed import WordsTo, behind
from explorer.queries.lists.search.matches import matches
from explorer.queries.lists.search.ranking import Best
from explorer.queries.lists.search.walking import Unsearched, line_of
from explorer.queries.lists.search.walking import walk as searched
from explorer.queries.lists.walk import Clock, Walk, walk
from explorer.queries.records.row import Place, RecordRow
from explorer.queries.records.rows import read_rows, read_those
from explorer.queries.records.states import NUMBERS, Status
from explorer.search.tree import Text, leaves
from indexer.dapp.replay import position_of

_RANKED = ("compared", "score", "timestamp", "chain", "position")
_ALL = RecordFilter()
_OF_CHAIN = f"SELECT r.* FROM indexer_record r WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION}"

_NAMED = """
    SELECT r.* FROM unnest(%(chains)s::smallint[], %(ids)s::bigint[]) AS w (chain_id, prompt_id)
    JOIN indexer_chain h ON h.id = w.chain_id
    JOIN indexer_record r
      ON r.chain_id = h.id AND r.generation = h.generation AND r.prompt_id = w.prompt_id
"""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Of how many of the newest matches those of a page are the best. ``rest`` is the list of those that are
    older, the newest first; None where there are none. ``is_late`` is whether time was up before all that
    were found were compared.
    """

    value: int
    rest: PageRequest | None
    is_late: bool = False

    @property
    def is_all(self) -> bool:
        """Whether these are all that match."""
        return self.rest is None


@dataclass(frozen=True, slots=True)
class Records(Page[RecordRow]):
    """A page of records. ``searched_to`` is where time ran out before the page was full, of each chain that
    was not searched through; empty otherwise. ``words_to`` is, where words are asked for, each chain whose
    words are not all indexed: what was said later is not searched yet.

    ``of`` are the chains that are in the list, ``later`` those that are followed since its first page was
    asked for. ``ranking`` is there where it is sorted by how well its records match. ``walk`` is what was
    gone through for it.
    """

    searched_to: Sequence[Searched] = ()
    words_to: Sequence[WordsTo] = ()
    walk: Walk | None = None
    of: Sequence[ChainView] = ()
    later: Sequence[ChainView] = ()
    ranking: Ranking | None = None


def page(
    chain: ChainView,
    wanted: RecordFilter = _ALL,
    request: PageRequest | None = None,
    *,
    clock: Clock = time.monotonic,
) -> Records:
    """A page of the records of a chain that are wanted; of the newest where none is asked for."""
    request = request or PageRequest()
    sort = sort_of(wanted, changed_first=request.changed_first)
    by = Order(tuple(f"r.{each}" for each in sort.columns), of=_named(wanted, chain.rid))
    if request.best_first:
        found = _best([chain], wanted, request, newest=by, clock=clock)
    else:
        walked = _walked([(chain, request.key(by))], wanted, request, sort, clock)
        (trail,) = walked.trails
        way = _way(sort, request)
        ends = {"onwards": onwards(trail, walked, way), "back": back(trail, walked, way)}
        found = _page(walked, request, neighbours(walked, request, by=by, **ends))
    return _told(found, [chain], wanted)


def page_of_all(
    chains: Sequence[ChainView],
    wanted: RecordFilter = _ALL,
    request: PageRequest | None = None,
    *,
    only: str = "",
    clock: Clock = time.monotonic,
) -> Records:
    """The same of several chains, merged by the times of their blocks. ``only`` is the RID of the one chain
    that is asked for, where it is but one: a cursor goes on with that.
    """
    request = request or PageRequest()
    every = sorted(chains, key=lambda each: each.id)
    sort = sort_of(wanted, changed_first=request.changed_first)
    by = Order((), of=_named(wanted, only), each=("chain", *sort.columns))
    if request.best_first:
        found = _best(every, wanted, request, newest=by, clock=clock)
    else:
        start, of = begun(every, request, by)
        walked = _walked([(each, start.get(each.id)) for each in of], wanted, request, sort, clock)
        beside = merged_neighbours(walked, request, _way(sort, request), by=by)
        found = replace(_page(walked, request, beside), of=of)
    return _told(found, every, wanted)


def count(chains: Sequence[ChainView], wanted: RecordFilter, request: PageRequest, found: Records) -> Count:
    """How many records are wanted in all; without a query where this page holds all of them, and where time
    ran out for finding them without words: counting would take as long again, and end no further.
    """
    if found.searched_to and wanted.q is None:
        return Count(len(found.rows), is_exact=False)
    is_all = not (found.newer or found.older or found.searched_to)
    if found.ranking is not None:
        is_all = found.ranking.is_all
    if is_all and not request.words:
        value = len(found.rows) if found.ranking is None else found.ranking.value
        return Count(value, is_exact=not found.words_to)
    sort = sort_of(wanted, changed_first=request.changed_first)
    begins = None if request.words or found.walk is None else Begun(found.walk, _way(sort, request))
    every = counted(chains, wanted, sort, begins)
    if not every.is_exact:
        every = replace(
            every, value=max(every.value, len(found.rows))
        )  # as many as this page holds, at least
    return replace(every, is_exact=every.is_exact and not found.words_to)


def latest(chains: Sequence[ChainView], *, count: int = 10) -> Sequence[RecordRow]:
    """The newest records of these chains, newest first."""
    statement = " UNION ALL ".join(_newest_of(each, count) for each in chains)
    rows = read_those(statement, {}) if chains else []
    return sorted(rows, key=lambda row: (row.block_at, row.chain, row.position), reverse=True)[:count]


def latest_and_edited(
    chain: ChainView, *, count: int = 10
) -> tuple[Sequence[RecordRow], Sequence[RecordRow]]:
    """The newest records of a chain, and the newest of those that were edited, newest first; as ``latest``
    gives them, in one query.
    """
    edited = f" AND r.status = {NUMBERS[Status.EDITED]}"
    rows = read_those(f"{_newest_of(chain, count)} UNION ALL {_newest_of(chain, count, edited)}", {})
    newest = sorted(rows, key=lambda row: row.position, reverse=True)
    of_each = (newest, [each for each in newest if each.status is Status.EDITED])
    latest, changed = (
        sorted(each[:count], key=lambda row: (row.block_at, row.position), reverse=True) for each in of_each
    )
    return latest, changed


def _newest_of(chain: ChainView, count: int, only: str = "") -> str:
    newest = f"({_OF_CHAIN}{only} ORDER BY r.position DESC LIMIT {count})"
    return newest.replace("%(chain)s", str(int(chain.id)))


def named(found: Iterable[tuple[ChainView, int]]) -> Mapping[tuple[bytes, int], RecordRow]:
    """The records with these prompt ids, by their chain's RID and their id; those that there are."""
    asked = list(found)
    if not asked:
        return {}
    of = {"chains": [chain.id for chain, _ in asked], "ids": [prompt_id for _, prompt_id in asked]}
    return {(row.chain, row.prompt_id): row for row in read_those(_NAMED, of)}


def sort_of(wanted: RecordFilter, *, changed_first: bool) -> Sort:
    """What sorts a list of what is wanted: when records were written, or when they changed last."""
    if not changed_first:
        return BY_POSITION
    return by_change() if wanted.status is None else by_change([NUMBERS[wanted.status]])


def _named(wanted: RecordFilter, rid: str) -> str:
    """What a cursor goes on with and nothing else: of the chain with this RID, or of all."""
    asked = (f"{name}={word}" for name, word in wanted.words().items())
    return "\0".join(["records", rid, *asked])


def _walked(
    starts: Sequence[tuple[ChainView, Key | None]],
    wanted: RecordFilter,
    request: PageRequest,
    sort: Sort,
    clock: Clock,
) -> Walk:
    way = _way(sort, request)
    if wanted.q is not None:
        return searched(starts, line_of(wanted), way, clock=clock)
    return walk(starts, wanted.conditions(), way, clock=clock)


def _way(sort: Sort, request: PageRequest) -> Way:
    return Way(sort, request.is_downwards, request.limit + 1, looks_back=request.both_ways)


def _page(found: Walk, request: PageRequest, beside: Neighbours) -> Records:
    rows = read_rows([each.place for each in found.found])
    return Records(
        rows=rows if request.is_downwards != request.oldest_first else rows[::-1],
        newer=beside.newer,
        older=beside.older,
        searched_to=searched_to(found),
        walk=found,
    )


def _words_to(chains: Sequence[ChainView], wanted: RecordFilter) -> Sequence[WordsTo]:
    """The chains whose words are not all indexed, where any are asked for."""
    has_words = wanted.q is not None and any(isinstance(each, Text) for each in leaves(wanted.q))
    return behind(chains) if has_words else ()


def _best(
    chains: Sequence[ChainView], wanted: RecordFilter, request: PageRequest, *, newest: Order, clock: Clock
) -> Records:
    """A page of the newest matches of these chains by how well they match. ``newest`` is how the same list is
    gone on with that has the newest first.
    """
    why = wanted.unordered(request.order)
    if wanted.q is None or why is not None:
        raise BadQuestion(f"order {request.order} {why}.")
    by = Order(_RANKED, of=newest.of, each=("chain", "position"))
    start, listed = begun(chains, request, by)
    begins = {each.id: start.get(each.id, (position_of(each.freshness.height + 1, 0),)) for each in listed}
    key = request.key(by)
    most = ranking.MOST if key is None else min(max(key[0], 1), ranking.MOST)
    starts = [(each, begins[each.id]) for each in listed]
    line = line_of(wanted)
    found = ranking.best(starts, line, most=most, soon=ranking.SOON if key is None else None, clock=clock)
    if key is not None and len(found.ranked) < most and not found.is_all:
        raise Unsearched("what was compared for the first page was not compared again in time")
    part = _part(found, key, request)
    ends = together(begins.items())

    def going_on(at: int, *, is_downwards: bool) -> PageRequest:
        compared = len(found.ranked) if key is None else most
        beyond = found.ranked[at].key if at < len(found.ranked) or key is None else key[1 : len(_RANKED)]
        return request.going_on((compared, *beyond, *ends), by=by, is_downwards=is_downwards)

    return Records(
        rows=read_rows([found.ranked[at].place for at in part]),
        newer=going_on(part.start, is_downwards=False) if part.start else None,
        older=going_on(part.stop - 1, is_downwards=True) if part.stop < len(found.ranked) else None,
        searched_to=searched_to(found.walk),
        walk=found.walk,
        of=listed,
        ranking=Ranking(len(found.ranked), _rest(found, request, newest), found.is_late),
    )


def _part(found: Best, key: Key | None, request: PageRequest) -> range:
    """Which of the ranked matches are on the page."""
    keys = [each.key for each in found.ranked]
    if key is None:
        first = 0
    elif request.is_downwards:
        first = sum(each >= key[1 : len(_RANKED)] for each in keys)
    else:
        first = max(0, sum(each > key[1 : len(_RANKED)] for each in keys) - request.limit)
    return range(first, min(first + request.limit, len(keys)))


def _rest(found: Best, request: PageRequest, newest: Order) -> PageRequest | None:
    """The list of what is older than all that was compared; None where there is nothing."""
    if found.is_all:
        return None
    begin = replace(request.from_the_start(), best_first=False)
    way = _way(BY_POSITION, begin)
    places = [(each.chain.id, onwards(each, found.walk, way)) for each in found.walk.trails]
    key = together(places) if newest.each else places[0][1]
    return begin.going_on(key, by=newest, is_downwards=True)


def _told(found: Records, chains: Sequence[ChainView], wanted: RecordFilter) -> Records:
    """The same with what is to be said of it, and of its rows."""
    of = found.of or chains
    later = [each for each in chains if each not in of]
    told = replace(found, words_to=_words_to(of, wanted), of=of, later=later)
    return _with_matches(told, of, wanted)


def _with_matches(found: Records, chains: Sequence[ChainView], wanted: RecordFilter) -> Records:
    """The same rows, each with where the words that are asked for stand in it."""
    if wanted.q is None:
        return found
    ids = {each.brid: each.id for each in chains}
    places = [Place(ids[row.chain], row.position) for row in found.rows]
    told = matches(places, wanted.q)
    rows = [replace(row, matches=told.get(place, ())) for row, place in zip(found.rows, places, strict=True)]
    return replace(found, rows=rows)
