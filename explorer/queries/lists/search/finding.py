"""The first matches in one chain from a position on, by a rule that needs no statistics.

1. Walk 250 records, then 2,500: most that are asked for are found there. Where the first hold none, what is
   asked for may be rare, and the second walk waits for what the index of words says. Where few records can
   fit at all, one walk goes along all of them, and tells how many do.
2. Ask the index of words for units that can hold a match; of up to 1,000 go through all.
3. Of more, go slice by slice from the nearest on: the same within each, or a walk where a slice has more than
   5,000. Where the nearest slices hold too little, go through all others at once, if these are no more.
4. What asks for no word that must be there, and what words take too long to find, is walked.

Each step has what is left of the time, which is a moment once something is found, or where no word must be
there. What is not looked at by then is not said to be missing: ``Matches.searched_to`` says how far was
looked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.queries.lists.search import steps, tsqueries
from explorer.queries.lists.search.asked import Asked
from explorer.queries.lists.search.deadline import Bounded, OutOfTime
from explorer.queries.lists.search.steps import Way
from indexer.words import lexemes
from indexer.words.vector import quoted

COUNTED = 1_000
"""Matches that are counted one by one."""

LOWEST, HIGHEST = -1, 2**63 - 1
"""Positions below and above all."""

_SHARE = 0.6
"""Of the time that is left, what the first walk and the index of words have at most: a walk comes after."""

_TO_EACH_OF_FEW = 4
"""Units by each of few records that the index of words is asked for, so that no other is unpacked."""

_NAMED = 500
"""Units that are gone through where no words are asked for, and an index gives records in order."""

_NEAREST = 3
"""Slices that are gone through one by one before all others are at once."""

_FEWEST = 25  # records of a walk that begins where time is short


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is looked at in one step: records of the first walks and of each later one, and units that are
    gone through, ``at_once`` where they are of all slices. ``are_few`` is whether the first walk is along all
    that can fit.
    """

    first: Sequence[int] = (250, 2_500)
    walk: int = 10_000
    units: int = 5_000
    at_once: int = 1_000
    are_few: bool = False


SIZES = Sizes()


