"""The records that a query line finds in several chains, as a walk through these without one gives them."""

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace

from django.db import OperationalError
from psycopg.errors import QueryCanceled

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.filters import FEW, Condition
from explorer.queries.db.kinds import LARGEST
from explorer.queries.db.pagination import Key
from explorer.queries.lists import walk as walking
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.lanes import BY_POSITION, Lanes, Sort, Way, lanes_of
from explorer.queries.lists.search import finding
from explorer.queries.lists.search.asked import Asked, asked_of
from explorer.queries.lists.search.deadline import Bounded, Deadline, OutOfTime, bounded
from explorer.queries.lists.search.finding import COUNTED, SIZES, Matches, Part, Sizes
from explorer.queries.lists.search.known import known_of
from explorer.queries.lists.walk import SECONDS, Clock, Found, Trail, Walk, merged, stopped
from explorer.search.tree import EVERYTHING, Clause, Named, Node, Source, all_of

_TIMES = """
    SELECT w.position, b.timestamp FROM unnest(%(positions)s::bigint[]) AS w (position)
    JOIN indexer_block b ON b.chain_id = %(chain)s AND b.height = w.position >> 20
"""
COUNT_SECONDS = 0.03
"""Seconds that counting takes at most, beyond what a page has found."""

_ALL_OF_FEW = Sizes(first=(FEW + 1,), are_few=True)
_SHARE_BACK = 0.1  # of the time, to learn whether there is a page before
_SHARE_OF_LANES = 0.2  # of what is left of it, to learn which records of a chain are few

Starts = Sequence[tuple[ChainView, Key | None]]


@dataclass(frozen=True, slots=True)
class Line:
    """What is asked: the query line, and the fields beside it."""

    tree: Node
    only: Sequence[Condition] = ()

    def of(self, chains: Sequence[ChainView], statements: Bounded) -> Sequence[Asked]:
        """The same of each of these chains. Raises ``OutOfTime`` where what it names is not found in time."""
        known = known_of(self.tree, chains, statements.rows)
        return [asked_of(each, self.tree, self.only, known) for each in chains]


def line_of(wanted: RecordFilter) -> Line:
    """What a filter asks: its line, with the names beside it as clauses, for which units have lexemes."""
    names = {"model": wanted.model, "provider": wanted.provider}
    named = [Clause(key, Named(name)) for key, name in names.items() if name is not None]
    tree = all_of([wanted.q or EVERYTHING, *named], Source())
    return Line(tree, replace(wanted, model=None, provider=None).conditions())


class Unsearched(OperationalError):
    """No chain could be searched in time: told as a statement is that takes too long."""


def check_searched(rows: Sequence[object], searched_to: Sequence[object]) -> None:
    """Raises ``Unsearched`` where time was up before any row was found, which is not to say there is none."""
    if searched_to and not rows:
        raise Unsearched("time was up before any was found") from QueryCanceled()


def walk(
    starts: Starts,
    line: Line,
    way: Way,
    *,
    clock: Clock = time.monotonic,
    until: Deadline | None = None,
) -> Walk:
    """The records that the line finds, beyond a key of each chain. Chains have equal shares of the time: that
    of a list, or by position ``until`` a moment.

    Raises ``Unsearched``.
    """
    chains = [chain for chain, _ in starts]
    if way.sort != BY_POSITION:
        with bounded(_until(clock)) as statements:
            of_each = _asked(line, chains, statements)
        return _combined(
            [_changed(each, key, way, clock) for each, (_, key) in zip(of_each, starts, strict=True)], way
        )
    with bounded(until or _until(clock)) as statements:
        of_each = _asked(line, chains, statements)
        asked = [
            (each, key) for each, (_, key) in zip(of_each, starts, strict=True) if not each.is_impossible
        ]
        lanes = {each.chain.id: _lanes(each, statements) for each, _ in asked}
        searched = _all_searched(asked, lanes, way, statements)
    trails = [
        _trail(searched[chain.id], lanes[chain.id], key, way)
        if chain.id in searched
        else Trail(chain, _NONE, key)
        for chain, key in starts
    ]
    if searched and all(each.is_unsearched for each in searched.values()):
        raise Unsearched("no chain could be searched in time") from QueryCanceled()
    return _combined(trails, way)


