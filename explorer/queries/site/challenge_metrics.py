"""What becomes of challenges, in numbers, each with what it is a part of, as of a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from explorer.queries.db import sql
from explorer.queries.records import challenge_counting
from explorer.queries.site.challenge_filter import OPEN
from explorer.rules import registry
from explorer.rules.lifecycle import Action, CloseReason, Resolution, Status

AGES = (timedelta(days=7), timedelta(days=30))
"""Where ages of what is not over are parted."""

_MOST_CLASSES = 20
_GROUPS = """
    SELECT c.ground, c.stands, CASE WHEN c.stands IN ('decided', 'appealed', 'final') THEN c.resolution END,
           coalesce(nullif(c.close_reason, ''), CASE WHEN c.stands = 'closed' THEN 'incomplete' END),
           c.is_confirmed, count(*)
    FROM desk_public.challenge c GROUP BY 1, 2, 3, 4, 5
"""
_AGES = f"""
    SELECT c.stands, count(*) FILTER (WHERE c.filed_at > %(week)s),
           count(*) FILTER (WHERE c.filed_at <= %(week)s AND c.filed_at > %(month)s),
           count(*) FILTER (WHERE c.filed_at <= %(month)s)
    FROM desk_public.challenge c WHERE {OPEN} GROUP BY 1
"""
_TIMES = """
    SELECT count(acknowledged_at), percentile_cont(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM acknowledged_at - filed_at)),
           count(decided_at), percentile_cont(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM decided_at - filed_at))
    FROM desk_public.challenge
"""
_WITHHELD = f"""
    SELECT e.facts->>'category', count(*), count(*) FILTER (WHERE (e.facts->>'erased')::boolean)
    FROM desk_public.challenge_event e WHERE e.type = '{Action.SUPPRESS.value}'
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_CLASSES}
"""


@dataclass(frozen=True, slots=True)
class Step:
    """The challenges in a status that is not over: all, those filed within a week, within the weeks before up
    to a month, and earlier.
    """

    status: Status
    every: int
    within_week: int
    within_month: int
    before: int


@dataclass(frozen=True, slots=True)
class Taken:
    """Of how many a time is known, and the median of it; None of none."""

    count: int
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the challenges of one kind: all, decided ones by resolution, closed ones."""

    every: int
    decided: Mapping[Resolution, int]
    closed: int

    @property
    def decided_in_all(self) -> int:
        """How many are decided."""
        return sum(self.decided.values())

    @property
    def undecided(self) -> int:
        """How many are neither decided nor closed."""
        return self.every - self.closed - self.decided_in_all

    @property
    def inconclusive(self) -> int:
        """How many decisions found that it cannot be settled."""
        return self.decided.get(Resolution.INCONCLUSIVE, 0)


@dataclass(frozen=True, slots=True)
class Withheld:
    """How often words of one class were withheld, and how many of these were erased."""

    category: str
    every: int
    erased: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """All of it. ``at`` is when it was read. ``by_ground`` has every public ground by its name, also where
    nobody challenged on it. ``confirmed`` are those that a check found as they were filed, and
    ``unconfirmed`` the others.
    """

    at: datetime
    total: Outcomes
    steps: Sequence[Step]
    acknowledged: Taken
    decided: Taken
    by_ground: Mapping[str, Outcomes]
    confirmed: Outcomes
    unconfirmed: Outcomes
    closed: Mapping[CloseReason, int]
    withheld: Sequence[Withheld]

    @property
    def pending(self) -> int:
        """How many are not over."""
        return sum(each.every for each in self.steps)


@dataclass(frozen=True, slots=True)
class _Group:
    ground: str
    status: Status
    resolution: Resolution | None
    closed_for: CloseReason | None
    is_confirmed: bool
    count: int


def metrics(*, now: datetime) -> Metrics:
    """As of now. Two queries, of which one reads every challenge that is not over; three more, which read all
    of them, where something has changed since they were asked before.
    """
    week, month = AGES
    found, ((seen, until_seen, decided, until_decided),), withheld = challenge_counting.every(
        _GROUPS, _TIMES, _WITHHELD
    )
    groups = [_group(row) for row in found]
    ages = {stands: ages for stands, *ages in sql.rows(_AGES, {"week": now - week, "month": now - month})}
    return Metrics(
        at=now,
        total=_outcomes(groups),
        steps=[_step(each, *ages.get(each.value, (0, 0, 0))) for each in Status if not each.is_over],
        acknowledged=_taken(seen, until_seen),
        decided=_taken(decided, until_decided),
        by_ground={
            each.name: _outcomes([found for found in groups if found.ground == each.name])
            for each in registry.public()
        },
        confirmed=_outcomes([each for each in groups if each.is_confirmed]),
        unconfirmed=_outcomes([each for each in groups if not each.is_confirmed]),
        closed={each: sum(g.count for g in groups if g.closed_for is each) for each in CloseReason},
        withheld=[Withheld(category or "", *counts) for category, *counts in withheld],
    )


def _group(row: sql.Row) -> _Group:
    ground, stands, resolution, closed_for, is_confirmed, count = row
    return _Group(
        ground, Status(stands), Resolution(resolution) if resolution else None,
        CloseReason(closed_for) if closed_for else None, is_confirmed, count,
    )  # fmt: skip


def _step(status: Status, young: int, older: int, oldest: int) -> Step:
    return Step(status, young + older + oldest, young, older, oldest)


def _outcomes(groups: Sequence[_Group]) -> Outcomes:
    found: dict[Resolution, int] = {}
    for each in groups:
        if each.resolution is not None:
            found[each.resolution] = found.get(each.resolution, 0) + each.count
    return Outcomes(
        every=sum(each.count for each in groups),
        decided=found,
        closed=sum(each.count for each in groups if each.status is Status.CLOSED),
    )


def _taken(count: int, seconds: float | None) -> Taken:
    return Taken(count, None if seconds is None else timedelta(seconds=round(seconds)))
