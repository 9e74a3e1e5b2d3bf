"""The decision of a challenge, and the statement of reasons without which there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from explorer.challenges import acting
from explorer.challenges.acting import Act
from explorer.challenges.events import Said
from explorer.challenges.models import Challenge, Event
from explorer.challenges.parties import Actor, judges, party_of
from explorer.challenges.target import Target, questioned
from explorer.queries.records.snapshots import KeptCheck, Snapshot
from explorer.rules import deadlines, registry
from explorer.rules.lifecycle import Action, NotAllowed, Resolution, Role, Status


@dataclass(frozen=True, slots=True)
class Reasons:
    """The statement of reasons: every part says something, if only that there is nothing."""

    found: str  # which facts
    relied_on: str  # checks and experiments, with their conditions
    automated: str  # what was done by programs
    unknown: str  # what remains so
    effect: str  # what follows from it
    conflicts: str  # whether those who decide have anything to do with it

    def words(self) -> Mapping[str, str]:
        """By what they are. Raises NotAllowed where a part is missing."""
        said = {each.name: str(getattr(self, each.name)).strip() for each in fields(self)}
        missing = [name for name, words in said.items() if not words]
        if missing:
            raise NotAllowed(f"A decision needs reasons, and these are missing: {', '.join(missing)}.")
        return said


def decide(
    number: int, act: Act, *,
    others: Sequence[Actor], resolution: Resolution, reasons: Reasons, knows_of_change: bool = False,
    before_evidence_ends: bool = False,
) -> Challenge:  # fmt: skip
    """Decide a challenge, or its appeal. ``others`` decide with the actor: a ground says how many have to,
    none of whom may take part in the challenge. An appeal is decided by two who did not judge it before.

    What the ground's checks say is read again. Where that is not what they said when it was filed, whoever
    decides has to say that he knows. All that was said in time has to be looked through before; and while
    both sides have time to add evidence, whoever decides has to say that he does not wait for it, which the
    event tells everybody.
    """
    deciders = [act.actor, *others]
    words = reasons.words()
    _check_distinct(deciders)
    facts: dict[str, Any] = {"resolution": resolution.value}

    def change(challenge: Challenge) -> None:
        ground = registry.by_name()[challenge.ground]
        is_appeal = challenge.status == Status.APPEALED.value
        _check_panel(challenge, deciders, 2 if is_appeal else ground.deciders, is_appeal=is_appeal)
        until = deadlines.evidence_until(acting.standing_of(challenge))
        _check_looked_through(challenge, until)
        if until is not None and act.now < until:
            _check_does_not_wait(until, is_said=before_evidence_ends)
            facts["evidence_until"] = until.isoformat()
        relied = _checks_now(challenge, ground.checks, knows_of_change=knows_of_change)
        facts["deciders"] = [party_of(challenge, each).ref for each in deciders]
        facts["rules_sha256"] = bytes(challenge.rules_sha256).hex().upper()
        facts["checks"] = [{"check": each.check, "version": each.version, "result": each.result,
                            "reason": each.reason} for each in relied]  # fmt: skip
        challenge.resolution = resolution.value

    return acting.done(number, Action.DECIDE, act, Said(facts, words, is_published=True), change=change)


def _check_distinct(deciders: Sequence[Actor]) -> None:
    for at, each in enumerate(deciders):
        if each.role is not Role.ARBITER:
            raise NotAllowed("Arbiters alone decide.")
        if any(each.is_same_as(other) for other in deciders[:at]):
            raise NotAllowed("Each arbiter decides once: one of them is named twice.")


def _check_looked_through(challenge: Challenge, until: datetime | None) -> None:
    unseen = [each for each in acting.waiting(challenge) if _is_in_time(each, until)]
    if unseen:
        numbers = ", ".join(str(each.ordinal) for each in unseen)
        raise NotAllowed(
            f"Nobody has looked through yet what was said in time, in event {numbers}: show or withhold that "
            "first."
        )


def _is_in_time(event: Event, until: datetime | None) -> bool:
    """Whether a decision waits for it: of an appeal for no word of those who join."""
    if event.payload.facts.get("late"):
        return False
    return event.type != Action.JOIN.value if until is None else event.at <= until


def _check_does_not_wait(until: datetime, *, is_said: bool) -> None:
    if not is_said:
        raise NotAllowed(
            f"Both sides may add evidence until {until:%Y-%m-%d %H:%M} UTC: decide after that, or say that "
            "you do not wait for it, which the page of the challenge will say too."
        )


def _check_panel(challenge: Challenge, deciders: Sequence[Actor], needed: int, *, is_appeal: bool) -> None:
    if len(deciders) < needed:
        raise NotAllowed(f"This takes {needed} arbiters, and {len(deciders)} would decide.")
    before = judges(challenge) if is_appeal else []
    if any(each.is_same_as(other) for each in deciders for other in before):
        raise NotAllowed("An appeal is decided by arbiters who did not judge the challenge before.")


def _checks_now(challenge: Challenge, names: Sequence[str], *, knows_of_change: bool) -> Sequence[KeptCheck]:
    then = Snapshot.read(challenge.snapshot)
    now = questioned(Target(bytes(challenge.brid), challenge.prompt_id)).snapshot()
    other = [name for name in names if _said(then, name) != _said(now, name)]
    if other and not knows_of_change:
        raise NotAllowed(
            f"Not what it said when this was filed: {', '.join(other)}. Look at that first, and say that you "
            "know of it."
        )
    return [each for each in now.checks if each.check in names]


def _said(snapshot: Snapshot, name: str) -> tuple[int, str] | None:
    found = snapshot.check(name)
    return None if found is None else (found.version, found.reason)
