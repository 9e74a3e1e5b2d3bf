"""What is done to challenges that are filed. Each function is one transaction: the challenge's row is locked,
what happened by itself meanwhile is written down, the table of ``explorer.rules.lifecycle`` is asked, and the
event is written with the change.

Pages, the API, workers and commands come through here alike. All raise NotHere for a number that nobody has,
NotAllowed where the table or a rule says no, and Outdated where the challenge went on since it was looked at.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from explorer.challenges import events, filers, files, notices
from explorer.challenges.events import Said
from explorer.challenges.models import Challenge, Event, EvidenceFile
from explorer.challenges.parties import Actor, actor_of, party_of
from explorer.desk.models import DESK
from explorer.queries.db.errors import NotHere
from explorer.rules import deadlines, lifecycle, naming, registry
from explorer.rules.deadlines import Standing
from explorer.rules.lifecycle import Action, AppealGround, CloseReason, NotAllowed, Role, Status

Change = Callable[[Challenge], None]
MOST_JOINED = 50
"""People who may join one challenge."""
MOST_EVIDENCE = 20
"""Pieces of evidence that one who takes part may add to one challenge."""


class Outdated(Exception):
    """Something happened to the challenge since it was looked at."""

    def __init__(self, challenge: Challenge) -> None:
        super().__init__(f"Something happened to {challenge.name} meanwhile: look at it again first.")


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when, and which version of the challenge he saw; None where it does not matter."""

    actor: Actor
    now: datetime
    version: int | None = None


def accept(number: int, act: Act, *, seen: int | None = None) -> Challenge:
    """Open a challenge that was screened. What was written up to event ``seen``, the last one that whoever
    screens it read, is shown from now on, but for what is withheld; None: all that was written.
    """

    facts: dict[str, object] = {}

    def publish(challenge: Challenge) -> None:
        facts["events"] = _publish(waiting(challenge, seen=seen), act.now)

    return done(number, Action.ACCEPT, act, Said(facts), change=publish)


def ask(number: int, act: Act, *, missing: Sequence[str], words: str) -> Challenge:
    """Ask the challenger for more; ``missing`` names what, by the ground's fields or as ``statement``."""
    if not missing:
        raise NotAllowed("Say which fields are missing: without that nobody knows what to answer.")

    def known(challenge: Challenge) -> None:
        names = [*(each.name for each in registry.by_name()[challenge.ground].fields), "statement"]
        if not set(missing) <= set(names):
            raise NotAllowed(f"What is missing is one of what was asked for: {', '.join(names)}.")

    said = Said({"missing": list(missing)}, {"question": words}, is_published=True)
    return done(number, Action.ASK, act, said, change=known)


def answer(number: int, act: Act, *, words: str) -> Challenge:
    """What the challenger says to what was asked."""
    return done(number, Action.ANSWER, act, Said(words={"answer": words}))


def refuse(
    number: int, act: Act, *,
    reason: CloseReason, words: str, duplicate_of: int | None = None, second: Actor | None = None,
) -> Challenge:  # fmt: skip
    """Close a challenge without opening it. A duplicate says of which one. What somebody filed of whom a
    challenge was upheld is called spam by two arbiters, or not at all.
    """
    if reason not in (CloseReason.DUPLICATE, CloseReason.OUT_OF_SCOPE, CloseReason.SPAM):
        raise NotAllowed("A challenge is refused as a duplicate, as out of scope or as spam.")
    if (reason is CloseReason.DUPLICATE) == (duplicate_of is None):
        raise NotAllowed("Say of which challenge it is a duplicate, where it is one and only there.")
    facts: dict[str, Any] = {"close_reason": reason.value}
    if duplicate_of is not None:
        found = _there_is(duplicate_of)
        facts["duplicate_of"] = found.name

    def close(challenge: Challenge) -> None:
        if duplicate_of == challenge.number:
            raise NotAllowed("A challenge is no duplicate of itself.")
        if reason is CloseReason.SPAM and filers.has_upheld(challenge):
            _check_second(challenge, act, second)
        challenge.close_reason, challenge.duplicate_of = reason.value, duplicate_of

    return done(number, Action.REFUSE, act, Said(facts, {"reason": words}, is_published=True), change=close)


