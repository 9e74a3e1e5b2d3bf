"""Words of a challenge that may not be shown: hidden at once by one person, with whom a second one agrees
within two days, and taken out for good by two. Showing them again is `acting.publish`.

A day before he is late, whoever may agree is reminded. Where no second one came in time they stay hidden, and
everybody is told that he is late: what may hurt somebody is not shown because nobody had time.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from explorer.challenges import acting, files, notices
from explorer.challenges.acting import Act
from explorer.challenges.events import Said
from explorer.challenges.models import Challenge, Event
from explorer.challenges.parties import Actor, party_of
from explorer.desk.models import DESK
from explorer.desk.outbox import enqueue
from explorer.rules import lifecycle
from explorer.rules.lifecycle import Action, NotAllowed, Role, Status

CATEGORIES = ("personal data", "a secret", "unlawful content", "abuse", "spam")
"""What words can be that are withheld, as everybody reads it."""


def suppress(
    number: int, act: Act, *,
    ordinal: int, category: str, basis: str, second: Actor | None = None, erase: bool = False,
) -> Challenge:  # fmt: skip
    """Withhold the words of an event, or take them out of the tables for good. ``category`` is what they are,
    ``basis`` why they may not be shown; neither repeats them, and the basis is for the desk alone. ``second``
    is who agrees, None where he is to come yet. The event stays, as does every decision.
    """
    if not (category and basis):
        raise NotAllowed("Say what the words are, and why they may not be shown.")
    if erase and second is None:
        raise NotAllowed("What is taken out for good does not come back: name a second person who agrees.")
    facts: dict[str, object] = {"event": ordinal, "category": category, "erased": erase}

    def hide(challenge: Challenge) -> None:
        found = _with_words(challenge, ordinal)
        payload = found.payload
        if second is not None:
            _check_other(challenge, act.actor, second)
            facts["second"] = party_of(challenge, second).ref
        payload.published_at, payload.suppressed_at = None, act.now
        if erase:
            payload.words, payload.salt = None, None
            files.erase(found)
        payload.save()

    said = Said(facts, {"basis": basis}, is_withheld=True)
    with transaction.atomic(using=DESK):
        challenge = acting.done(number, Action.SUPPRESS, act, said, change=hide)
        if second is None:
            own = challenge.events.get(ordinal=challenge.version)
            at = notices.remind_at(own)
            enqueue(notices.REMIND_SECOND, now=act.now, due_at=at, number=number, event=own.ordinal)
        return challenge


def agree(number: int, act: Act, *, ordinal: int) -> Challenge:
    """As a second person, that the words of an event are withheld."""
    facts: dict[str, object] = {"event": ordinal}

    def find(challenge: Challenge) -> None:
        found = next((each for each in alone(challenge) if each.payload.facts["event"] == ordinal), None)
        if found is None:
            raise NotAllowed(f"Nothing that event {ordinal} says is withheld by one person alone.")
        assert found.party is not None
        first = Actor(Role(found.party.role), found.party.name, found.party.person_id)
        _check_other(challenge, first, act.actor)
        facts["suppression"] = found.ordinal

    return acting.done(number, Action.AGREE, act, Said(facts), change=find)


def remind_second(number: int, event: int) -> None:
    """Remind those who may agree to what ``event`` withheld, where one person alone withholds it still."""
    found = (each for each in alone(Challenge.objects.get(number=number)) if each.ordinal == event)
    if (withheld := next(found, None)) is not None:
        notices.tell_second(withheld, now=timezone.now())


def alone(challenge: Challenge) -> Sequence[Event]:
    """The events by which one person withheld something that is withheld still, and nobody agreed so far."""
    own = challenge.events.select_related("payload", "party").order_by("ordinal")
    last = {each.payload.facts["event"]: each for each in own.filter(type=Action.SUPPRESS.value)}
    if not last:
        return []
    hidden = set(own.filter(payload__suppressed_at__isnull=False).values_list("ordinal", flat=True))
    agreed = {each.payload.facts["suppression"] for each in own.filter(type=Action.AGREE.value)}
    return [
        each
        for ordinal, each in last.items()
        if ordinal in hidden and "second" not in each.payload.facts and each.ordinal not in agreed
    ]


def _with_words(challenge: Challenge, ordinal: int) -> Event:
    found = challenge.events.select_related("payload").filter(ordinal=ordinal).first()
    if found is None or found.payload.words is None:
        raise NotAllowed(f"Event {ordinal} has no words.")
    if found.type == Action.DECIDE.value:
        raise NotAllowed("A decision is never withheld.")
    return found


def _check_other(challenge: Challenge, first: Actor, second: Actor) -> None:
    """That ``second`` is somebody else, and one who may agree. Raises NotAllowed."""
    lifecycle.transition(Action.AGREE, role=second.role, status=Status(challenge.status))
    if second.is_same_as(first):
        raise NotAllowed("It takes two people: the second one is the first.")
