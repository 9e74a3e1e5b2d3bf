"""The first matches in one chain from a position on, by a rule that needs no statistics.

1. Walk 250 records, then 2,500: most that are asked for are found there. Where the first hold none, what is
   asked for may be rare, and the second walk waits for what the index of words says.
2. Ask the index of words for units that can hold a match; of up to 5,000 go through all.
3. Of more, go slice by slice from the nearest on: the same within each, or a walk where a slice has more.
4. What asks for no word that must be there, and what words take too long to find, is walked.

Each step has what is left of the time, and once something is found none is begun after a moment. What is not
looked at by then is not said to be missing: ``Matches.searched_to`` says how far was looked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.queries.records.search import steps, tsqueries
from explorer.queries.records.search.asked import Asked
from explorer.queries.records.search.deadline import Bounded, OutOfTime
from explorer.queries.records.search.steps import Way
from indexer.words import lexemes
from indexer.words.vector import quoted

COUNTED = 1_000
"""Matches that are counted one by one."""

LOWEST, HIGHEST = -1, 2**63 - 1
"""Positions below and above all."""

_SHARE = 0.6
"""Of the time that is left, what the first walk and the index of words have at most: a walk comes after."""

_FEWEST = 25  # records of a walk that begins where time is short


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is looked at in one step: records of the first walks and of each later one, and units that are
    gone through.
    """

    first: Sequence[int] = (250, 2_500)
    walk: int = 10_000
    units: int = 5_000


SIZES = Sizes()


@dataclass(frozen=True, slots=True)
class Matches:
    """Positions in the order of the walk. ``is_exhausted`` is whether there are no more; else all up to
    ``searched_to``, including it, was looked at. ``are_rare`` is whether a walk did not find enough of them.
    """

    positions: Sequence[int]
    is_exhausted: bool
    searched_to: int | None = None
    are_rare: bool = False


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
    is_exhausted = len(search.found) < part.rows
    return Matches(search.found, is_exhausted, None if is_exhausted else search.found[-1], search.are_rare)


def count(asked: Asked, part: Part, statements: Bounded) -> Count:
    """How many matches a part has, counted as far as so many rows are asked for, or as the time allows."""
    found = search(asked, part, statements)
    return Count(len(found.positions), found.is_exhausted)


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

    def run(self) -> None:
        """Find what is wanted, or all there is. Raises ``OutOfTime``; what is found until then is there."""
        loose = self.asked.loose
        for number, looked in enumerate(self.part.sizes.first):
            if self._walk_first(looked, loose=loose if number else None):
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
        try:
            if self._contents(loose, self.part.last):
                return True
            for number in self._slices(loose):
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
        if not self._contents(within, end):
            while self._is_before(end) and not self._walk(self.part.sizes.walk, end):
                pass
        self.at = end
        return self._is_enough

    def _contents(self, loose: str, end: int) -> bool:
        """Whether contents are few enough to go through, and were gone through up to ``end``."""
        statement = steps.contents_first(self.asked, self.part.way)
        units, positions = self._by_index(statement, end=end, loose=loose, rows=self._wanted)
        if units > self.part.sizes.units:
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
        statement = steps.walk(self.asked, self.part.way, self.part.lanes, by_index=loose is not None)
        count, at, positions = self._row(
            statement, share=share, looked=looked, end=last, rows=self._wanted, loose=loose
        )
        self.found += positions
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
    def _is_enough(self) -> bool:
        return self._wanted <= 0

    def _row(self, statement: str, *, share: float = 1.0, **more: Any) -> Sequence[Any]:
        if self.found and self.statements.until.is_soon:
            raise OutOfTime
        parameters: Mapping[str, Any] = {
            **self.asked.parameters,
            "chain": self.asked.chain.id,
            "start": self._start,
            "units": self.part.sizes.units,
            **more,
        }
        return self.statements.row(statement, parameters, share=share)
