"""What comes next and by when, and what happens by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from explorer.rules import deadlines
from explorer.rules.deadlines import Standing
from explorer.rules.lifecycle import Action, CloseReason, Status

MONDAY = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


@pytest.mark.parametrize(("weekday", "days"), [(0, 2), (1, 2), (2, 2), (3, 4), (4, 4), (5, 3), (6, 2)])
def test_business_days_leave_out_the_end_of_the_week(weekday: int, days: int) -> None:
    begun = MONDAY + weekday * DAY
    assert deadlines.business_days(begun, 2) == begun + days * DAY


@pytest.mark.parametrize(
    ("status", "days", "itself"),
    [
        (Status.SCREENING, 2, None),
        (Status.NEEDS_INFO, 14, Action.LAPSE),
        (Status.OPEN, 14, Action.STOP_WAITING),
        (Status.REVIEW, 14, None),
        (Status.DECIDED, 14, Action.FINALISE),
        (Status.APPEALED, 14, None),
    ],
)
def test_each_status_has_a_deadline(status: Status, days: int, itself: Action | None) -> None:
    due = deadlines.due(Standing(status, MONDAY))
    assert due is not None
    assert (due.by, due.itself) == (MONDAY + days * DAY, itself)
    assert deadlines.elapses_at(Standing(status, MONDAY)) == (due.by if itself else None)


@pytest.mark.parametrize("status", [Status.FINAL, Status.CLOSED])
def test_what_is_over_has_none(status: Status) -> None:
    standing = Standing(status, MONDAY)
    assert deadlines.due(standing) is None
    assert deadlines.standing_at(standing, MONDAY + 1000 * DAY) == standing
    assert not deadlines.is_late(standing, MONDAY + 1000 * DAY)


@pytest.mark.parametrize(
    ("status", "now", "running"),
    [
        (Status.SCREENING, 3 * DAY, [("screening", True, None)]),
        (Status.OPEN, 3 * DAY, [("open", False, Action.STOP_WAITING)]),
        (Status.REVIEW, 7 * DAY, [("evidence", False, None), ("review", False, None)]),
        (Status.REVIEW, 7 * DAY + MOMENT, [("evidence", True, None), ("review", False, None)]),
        (Status.FINAL, DAY, []),
    ],
)
def test_the_times_that_run_are_told_with_whether_they_are_over(
    status: Status, now: timedelta, running: list[tuple[str, bool, Action | None]]
) -> None:
    found = deadlines.running(Standing(status, MONDAY), MONDAY + now)
    assert [(each.step, each.is_past, each.itself) for each in found] == running
    assert [each.by for each in found] == sorted(each.by for each in found)


def test_whose_turn_it_is_is_said_in_words_of_its_own() -> None:
    assert len({each.words for each in deadlines.NextActor}) == len(deadlines.NextActor)


def test_the_time_to_respond_is_a_week_longer_once_it_was_extended() -> None:
    due = deadlines.due(Standing(Status.OPEN, MONDAY, is_extended=True))
    assert due is not None
    assert due.by == MONDAY + 21 * DAY


@pytest.mark.parametrize(
    ("status", "after", "closed_for"),
    [
        (Status.NEEDS_INFO, Status.CLOSED, CloseReason.INCOMPLETE),
        (Status.OPEN, Status.REVIEW, None),
        (Status.DECIDED, Status.FINAL, None),
    ],
)
def test_what_happens_by_itself_has_happened_at_its_moment_and_not_before(
    status: Status, after: Status, closed_for: CloseReason | None
) -> None:
    standing, at = Standing(status, MONDAY), MONDAY + 14 * DAY
    assert deadlines.standing_at(standing, at - MOMENT) == standing
    assert deadlines.standing_at(standing, at) == Standing(after, at, closed_for=closed_for)
    assert deadlines.standing_at(standing, at + 100 * DAY) == Standing(after, at, closed_for=closed_for)


def test_people_who_are_late_end_nothing() -> None:
    standing = Standing(Status.REVIEW, MONDAY)
    later = MONDAY + 14 * DAY + MOMENT
    assert deadlines.standing_at(standing, later) == standing
    assert deadlines.is_late(standing, later)
    assert not deadlines.is_late(standing, MONDAY + 14 * DAY)
    assert not deadlines.is_late(Standing(Status.OPEN, MONDAY), later)


def test_evidence_is_late_a_week_after_review_began() -> None:
    assert deadlines.evidence_until(Standing(Status.REVIEW, MONDAY)) == MONDAY + 7 * DAY
    assert deadlines.evidence_until(Standing(Status.OPEN, MONDAY)) is None
