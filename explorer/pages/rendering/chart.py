"""Bars by day as SVG, drawn by the server: what was written goes up, what was changed goes down; and of what
was written, how much agrees with its peers.

What colours tell apart is told by its place or its hatching too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from explorer.queries.groups.days import Day

WIDTH, LEFT, TOP, BOTTOM = 336, 44, 10, 134
LEAST = 3
"""Height of the least bar that there is."""

FEWEST = 2
"""Days with something on them, below which their numbers alone are told: one bar says nothing."""

_GAP = 2  # below the axis
_STEPS = (1, 2, 5)
_MARK = 3  # half of the width of a triangle
_UNITS = ((10**6, 10**6, "M"), (10**4, 10**3, "k"))  # from where on, by what, and its sign


@dataclass(frozen=True, slots=True)
class Line:
    """A line across, with its number: a digit and noughts."""

    y: float
    number: int

    @property
    def label(self) -> str:
        """The number, so short that it has room beside the axis: 2,000, 50 k (thousand), 1 M (million)."""
        for least, size, sign in _UNITS:
            if self.number >= least:
                return f"{self.number / size:g}\N{NO-BREAK SPACE}{sign}"
        return f"{self.number:,}"


@dataclass(frozen=True, slots=True)
class Marked:
    """A day on which something was seen first, and how much."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws of these days: ``base`` is where the axis is. ``written`` and ``changed`` are
    paths to one scale, up and down from it; without anything to draw both are empty.
    """

    days: Sequence[Day]
    base: float
    written: str
    changed: str
    lines: Sequence[Line]
    marked: Sequence[Marked] = ()

    @property
    def first(self) -> date:
        return self.days[0].day

    @property
    def last(self) -> date:
        return self.days[-1].day

    @property
    def is_drawn(self) -> bool:
        """Whether there is more than one day to draw."""
        return sum(bool(each.written or each.changed) for each in self.days) >= FEWEST

    @property
    def total(self) -> int:
        """Records written."""
        return sum(each.written for each in self.days)

    @property
    def total_edits(self) -> int:
        return sum(each.edits for each in self.days)

    @property
    def total_deletions(self) -> int:
        return sum(each.deletions for each in self.days)

    @property
    def total_changed(self) -> int:
        """Edits and deletions."""
        return self.total_edits + self.total_deletions

    @property
    def most_changed(self) -> Day:
        """The day with most edits and deletions."""
        return max(self.days, key=lambda each: each.changed)

    @property
    def compared(self) -> int:
        """Records written that have peers."""
        return sum(each.compared for each in self.days)

    @property
    def agreeing(self) -> int:
        """Of these, those that agree with one."""
        return sum(each.agreeing for each in self.days)

    @property
    def marks(self) -> str:
        """Triangles at the top, above the days that are marked."""
        days = {each.day for each in self.marked}
        return "".join(
            f"M{round(x + width / 2 - _MARK, 1)} 0h{2 * _MARK}l-{_MARK} {2 * _MARK}z"
            for x, width, each in _places(self.days)
            if each.day in days
        )

    @property
    def agreement(self) -> "Agreement | None":
        """The chart of agreement; None where there is not more than one day to draw."""
        if sum(bool(each.compared) for each in self.days) < FEWEST:
            return None
        return agreement_of(self.days)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Bars of records that have peers, up from the axis at ``BOTTOM``: those that ``agree`` with one, and on
    top of them those that ``differ`` from all.
    """

    agreeing: str
    differing: str
    lines: Sequence[Line]
    base: float = float(BOTTOM)


def chart_of(days: Sequence[Day], *, seen_first: Iterable[date] = ()) -> Chart | None:
    """The chart of these days; None where nothing was written or changed in them. Those of ``seen_first``
    that are among them are marked, but for the first of all: what was there from the beginning is no change.
    """
    if not any(each.written or each.changed for each in days):
        return None
    most, below = max(each.written for each in days), max(each.changed for each in days)
    unit = _round_up(max(most, below)) // 2
    above = -(-most // unit)  # units
    scale = (BOTTOM - TOP - _GAP - LEAST) / (above * unit + below)
    base = round(TOP + above * unit * scale, 1)
    written, changed = [], []
    for x, width, each in _places(days):
        if each.written:
            height = _height(each.written, scale)
            written.append(_bar(x, base - height, width, height))
        if each.changed:
            changed.append(_bar(x, base + _GAP, width, _height(each.changed, scale)))
    return Chart(
        days=days,
        base=base,
        written="".join(written),
        changed="".join(changed),
        marked=_marked(days, seen_first),
        lines=[
            *(Line(round(base - part * unit * scale, 1), part * unit) for part in range(1, above + 1)),
            *(
                Line(round(base + _GAP + part * unit * scale, 1), part * unit)
                for part in range(1, below // unit + 1)
            ),
        ],
    )


def _marked(days: Sequence[Day], seen_first: Iterable[date]) -> Sequence[Marked]:
    counts = Counter(seen_first)
    first = min(counts, default=None)
    return [Marked(each.day, counts[each.day]) for each in days if counts[each.day] and each.day != first]


def agreement_of(days: Sequence[Day]) -> Agreement:
    """The bars of agreement of these days, one of which has something to compare."""
    unit = _round_up(max(each.compared for each in days)) // 2
    above = -(-max(each.compared for each in days) // unit)
    scale = (BOTTOM - TOP - 2 * LEAST) / (above * unit)
    agreeing: list[str] = []
    differing: list[str] = []
    for x, width, each in _places(days):
        top = float(BOTTOM)
        for number, bars in ((each.agreeing, agreeing), (each.differing, differing)):
            if number:
                height = _height(number, scale)
                top -= height
                bars.append(_bar(x, top, width, height))
    lines = [Line(round(BOTTOM - part * unit * scale, 1), part * unit) for part in range(1, above + 1)]
    return Agreement("".join(agreeing), "".join(differing), lines)


def _places(days: Sequence[Day]) -> Sequence[tuple[float, float, Day]]:
    """From where each day's bar begins, and how wide it is."""
    step = (WIDTH - LEFT) / len(days)
    width = max(1.0, round(step - 2.2, 1))
    return [(round(LEFT + index * step, 1), width, each) for index, each in enumerate(days)]


def _bar(x: float, y: float, width: float, height: float) -> str:
    return f"M{x} {round(y, 1)}h{width}v{height}h-{width}z"


def _height(number: int, scale: float) -> float:
    return max(float(LEAST), round(number * scale, 1))


def _round_up(number: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100 …: half of it is whole too."""
    power = 1
    while True:
        for step in _STEPS:
            if 2 * step * power >= number:
                return 2 * step * power
        power *= 10