def join(number: int, act: Act, *, words: str) -> Challenge:
    """Join a challenge, with what one has to add. Raises NotAllowed for whoever takes part in it already, and
    where as many joined as may.
    """

    def count(challenge: Challenge) -> None:
        _check_room(challenge)
        challenge.joined += 1

    return done(number, Action.JOIN, act, Said(words={"statement": words}), change=count)


def add_evidence(
    number: int, act: Act, *, words: str, links: str = "", waiting: QuerySet[EvidenceFile] | None = None
) -> Challenge:
    """Something more to go by, with files of ``waiting``. ``links`` are as `links.linked` gives them. What
    comes after the time for it is taken, and marked as late.
    """

    def few(challenge: Challenge) -> None:
        _check_evidence(challenge, act.actor)

    with transaction.atomic(using=DESK):
        challenge = _locked(number, act)
        until = deadlines.evidence_until(standing_of(challenge))
        is_late = until is not None and act.now > until
        attached = [] if waiting is None else files.locked(waiting)
        told = {"evidence": words, "links": links} if links else {"evidence": words}
        said = Said({"late": is_late, **files.facts(challenge, attached)}, told)
        done = _go_on(challenge, Action.ADD_EVIDENCE, act, said, change=few)
        files.bind(attached, done.events.get(ordinal=done.version))
        return done


def refusal(challenge: Challenge, action: Action, actor: Actor, *, now: datetime) -> str | None:
    """Why somebody could not do it now, so that nobody types what cannot be sent; None where he can, as far
    as that is known before he does it.
    """
    status = deadlines.standing_at(standing_of(challenge), now).status
    try:
        lifecycle.transition(action, role=actor.role, status=status)
        if action is Action.EXTEND:
            _check_extension(challenge)
        own = None if actor.person is None else actor_of(challenge, actor.person)
        if action is Action.JOIN and own is not None:
            raise NotAllowed("You take part in this challenge already.")
        if action is Action.JOIN:
            _check_room(challenge)
        if action is Action.WITHDRAW:
            _check_withdrawal(challenge)
        if action is Action.ADD_EVIDENCE and own is not None:
            _check_evidence(challenge, own)
        if action is Action.APPEAL and own is not None:
            _check_appeal(challenge, party_of(challenge, own).ref)
    except NotAllowed as error:
        return str(error)
    return None


def extend(number: int, act: Act) -> Challenge:
    """A week more to respond, once."""

    def once(challenge: Challenge) -> None:
        _check_extension(challenge)
        challenge.is_extended = True

    return done(number, Action.EXTEND, act, Said(), change=once)


def respond(number: int, act: Act, *, words: str) -> Challenge:
    """What the other side says, once a round."""

    def note(challenge: Challenge) -> None:
        challenge.has_response = True

    # No key of the chain signs a response here: whoever gives one claims to be who wrote the record.
    said = Said({"standing": "claimed"}, {"response": words})
    return done(number, Action.RESPOND, act, said, change=note)


def withdraw(number: int, act: Act, *, words: str) -> Challenge:
    """Take a challenge back before it is decided. One that its check confirmed goes on without its
    challenger: what is a fact of the chain does not depend on who said it.
    """

    def close(challenge: Challenge) -> None:
        challenge.close_reason = CloseReason.WITHDRAWN.value

    said = Said(words={"reason": words} if words else None)
    with transaction.atomic(using=DESK):
        challenge = _locked(number, act)
        if not challenge.is_confirmed:
            return _go_on(challenge, Action.WITHDRAW, act, said, change=close)
        _check_withdrawal(challenge)
        return _go_on(challenge, Action.WITHDRAW, act, said, stays=True)


