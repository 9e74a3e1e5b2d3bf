"""Bars by day as SVG, drawn by the server: what was written goes up, what was changed goes down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from explorer.queries.figures import Day

WIDTH, LEFT, TOP, BASE, BELOW = 336, 44, 10, 110, 24
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Line:
    """A line across, with its number."""

    y: float
    number: int


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws. ``written`` and ``changed`` are paths."""

    days: Sequence[Day]
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
    top = _round_up(max(each.written for each in days))
    scale = (BASE - TOP) / top
    step = (WIDTH - LEFT) / len(days)
    below = max(1, *(each.changed for each in days))
    width = max(1.0, round(step - 2.2, 1))
    written, changed = [], []
    for index, each in enumerate(days):
        x = round(LEFT + index * step, 1)
        if each.written:
            height = max(1.0, round(each.written * scale, 1))
            written.append(f"M{x} {round(BASE - height, 1)}h{width}v{height}h-{width}z")
        if each.changed:
            height = max(3.0, round(BELOW * each.changed / below, 1))
            changed.append(f"M{x} {BASE + 6}h{width}v{height}h-{width}z")
    return Chart(
        days=days,
        written="".join(written),
        changed="".join(changed),
        lines=[Line(round(BASE - top * part / 2 * scale, 1), top * part // 2) for part in (1, 2)],
        total=sum(each.written for each in days),
        total_changed=sum(each.changed for each in days),
        most_changed=max(days, key=lambda each: each.changed),
    )


def _round_up(number: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100 …: half of it is whole too."""
    power = 1
    while True:
        for step in _STEPS:
            if 2 * step * power >= number:
                return 2 * step * power
        power *= 10
