"""Bars by day as SVG, drawn by the server: what was written goes up, what was changed goes down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from explorer.queries.site.figures import Day

WIDTH, LEFT, TOP, BOTTOM = 336, 44, 10, 134
LEAST = 3
"""Height of the least bar that there is."""

_GAP = 2  # below the axis
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Line:
    """A line across, with its number."""

    y: float
    number: int


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws. ``written`` and ``changed`` are paths to one scale, up and down from the axis,
    which is at ``base``.
    """

    days: Sequence[Day]
    base: float
    written: str
    changed: str
    lines: Sequence[Line]
    total: int
    total_changed: int
    most_changed: Day

    @property
    def first(self) -> date:
        return self.days[0].day

    @property
    def last(self) -> date:
        return self.days[-1].day


def chart_of(days: Sequence[Day]) -> Chart | None:
    """The chart of these days; None where nothing was written in them."""
    if not any(each.written or each.changed for each in days):
        return None
    most, below = max(each.written for each in days), max(each.changed for each in days)
    unit = _round_up(max(most, below)) // 2
    above = -(-most // unit)  # units
    scale = (BOTTOM - TOP - _GAP - LEAST) / (above * unit + below)
    base = round(TOP + above * unit * scale, 1)
    step = (WIDTH - LEFT) / len(days)
    width = max(1.0, round(step - 2.2, 1))
    written, changed = [], []
    for index, each in enumerate(days):
        x = round(LEFT + index * step, 1)
        if each.written:
            height = _height(each.written, scale)
            written.append(f"M{x} {round(base - height, 1)}h{width}v{height}h-{width}z")
        if each.changed:
            changed.append(f"M{x} {round(base + _GAP, 1)}h{width}v{_height(each.changed, scale)}h-{width}z")
    return Chart(
        days=days,
        base=base,
        written="".join(written),
        changed="".join(changed),
        lines=[
            *(Line(round(base - part * unit * scale, 1), part * unit) for part in range(1, above + 1)),
            *(
                Line(round(base + _GAP + part * unit * scale, 1), part * unit)
                for part in range(1, below // unit + 1)
            ),
        ],
        total=sum(each.written for each in days),
        total_changed=sum(each.changed for each in days),
        most_changed=max(days, key=lambda each: each.changed),
    )


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