@dataclass(frozen=True, slots=True)
class Matches:
    """Positions in the order of the walk. ``is_exhausted`` is whether there are no more; else all up to
    ``searched_to``, including it, was looked at. ``are_rare`` is whether a walk did not find enough of them.
    ``counted`` is how many there are in all, counted up to one more than ``COUNTED``; None where that is not
    known.
    """

    positions: Sequence[int]
    is_exhausted: bool
    searched_to: int | None = None
    are_rare: bool = False
    counted: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which part of a chain is searched: beyond ``start``, up to and including ``end``, and how many matches
    are wanted. ``lanes`` are conditions on ``r`` of which one holds for each match, no two for the same
    record, and each of which an index answers in the order of positions.
    """

    rows: int
    is_downwards: bool = True
    start: int | None = None
    end: int | None = None
    lanes: Sequence[str] = ("true",)
    sizes: Sizes = SIZES

    @property
    def way(self) -> Way:
        """Which way it is walked."""
        return Way(self.is_downwards)

    @property
    def first(self) -> int:
        """Where it begins, exclusive."""
        return (HIGHEST if self.is_downwards else LOWEST) if self.start is None else self.start

    @property
    def last(self) -> int:
        """Where it ends, inclusive."""
        return (LOWEST if self.is_downwards else HIGHEST) if self.end is None else self.end


@dataclass(frozen=True, slots=True)
class Count:
    """How many match: exactly, or at least so many."""

    value: int
    is_exact: bool


def search(asked: Asked, part: Part, statements: Bounded) -> Matches:
    """The first matches on the way."""
    if asked.is_impossible:
        return Matches([], is_exhausted=True)
    search = _Search(asked, part, statements)
    try:
        search.run()
    except OutOfTime:
        return Matches(search.found, False, search.at, search.are_rare)
    found = search.found[: part.rows]
    is_exhausted = len(found) < part.rows
    at = None if is_exhausted else found[-1]
    return Matches(found, is_exhausted, at, search.are_rare, search.counted)


def count(asked: Asked, part: Part, statements: Bounded) -> Count:
    """How many matches a part has, counted as far as so many rows are asked for, or as the time allows."""
    if asked.loose is not None and not asked.is_impossible and not _is_along_an_index(asked, part):
        try:
            return _count(asked, part, statements)
        except OutOfTime:
            return Count(0, is_exact=False)
    found = search(asked, part, statements)
    return Count(len(found.positions), found.is_exhausted)


def _count(asked: Asked, part: Part, statements: Bounded) -> Count:
    """The same by the index of words, in no order. Raises ``OutOfTime``."""
    value, is_all = statements.row(
        steps.count(asked, part.way, part.lanes),
        {
            **asked.parameters,
            "chain": asked.chain.id,
            "start": part.first,
            "end": part.last,
            "rows": part.rows,
            "loose": asked.loose,
        },
    )
    return Count(value, is_exact=is_all and value < part.rows)


def _is_along_an_index(asked: Asked, part: Part) -> bool:
    """Whether no unit has to be looked at, and an index gives the records in order."""
    return not asked.has_words and tuple(part.lanes) != ("true",)


class _Slow(Exception):
    """The index of words takes too long for this."""


@dataclass(slots=True)
class _Search:
    """A search under way: what is ``found``, and the position ``at`` which it is: None at its beginning."""

    asked: Asked
    part: Part
    statements: Bounded
    found: list[int] = field(default_factory=list)
    at: int | None = None
    are_rare: bool = False
    counted: int | None = None

    def run(self) -> None:
        """Find what is wanted, or all there is. Raises ``OutOfTime``; what is found until then is there."""
        loose, are_few = self.asked.loose, self.part.sizes.are_few
        for number, looked in enumerate(self.part.sizes.first):
            if self._walk_first(looked, loose=loose if number or are_few else None):
                return
            if not self.found and loose is not None:
                break
        self.are_rare = True
        if loose is None or not self._by_words(loose):
            while not self._walk(self.part.sizes.walk):
                pass

    def _walk_first(self, looked: int, *, loose: str | None) -> bool:
        """As ``_walk``. Where nothing was looked at before and it takes too long, a few records are, so that
        who goes on from there comes further.
        """
        if self.at is not None:
            return self._walk(looked, loose=loose)
        try:
            return self._walk(looked, loose=loose, share=_SHARE)
        except OutOfTime:
            if looked > _FEWEST and self._walk(_FEWEST):
                return True
            raise

    def _by_words(self, loose: str) -> bool:
        """Whether the index of words led to the end. False where it takes too long."""
        is_along_an_index, last = _is_along_an_index(self.asked, self.part), self.part.last
        at_once = _NAMED if is_along_an_index else self.part.sizes.at_once
        try:
            if self._contents(loose, last, most=min(at_once, self.part.sizes.units)):
                return True
            if is_along_an_index:
                return False
            for before, number in enumerate(self._slices(loose)):
                if before == _NEAREST and self._contents(loose, last, most=self.part.sizes.units):
                    return True
                if self._slice(loose, number):
                    return True
        except _Slow:
            return False
        return True

    def _slice(self, loose: str, number: int) -> bool:
        """Search one slice; whether enough is found."""
        low, high = self._row(steps.bounds_of_slice(), slice=number)
        end = self._clamped(low if self.part.is_downwards else high)
        within = tsqueries.both([loose, quoted(lexemes.of_slice(self.asked.chain.id, number))])
        if not self._contents(within, end, most=self.part.sizes.units):
            while self._is_before(end) and not self._walk(self.part.sizes.walk, end):
                pass
        self.at = end
        return self._is_enough

    def _contents(self, loose: str, end: int, *, most: int) -> bool:
        """Whether contents are few enough to go through, and were gone through up to ``end``."""
        statement = steps.contents_first(self.asked, self.part.way, self.part.lanes)
        number, positions = self._by_index(statement, end=end, loose=loose, rows=self._wanted, units=most)
        if number > most:
            return False
        self.found += positions
        return True

    def _by_index(self, statement: str, **more: Any) -> Sequence[Any]:
        """The row of a statement that asks the index of words. Raises ``_Slow``."""
        try:
            return self._row(statement, share=_SHARE, **more)
        except OutOfTime:
            raise _Slow from None

    def _walk(
        self, looked: int, end: int | None = None, *, loose: str | None = None, share: float = 1.0
    ) -> bool:
        """Look at so many records, with ``loose`` at the units of those alone that fit it; whether enough is
        found, or there are no more.
        """
        last = self.part.last if end is None else end
        by_words = loose is not None and self.asked.has_words
        statement = (steps.walk_by_words if by_words else steps.walk)(
            self.asked, self.part.way, self.part.lanes
        )
        rows, units = self._wanted, self.part.sizes.units
        if self.part.sizes.are_few:
            rows, units = max(rows, COUNTED + 1), _TO_EACH_OF_FEW * looked
        count, at, positions = self._row(
            statement,
            share=share,
            looked=looked,
            units=units,
            end=last,
            rows=rows,
            loose=loose,
        )
        self.found += positions
        if count < looked and self.part.sizes.are_few:
            self.counted = len(self.found)
        self.at = self.at if at is None else at
        return self._is_enough or count < looked

    def _slices(self, loose: str) -> Iterator[int]:
        """The slices on the way with units that fit, one by one."""
        way = self.part.way
        nearest, farthest = self._row(steps.slices(self.asked, way), end=self.part.last)
        slices = lexemes.of_slice(self.asked.chain.id, 0).removesuffix("0")
        while nearest is not None and (nearest >= farthest if way.is_downwards else nearest <= farthest):
            found = self._by_index(
                steps.next_slice(way), loose=loose, slices=slices, slice=nearest, last_slice=farthest
            )
            if found[0] is None:
                return
            yield found[0]
            nearest = found[0] - 1 if way.is_downwards else found[0] + 1

    def _clamped(self, position: int) -> int:
        return max(position, self.part.last) if self.part.is_downwards else min(position, self.part.last)

    def _is_before(self, end: int) -> bool:
        return self._start > end if self.part.is_downwards else self._start < end

    @property
    def _start(self) -> int:
        return self.part.first if self.at is None else self.at

    @property
    def _wanted(self) -> int:
        return self.part.rows - len(self.found)

    @property
    def _must_end_soon(self) -> bool:
        """Whether there is something to show: what was found, or of what no word must be there, and only a
        walk can find, how far was looked.
        """
        is_walked = self.asked.has_words and self.asked.loose is None and self.at is not None
        return bool(self.found) or is_walked

    @property
    def _is_enough(self) -> bool:
        return self._wanted <= 0

    def _row(self, statement: str, *, share: float = 1.0, **more: Any) -> Sequence[Any]:
        statements = self.statements.by_soon if self._must_end_soon else self.statements
        parameters: Mapping[str, Any] = {
            **self.asked.parameters,
            "chain": self.asked.chain.id,
            "start": self._start,
            "units": self.part.sizes.units,
            **more,
        }
        return statements.row(statement, parameters, share=share)
