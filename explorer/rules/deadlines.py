"""By when what happens next: one function, which pages ask as they are read and workers as they go round.

What has to happen by itself has happened once its time is over, whether or not a worker came to write it
down: `standing_at` says how a challenge stands at a time, whatever is in the tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from explorer.rules.lifecycle import Action, CloseReason, Status

SCREENING = 2  # business days
ANSWERING = timedelta(days=14)
RESPONDING = timedelta(days=14)
EXTENSION = timedelta(days=7)
EVIDENCE = timedelta(days=7)
DECIDING = timedelta(days=14)
ESCALATED = timedelta(days=30)
APPEALING = timedelta(days=14)
AGREEING = timedelta(hours=48)
"""Within which a second person agrees that something is withheld, or shows it again."""

DRAFT = timedelta(days=14)
"""How long a draft is kept after it was last written to."""

LONGEST_DRAFT = timedelta(days=90)
"""How long it is kept at most, however often somebody writes to it."""

NEVER = 2**63 - 1
"""After all times, in ms."""

EVIDENCE_STEP = "evidence"
"""The step of adding evidence that is not marked late, which runs beside what comes next."""

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a challenge stands, since when, and what moves its deadlines."""

    status: Status
    since: datetime
    is_extended: bool = False
    closed_for: CloseReason | None = None


class NextActor(Enum):
    """Whose turn it is."""

    ARBITER = "arbiter"
    ARBITERS = "arbiters"
    OTHER_ARBITERS = "other-arbiters"
    CHALLENGER = "challenger"
    RESPONDENT = "respondent"
    EITHER_SIDE = "either-side"

    @property
    def words(self) -> str:
        """As a sentence begins with it."""
        return _ACTORS[self]


_ACTORS = {
    NextActor.ARBITER: "An arbiter",
    NextActor.ARBITERS: "Arbiters",
    NextActor.OTHER_ARBITERS: "Other arbiters",
    NextActor.CHALLENGER: "The challenger",
    NextActor.RESPONDENT: "Whoever wrote the record",
    NextActor.EITHER_SIDE: "Either side",
}


@dataclass(frozen=True, slots=True)
class Due:
    """What has to happen next. ``actor`` is it for; ``does`` is what, to follow ``who``.

    ``itself`` is the action that the system takes when the time is over, None where people are late.
    """

    actor: NextActor
    does: str
    by: datetime
    itself: Action | None = None

    @property
    def who(self) -> str:
        """Whose turn it is, in words."""
        return self.actor.words


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time that runs: for which ``step``, which is the status that it ends, or ``EVIDENCE_STEP``."""

    step: str
    by: datetime
    is_past: bool
    itself: Action | None = None


@dataclass(frozen=True, slots=True)
class Elapsing:
    """A status that ends by itself: with which action, and how the challenge stands then."""

    action: Action
    after: Status
    closed_for: CloseReason | None = None


_ELAPSING = {
    Status.NEEDS_INFO: Elapsing(Action.LAPSE, Status.CLOSED, CloseReason.INCOMPLETE),
    Status.OPEN: Elapsing(Action.STOP_WAITING, Status.REVIEW),
    Status.DECIDED: Elapsing(Action.FINALISE, Status.FINAL),
}

OVER_BY_ITSELF = frozenset(status for status, ends in _ELAPSING.items() if ends.after.is_over)
"""The pending statuses in which nothing more is to come once their time is over."""


def due(standing: Standing) -> Due | None:
    """What comes next and by when; None where nothing does."""
    since = standing.since
    match standing.status:
        case Status.SCREENING:
            return Due(NextActor.ARBITER, "checks whether it can be opened", business_days(since, SCREENING))
        case Status.NEEDS_INFO:
            return Due(NextActor.CHALLENGER, "answers what is asked", since + ANSWERING, Action.LAPSE)
        case Status.OPEN:
            by = since + RESPONDING + (EXTENSION if standing.is_extended else timedelta())
            return Due(NextActor.RESPONDENT, "may respond", by, Action.STOP_WAITING)
        case Status.REVIEW:
            return Due(NextActor.ARBITERS, "decide", since + DECIDING)
        case Status.DECIDED:
            return Due(NextActor.EITHER_SIDE, "may appeal", since + APPEALING, Action.FINALISE)
        case Status.APPEALED:
            return Due(NextActor.OTHER_ARBITERS, "decide the appeal", since + DECIDING)
        case Status.FINAL | Status.CLOSED:
            return None


def elapses_at(standing: Standing) -> datetime | None:
    """When its status ends by itself; None where it does not."""
    found = due(standing)
    return found.by if found is not None and found.itself is not None else None


def due_ms(standing: Standing) -> int:
    """When what comes next is due, in ms since 1970; ``NEVER`` where nothing does."""
    found = due(standing)
    return NEVER if found is None else int(found.by.timestamp() * 1000)


def elapsed(standing: Standing, now: datetime) -> Elapsing | None:
    """What happens to it by itself, whose time is over; None where nothing does yet."""
    at = elapses_at(standing)
    return _ELAPSING[standing.status] if at is not None and at <= now else None


def standing_at(standing: Standing, now: datetime) -> Standing:
    """How it stands now, with all that happened by itself since it was written down."""
    ended, at = elapsed(standing, now), elapses_at(standing)
    if ended is None or at is None:
        return standing
    return replace(
        standing, status=ended.after, since=at, is_extended=False,
        closed_for=ended.closed_for or standing.closed_for,
    )  # fmt: skip


def is_late(standing: Standing, now: datetime) -> bool:
    """Whether people are late with what comes next."""
    found = due(standing)
    return found is not None and found.itself is None and found.by < now


def escalates_at(standing: Standing) -> datetime | None:
    """When all who may decide are told that nothing is decided; None where nobody has to decide."""
    return standing.since + ESCALATED if standing.status in (Status.REVIEW, Status.APPEALED) else None


def evidence_until(standing: Standing) -> datetime | None:
    """Until when evidence is in time; what comes later is taken, and marked late. None: it is in time."""
    return standing.since + EVIDENCE if standing.status is Status.REVIEW else None


def running(standing: Standing, now: datetime) -> Sequence[Deadline]:
    """The times that run for it as it stands now, the first to end first; none where it is over."""
    next_, until = due(standing), evidence_until(standing)
    found = [] if until is None else [Deadline(EVIDENCE_STEP, until, until < now)]
    if next_ is not None:
        found.append(Deadline(standing.status.value, next_.by, next_.by < now, next_.itself))
    return found


def business_days(begun: datetime, count: int) -> datetime:
    """So many days later, of which Saturdays and Sundays (UTC) are none."""
    at = begun
    while count:
        at += timedelta(days=1)
        count -= at.weekday() < _SATURDAY
    return at