def appeal(number: int, act: Act, *, ground: AppealGround, words: str) -> Challenge:
    """Appeal a decision, once for each side."""

    def once(challenge: Challenge) -> None:
        _check_appeal(challenge, party_of(challenge, act.actor).ref)

    said = Said({"ground": ground.value}, {"reasons": words})
    return done(number, Action.APPEAL, act, said, change=once)


def publish(number: int, act: Act, *, ordinals: Sequence[int] = (), seen: int | None = None) -> Challenge:
    """Show what was written: all that waits to be looked through up to event ``seen``, as `accept` has it; or
    these events, also where hidden. The history says which were shown.
    """
    facts: dict[str, object] = {}

    def show(challenge: Challenge) -> None:
        facts["events"] = _publish(waiting(challenge, ordinals, seen=seen), act.now)
        if not facts["events"]:
            raise NotAllowed("There is nothing that waits to be shown.")

    return done(number, Action.PUBLISH, act, Said(facts), change=show)


def reopen(number: int, act: Act, *, second: Actor | None, words: str) -> Challenge:
    """Open a final decision again, by two arbiters, where a check was found wrong or the chain read anew."""

    def both(challenge: Challenge) -> None:
        _check_second(challenge, act, second)

    return done(number, Action.REOPEN, act, Said(words={"reason": words}, is_published=True), change=both)


def elapse(*, now: datetime, most: int = 500) -> int:
    """Write down what happened by itself by now; gives of how many challenges."""
    late = Challenge.objects.filter(elapses_at__lte=now).order_by("elapses_at")
    return sum(elapsed_by(each, now=now) for each in late.values_list("number", flat=True)[:most])


def elapsed_by(number: int, *, now: datetime) -> bool:
    """The same of one challenge; whether anything happened."""
    with transaction.atomic(using=DESK):
        return _elapse(Challenge.objects.select_for_update().get(number=number), now)


def waiting(
    challenge: Challenge, ordinals: Sequence[int] = (), *, seen: int | None = None
) -> Sequence[Event]:
    """Its events whose words wait to be looked through, up to event ``seen`` where that is given; of
    ``ordinals`` those too that are withheld.
    """
    found = challenge.events.select_related("payload").filter(payload__published_at=None).order_by("ordinal")
    found = found.exclude(type=Action.SUPPRESS.value)  # why something is withheld is for the desk alone
    if seen is not None:
        found = found.filter(ordinal__lte=seen)
    return list(found.filter(ordinal__in=ordinals) if ordinals else found.filter(payload__suppressed_at=None))


def standing_of(challenge: Challenge) -> Standing:
    """Where it stands, as it is written down."""
    closed = CloseReason(challenge.close_reason) if challenge.close_reason else None
    return Standing(Status(challenge.status), challenge.entered_at, challenge.is_extended, closed)


def done(number: int, action: Action, act: Act, said: Said, *, change: Change | None = None) -> Challenge:
    """Do it; ``change`` raises NotAllowed where the table allows it and something else does not."""
    with transaction.atomic(using=DESK):
        return _go_on(_locked(number, act), action, act, said, change=change)


def _go_on(
    challenge: Challenge, action: Action, act: Act, said: Said, *,
    change: Change | None = None, stays: bool = False,
) -> Challenge:  # fmt: skip
    """The action itself, of a challenge that is locked."""
    row = lifecycle.transition(action, role=act.actor.role, status=Status(challenge.status))
    if change is not None:
        change(challenge)
    _note_time(challenge, action, act.now)
    party = party_of(challenge, act.actor, is_new=action is Action.JOIN)
    after = None if stays else row.after
    if after is not None:
        _enter(challenge, after, act.now)
        notices.ask_to_escalate(challenge, now=act.now)
        said = Said({**said.facts, "status": after.value}, said.words, said.is_published)
    elif action is Action.EXTEND:
        _enter(challenge, Status(challenge.status), challenge.entered_at)
    events.add(challenge, action.value, said, party=party, now=act.now)
    challenge.save()
    return challenge


