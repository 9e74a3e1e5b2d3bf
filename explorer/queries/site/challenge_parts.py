"""What is shown of a challenge beside where it stands: facts, checks, and what each side says."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.queries.records.snapshots import KeptCheck, KeptRevision
from explorer.queries.site.challenge_events import EventRow
from explorer.queries.site.challenges import ChallengeView
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
class Parts:
    """The parts of one challenge. Of events those in which somebody says something, told or withheld."""

    revisions: Sequence[ShownRevision]
    checks: Sequence[ShownCheck]
    challenging: Sequence[EventRow]
    responding: Sequence[EventRow]
    evidence: Sequence[EventRow]
    decisions: Sequence[EventRow]


def parts_of(view: ChallengeView) -> Parts:
    """All of them."""
    return Parts(
        revisions=_revisions(view),
        checks=_checks(view),
        challenging=_of(view, *_CHALLENGING),
        responding=_of(view, Action.RESPOND.value),
        evidence=_of(view, Action.ADD_EVIDENCE.value),
        decisions=_of(view, Action.DECIDE.value),
    )


def _of(view: ChallengeView, *types: str) -> Sequence[EventRow]:
    return [each for each in view.events if each.type in types and (each.words or each.silence)]


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
