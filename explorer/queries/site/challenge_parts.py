"""What is shown of a challenge beside where it stands: facts, checks, and what each side says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from explorer.queries.records.snapshots import KeptCheck, KeptRevision
from explorer.queries.site.challenge_events import EventRow, Silence
from explorer.queries.site.challenges import ChallengeView
from explorer.rules import deadlines
from explorer.rules.lifecycle import FILED, Action

_CHALLENGING = (FILED, Action.JOIN.value, Action.ANSWER.value, Action.WITHDRAW.value)


@dataclass(frozen=True, slots=True)
class ShownRevision:
    """A revision of the record. ``is_new`` is whether it came after the challenge was filed."""

    kept: KeptRevision
    is_new: bool


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A check of the ground: what it said when the challenge was filed, and says now; None where it was not
    made.
    """

    name: str
    then: KeptCheck | None
    now: KeptCheck | None


@dataclass(frozen=True, slots=True)
class Withholding:
    """Words of an event, by its ordinal, that are withheld: as what, by whom and since when. ``second`` is
    who agreed, within the challenge; empty while nobody did, who is to by ``due``.
    """

    event: int
    category: str
    is_erased: bool
    by: str
    at: datetime
    second: str
    due: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one challenge. Of events those in which somebody says something, told or withheld."""

    revisions: Sequence[ShownRevision]
    checks: Sequence[ShownCheck]
    challenging: Sequence[EventRow]
    responding: Sequence[EventRow]
    evidence: Sequence[EventRow]
    decisions: Sequence[EventRow]
    appeals: Sequence[EventRow]
    withheld: Sequence[Withholding]


def parts_of(view: ChallengeView) -> Parts:
    """All of them."""
    return Parts(
        revisions=_revisions(view),
        checks=_checks(view),
        challenging=_of(view, *_CHALLENGING),
        responding=_of(view, Action.RESPOND.value),
        evidence=_of(view, Action.ADD_EVIDENCE.value),
        decisions=_of(view, Action.DECIDE.value),
        appeals=_of(view, Action.APPEAL.value),
        withheld=_withheld(view),
    )


def _of(view: ChallengeView, *types: str) -> Sequence[EventRow]:
    return [each for each in view.events if each.type in types and (each.words or each.silence)]


def _withheld(view: ChallengeView) -> Sequence[Withholding]:
    """What is withheld still, by the last event that did it."""
    silent = {each.ordinal for each in view.events if each.silence is Silence.SUPPRESSED}
    last = {each.facts["event"]: each for each in view.events if each.type == Action.SUPPRESS.value}
    agreed = {
        each.facts["suppression"]: each.actor_ref for each in view.events if each.type == Action.AGREE.value
    }
    return [
        _withholding(each, each.facts.get("second") or agreed.get(each.ordinal, ""), view.row.read_at)
        for ordinal, each in sorted(last.items())
        if ordinal in silent
    ]


def _withholding(event: EventRow, second: str, now: datetime) -> Withholding:
    due = event.at + deadlines.AGREEING
    return Withholding(
        event=event.facts["event"],
        category=event.facts["category"],
        is_erased=event.facts["erased"],
        by=event.actor_ref,
        at=event.at,
        second=second,
        due=due,
        is_late=not second and due < now,
    )


def _revisions(view: ChallengeView) -> Sequence[ShownRevision]:
    """Those of the record as it is, or as it was."""
    newest = max(int(each.position) for each in view.then.revisions)
    shown = view.then if view.now is None else view.now
    return [ShownRevision(each, is_new=int(each.position) > newest) for each in shown.revisions]


def _checks(view: ChallengeView) -> Sequence[ShownCheck]:
    now = view.now
    return [
        ShownCheck(name, view.then.check(name), None if now is None else now.check(name))
        for name in view.row.ground.checks
    ]