def count(
    chains: Sequence[ChainView], line: Line, sort: Sort = BY_POSITION, *, clock: Clock = time.monotonic
) -> tuple[int, bool]:
    """How many records the line finds, up to one more than ``COUNTED``, and whether that is all of them."""
    with bounded(_until_counted(clock)) as statements:
        try:
            of_each = line.of(chains, statements)
        except OutOfTime:
            return 0, False
        if sort == BY_POSITION:
            asked = [each for each in of_each if not each.is_impossible]
            lanes = [(each, _lanes(each, statements)) for each in asked]
            begun = [
                _Searched(each, _part(of), Matches([], is_exhausted=False, counted=of.fit))
                for each, of in lanes
            ]
            return _count(begun, statements, is_downwards=True)
    return _counted([_changes(each, sort) for each in of_each])


def count_on(begun: Walk, way: Way, *, clock: Clock = time.monotonic) -> tuple[int, bool]:
    """The same where a page from an end of the chains has found the first of them: from there on."""
    searched = [each.searched for each in begun.trails if isinstance(each, SearchTrail)]
    with bounded(_until_counted(clock)) as statements:
        return _count(searched, statements, is_downwards=way.is_downwards)


def _count(chains: Sequence["_Searched"], statements: Bounded, *, is_downwards: bool) -> tuple[int, bool]:
    """Matches of these chains, of which some were found; chains that go on have equal shares of the time."""
    counted, left = [], sum(each.goes_on for each in chains)
    for each in chains:
        value, is_exact = len(each.found.positions), each.found.is_exhausted
        if each.found.counted is not None:
            value, is_exact = each.found.counted, each.found.counted <= COUNTED
        elif each.goes_on:
            more = finding.count(each.asked, each.onwards(is_downwards), statements.share(left))
            value, is_exact = value + more.value, more.is_exact
            left -= 1
        counted.append((value, is_exact))
    return _counted(counted)


def _changes(asked: Asked, sort: Sort) -> tuple[int, bool]:
    if asked.is_impossible:
        return 0, True
    return walking.count([asked.chain], [*asked.of_record, asked.condition], sort)


def _counted(counted: Sequence[tuple[int, bool]]) -> tuple[int, bool]:
    total = sum(value for value, _ in counted)
    return min(total, COUNTED + 1), total <= COUNTED and all(is_exact for _, is_exact in counted)


@dataclass(frozen=True, slots=True)
class _Searched:
    """What was ``found`` of a part of one chain."""

    asked: Asked
    part: Part
    found: Matches
    has_behind: bool = False

    @property
    def is_unsearched(self) -> bool:
        """Whether no part of it was searched."""
        return not self.found.is_exhausted and self.found.searched_to is None

    @property
    def goes_on(self) -> bool:
        """Whether there is more to count."""
        is_known = self.found.is_exhausted or self.found.counted is not None
        return not is_known and len(self.found.positions) <= COUNTED

    def onwards(self, is_downwards: bool) -> Part:
        """What is to be counted yet. What a walk does not find is not walked for again."""
        sizes = replace(self.part.sizes, first=()) if self.found.are_rare else self.part.sizes
        rows = COUNTED + 1 - len(self.found.positions)
        start = self.found.searched_to
        return replace(self.part, rows=rows, is_downwards=is_downwards, start=start, sizes=sizes)


@dataclass(slots=True, kw_only=True)
class SearchTrail(Trail):
    """How far a chain was searched."""

    searched: _Searched


def _asked(line: Line, chains: Sequence[ChainView], statements: Bounded) -> Sequence[Asked]:
    """What the line asks of each chain. Raises ``Unsearched``."""
    try:
        return line.of(chains, statements)
    except OutOfTime:
        raise Unsearched("what the line names was not found in time") from QueryCanceled()


def _all_searched(
    asked: Sequence[tuple[Asked, Key | None]], lanes: Mapping[int, Lanes], way: Way, statements: Bounded
) -> Mapping[int, _Searched]:
    """Each chain beyond its key, with an equal share of the time. Those for which that was too little are
    searched once more, with what the others left.
    """
    searched: dict[int, _Searched] = {}
    again = asked
    while again:
        for left, (each, key) in zip(range(len(again), 0, -1), again, strict=True):
            of = statements.share(left)
            searched[each.chain.id] = _search(each, lanes[each.chain.id], key, way, of)
        late = [(each, key) for each, key in again if searched[each.chain.id].is_unsearched]
        again = late if again is asked and len(late) < len(asked) else []
    return searched


