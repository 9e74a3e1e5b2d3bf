"""How many challenges somebody may file: more after some were upheld, fewer after what was not meant as one.

What was not upheld, or could not be settled, costs nothing: else honest people would stop.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from explorer.challenges.models import Challenge, Party
from explorer.challenges.pending import pending_at
from explorer.challenges.person import Person
from explorer.desk import quotas
from explorer.desk.quotas import Limit, QuotaExceeded
from explorer.rules.lifecycle import Action, CloseReason, Resolution, Role, Status

PERIOD = timedelta(days=30)
_PENDING_AT_FIRST = 3
_FILED_AT_FIRST = 4
_FOR_UPHELD = 2


@dataclass(frozen=True, slots=True)
class Filer:
    """What somebody has filed so far: how many are pending, how many there were in ``PERIOD``."""

    pending: int
    lately: int
    upheld: int
    spam: int

    @property
    def most_pending(self) -> int:
        """How many may be pending at a time."""
        return max(0, _PENDING_AT_FIRST + self._more)

    @property
    def most_lately(self) -> int:
        """How many may be filed in ``PERIOD``."""
        return max(0, _FILED_AT_FIRST + self._more)

    @property
    def _more(self) -> int:
        return _FOR_UPHELD * self.upheld - self.spam


class TooMany(Exception):
    """Somebody filed as many as he may for now; the message says what to do, `until` when it may be over at
    the soonest, None where that is not known.
    """

    def __init__(self, words: str, *, until: datetime | None = None) -> None:
        super().__init__(words)
        self.until = until


def check_filer(person: Person, *, mail: str | None, now: datetime) -> None:
    """Count one more, and raise TooMany where a person may not file it. Within the transaction of what is
    filed, and while nobody else can file.

    It is counted by ``mail`` too, as a keyed hash: who deletes his account and opens it again files no more.
    """
    filer = filer_of(person, now=now)
    if words := _why_not(filer):
        raise TooMany(words)
    if mail is None:  # of a service: the operator's
        return
    try:
        quotas.take((Limit("challenge of mail", filer.most_lately, PERIOD),), mail, now=now)
    except QuotaExceeded as refusal:
        raise TooMany(
            "As many challenges as may be were filed by whoever has your e-mail address: file this after "
            f"{refusal.until:%Y-%m-%d %H:%M} UTC. If that will not do, write to the operator.",
            until=refusal.until,
        ) from None


def refusal(person: Person, *, now: datetime) -> str | None:
    """Why a person could not file one more now, as far as that is known before he does."""
    return _why_not(filer_of(person, now=now))


def _why_not(filer: Filer) -> str | None:
    if filer.pending >= filer.most_pending:
        return (
            f"{filer.pending} challenges of yours are pending, and {filer.most_pending} may be: file this "
            "when one of them is over, or withdraw one. If that will not do, write to the operator, who can "
            "let you file more."
        )
    if filer.lately >= filer.most_lately:
        return (
            f"You filed {filer.lately} challenges in the last {PERIOD.days} days, and {filer.most_lately} "
            "may be: file this later. If that will not do, write to the operator."
        )
    return None


def has_upheld(challenge: Challenge) -> bool:
    """Whether whoever filed it filed one that was upheld; not where his account was deleted."""
    filed_by = Party.objects.filter(role=Role.CHALLENGER.value, person__isnull=False)
    own = filed_by.filter(person__in=filed_by.filter(challenge=challenge).values("person"))
    return own.filter(
        challenge__status=Status.FINAL.value, challenge__resolution=Resolution.UPHELD.value
    ).exists()


def filer_of(person: Person, *, now: datetime) -> Filer:
    """What a person has filed so far. What he withdrew is not pending, also where it goes on without him."""
    own = Party.objects.filter(person_id=person.id, role=Role.CHALLENGER.value)
    filed = Challenge.objects.filter(number__in=own.values("challenge_id"))
    final = filed.filter(status=Status.FINAL.value)
    return Filer(
        pending=filed.filter(pending_at(now)).exclude(events__type=Action.WITHDRAW.value).count(),
        lately=filed.filter(filed_at__gt=now - PERIOD).count(),
        upheld=final.filter(resolution=Resolution.UPHELD.value).count(),
        spam=filed.filter(close_reason=CloseReason.SPAM.value).count(),
    )