def _note_time(challenge: Challenge, action: Action, now: datetime) -> None:
    """When an arbiter first looked at it, and when it was first decided."""
    if action in (Action.ACCEPT, Action.ASK, Action.REFUSE) and challenge.acknowledged_at is None:
        challenge.acknowledged_at = now
    if action is Action.DECIDE and challenge.decided_at is None:
        challenge.decided_at = now


def _locked(number: int, act: Act) -> Challenge:
    """The challenge, which nobody else changes until the transaction ends, as it stands now."""
    challenge = Challenge.objects.select_for_update().filter(number=number).first()
    if challenge is None:
        raise NotHere(f"There is no challenge {naming.name_of(number)}.")
    if act.version is not None and act.version != challenge.version:
        raise Outdated(challenge)
    _elapse(challenge, act.now)
    return challenge


def _elapse(challenge: Challenge, now: datetime) -> bool:
    """Write down what happened by itself; whether anything did."""
    ended, at = deadlines.elapsed(standing_of(challenge), now), challenge.elapses_at
    if ended is None or at is None:
        return False
    if ended.closed_for is not None:
        challenge.close_reason = ended.closed_for.value
    _enter(challenge, ended.after, at)
    notices.ask_to_escalate(challenge, now=now)
    facts = {"status": ended.after.value, "due": at.isoformat()}
    events.add(challenge, ended.action.value, Said(facts), party=None, now=now)
    challenge.save()
    return True


def _enter(challenge: Challenge, status: Status, at: datetime) -> None:
    if challenge.status != status.value:
        challenge.is_extended = False
    challenge.status, challenge.entered_at = status.value, at
    standing = standing_of(challenge)
    challenge.elapses_at, challenge.due_ms = deadlines.elapses_at(standing), deadlines.due_ms(standing)


def _check_room(challenge: Challenge) -> None:
    if challenge.joined >= MOST_JOINED:
        raise NotAllowed(
            f"{MOST_JOINED} joined this challenge, and no more may: it is no vote, so one more would change "
            "nothing. What is new can be told to the operator."
        )


def _check_evidence(challenge: Challenge, actor: Actor) -> None:
    if actor.role is Role.CHALLENGER and challenge.events.filter(type=Action.WITHDRAW.value).exists():
        raise NotAllowed("You withdrew it, and it goes on without you: nothing is added to it any more.")
    own = challenge.events.filter(type=Action.ADD_EVIDENCE.value, party=party_of(challenge, actor))
    if own.count() >= MOST_EVIDENCE:
        raise NotAllowed(f"You added {MOST_EVIDENCE} pieces of evidence to it, and no more may be.")


def _check_withdrawal(challenge: Challenge) -> None:
    if challenge.events.filter(type=Action.WITHDRAW.value).exists():
        raise NotAllowed("You withdrew it already. It goes on without you.")


def _check_extension(challenge: Challenge) -> None:
    if challenge.is_extended:
        raise NotAllowed("The time to respond was extended before: that can be done once.")


def _check_appeal(challenge: Challenge, ref: str) -> None:
    if challenge.events.filter(type=Action.APPEAL.value, actor_ref=ref).exists():
        raise NotAllowed("Each side can appeal once, and this one did.")


def _check_second(challenge: Challenge, act: Act, second: Actor | None) -> None:
    if second is None or second.is_same_as(act.actor):
        raise NotAllowed("Two arbiters have to do that: name a second one, who is not the first.")
    if second.role is not act.actor.role:
        raise NotAllowed("Arbiters alone do that.")
    party_of(challenge, second)


def _there_is(number: int) -> Challenge:
    challenge = Challenge.objects.filter(number=number).first()
    if challenge is None:
        raise NotHere(f"There is no challenge {naming.name_of(number)}.")
    return challenge


def _publish(waiting: Iterable[Event], now: datetime) -> list[int]:
    """Show their words, of those that have any; gives the ordinals of these."""
    shown = [each for each in waiting if each.payload.words is not None]
    for each in shown:
        each.payload.published_at, each.payload.suppressed_at = now, None
        each.payload.save()
    return [each.ordinal for each in shown]