def _search(asked: Asked, lanes: Lanes, key: Key | None, way: Way, statements: Bounded) -> _Searched:
    """One chain by position."""
    start = None if key is None else key[0]
    part = replace(_part(lanes), rows=way.rows, is_downwards=way.is_downwards, start=start)
    has_behind = way.looks_back and start is not None and _has_behind(asked, part, start, statements)
    found = finding.search(asked, part, statements)
    if lanes.fit is not None:
        found = replace(found, counted=lanes.fit)
    return _Searched(asked, part, found, has_behind)


def _part(lanes: Lanes) -> Part:
    """All of a chain that these lanes hold."""
    return Part(rows=0, lanes=lanes.lanes, sizes=_ALL_OF_FEW if lanes.are_few else SIZES)


def _trail(searched: _Searched, lanes: Lanes, key: Key | None, way: Way) -> Trail:
    chain, found = searched.asked.chain, searched.found
    at = searched.part.first if found.searched_to is None else found.searched_to
    times = _times(chain, found, at)
    is_begun = at in times or not searched.is_unsearched
    before_all = LARGEST if way.is_downwards else -LARGEST
    edge = Found(chain.id, (at,), times.get(at, 0 if is_begun else before_all))
    return SearchTrail(
        chain,
        lanes,
        key,
        [Found(chain.id, (each,), times.get(each, 0)) for each in found.positions],
        None if found.is_exhausted else edge,
        searched.has_behind,
        is_begun,
        searched=searched,
    )


def _until(clock: Clock) -> Deadline:
    return Deadline.within(SECONDS, clock, soon=walking.SOON)


def _until_counted(clock: Clock) -> Deadline:
    return Deadline.within(COUNT_SECONDS, clock)


_NONE = Lanes(("false",), "", "")


def _lanes(asked: Asked, statements: Bounded) -> Lanes:
    """What of the chain is looked at: few records, or those that an index gives in order; all where it takes
    too long to learn which are few.
    """
    narrow = any(each.lanes or each.few for each in asked.of_record)
    with suppress(OutOfTime), statements.limited(_SHARE_OF_LANES) if narrow else nullcontext():
        lanes = lanes_of([asked.chain], asked.of_record, BY_POSITION, is_probed=True)[asked.chain.id]
        return replace(lanes, fit=None) if asked.has_words else lanes
    return lanes_of([asked.chain], (), BY_POSITION)[asked.chain.id]


def _has_behind(asked: Asked, part: Part, start: int, statements: Bounded) -> bool:
    """Whether a match lies on the other side of where the page begins, or may."""
    before = start - 1 if part.is_downwards else start + 1
    other = Part(rows=1, is_downwards=not part.is_downwards, start=before, lanes=part.lanes, sizes=part.sizes)
    found = finding.search(asked, other, statements.share(1 / _SHARE_BACK))
    return bool(found.positions) or not found.is_exhausted


def _times(chain: ChainView, found: Matches, at: int) -> Mapping[int, int]:
    """When the blocks of these positions were made; of those that are here."""
    rows = sql.rows(_TIMES, {"chain": chain.id, "positions": list({*found.positions, at})})
    return {row[0]: row[1] for row in rows}


def _changed(asked: Asked, key: Key | None, way: Way, clock: Clock) -> Trail:
    """One chain by its newest changes, of which each is looked at."""
    if asked.is_impossible:
        return Trail(asked.chain, _NONE, key)
    conditions = [*asked.of_record, asked.condition]
    (trail,) = walking.walk([(asked.chain, key)], conditions, way, clock=clock).trails
    return trail


def _combined(trails: Sequence[Trail], way: Way) -> Walk:
    """Chains merged; where one was not searched to the end of the page, how far each was."""
    found, is_stuck = merged(trails, way)
    kept = found[: way.rows - 1]
    if not is_stuck:
        return Walk(trails, kept, len(found) >= way.rows, ())
    return Walk(trails, kept, False, stopped(trails, way, kept))
