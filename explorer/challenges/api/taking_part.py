"""What a program can do to a challenge that is filed, for whoever takes part in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import addresses
from explorer.api.describing import CHALLENGE, sent
from explorer.challenges import acting, files
from explorer.challenges.acting import Act
from explorer.challenges.api import bodies
from explorer.challenges.api.filing import POINTED_AT, Links, Said
from explorer.challenges.api.sending import Sender, Sending, Taken, Task, looked_into, told
from explorer.challenges.files import Found, Place
from explorer.challenges.filing_forms import PointingForm, StatementForm
from explorer.challenges.models import Challenge
from explorer.challenges.once import Answer
from explorer.challenges.parties import Actor, actor_of
from explorer.challenges.party_views import LIMITS
from explorer.desk import quotas
from explorer.queries.db.errors import NotHere
from explorer.query_parameters import Fault
from explorer.rules import naming
from explorer.rules.lifecycle import Role

_MAY_BE = {"not-here": None, "not-now": None}
Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Doing:
    """Something to do: as whom somebody does it, which raises PermissionDenied; how, with words and files;
    and which form it is.
    """

    actor: Callable[[Challenge, Sender], Actor]
    do: Callable[[int, Act, Given, Sequence[Found]], Challenge]
    form: type[StatementForm] = StatementForm
    has_to_say: bool = True

    @property
    def takes_more(self) -> bool:
        """Whether links and files go with it."""
        return self.form is PointingForm


class SaidOfChallenge(serializers.Serializer[Any]):
    """What somebody has to say."""

    statement = Said(help_text="In a few sentences; Markdown may be used, images are not shown.")


class EvidenceToAdd(SaidOfChallenge):
    """Something more to go by."""

    links = Links(required=False, help_text=POINTED_AT)


class WithdrawalReason(serializers.Serializer[Any]):
    """Why somebody does something, if he wants to say it."""

    statement = Said(required=False, help_text="Why. May be left out.")


class EvidenceEndpoint(Sending):
    @sent(
        "add_evidence",
        tag="challenges",
        summary="Add evidence to a challenge",
        about="For whoever takes part in it. It is numbered, never changed, and shown once somebody has "
        "looked it through; what comes late is taken, and marked so.",
        body=EvidenceToAdd,
        takes_files=True,
        answer=Taken,
        path=[CHALLENGE],
        may_be=_MAY_BE,
    )
    def post(self, request: Request, number: str) -> Response:
        return _done(self, request, number, _EVIDENCE)


class JoinEndpoint(Sending):
    @sent(
        "join_challenge",
        tag="challenges",
        summary="Join a challenge",
        about="Say that you question the same, with what you have to add. Joining is no vote.",
        body=SaidOfChallenge,
        answer=Taken,
        path=[CHALLENGE],
        may_be=_MAY_BE,
    )
    def post(self, request: Request, number: str) -> Response:
        return _done(self, request, number, _JOIN)


class WithdrawalEndpoint(Sending):
    @sent(
        "withdraw_challenge",
        tag="challenges",
        summary="Withdraw a challenge",
        about="For whoever filed it, before it is decided. It cannot be undone. What a check of the chain "
        "confirmed goes on without its challenger.",
        body=WithdrawalReason,
        answer=Taken,
        path=[CHALLENGE],
        may_be=_MAY_BE,
    )
    def post(self, request: Request, number: str) -> Response:
        return _done(self, request, number, _WITHDRAWAL)


def _done(endpoint: Sending, request: Request, number: str, doing: Doing) -> Response:
    links = {"links": list} if doing.takes_more else {}
    body = bodies.read(request, takes_files=doing.takes_more, statement=str, **links)

    def task(sender: Sender) -> Task:
        challenge = _there_is(addresses.challenge(number))
        act = Act(doing.actor(challenge, sender), sender.now)
        of_files: list[Fault] = []
        found = looked_into(body.files, sender, of_files, challenge=challenge.number)
        faults: list[Fault] = []
        given = _given(doing, body.members, faults)
        bodies.refuse([*faults, *of_files])

        def do() -> Answer:
            quotas.take(LIMITS, sender.address, now=sender.now)
            return told(doing.do(challenge.number, act, given, found))

        return Task(do, found)

    return endpoint.taken(request, body, task)


def _given(doing: Doing, body: Mapping[str, Any], faults: list[Fault]) -> Given:
    """What was said; what is wrong with it is a fault."""
    said = {"statement": body.get("statement", "")}
    form = doing.form(said | {"links": bodies.links(body)} if doing.takes_more else said)
    form.fields["statement"].required = doing.has_to_say
    faults += bodies.of_form(form)
    return form.cleaned_data


def _taking_part(challenge: Challenge, sender: Sender) -> Actor:
    own = actor_of(challenge, sender.person.id)
    if own is None:
        raise PermissionDenied("This is for whoever takes part in the challenge: join it first.")
    return own


def _filer(challenge: Challenge, sender: Sender) -> Actor:
    own = actor_of(challenge, sender.person.id)
    if own is None or own.role is not Role.CHALLENGER:
        raise PermissionDenied("This is for whoever filed the challenge.")
    return Actor(Role.CHALLENGER, sender.person.name, sender.person.id)


def _joiner(challenge: Challenge, sender: Sender) -> Actor:
    return Actor(Role.JOINER, sender.person.name, sender.person.id)


def _add(number: int, act: Act, given: Given, found: Sequence[Found]) -> Challenge:
    waiting = files.keep(Place(act.actor.person, challenge=number), found, now=act.now) if found else None
    return acting.add_evidence(number, act, words=given["statement"], links=given["links"], waiting=waiting)


_EVIDENCE = Doing(_taking_part, _add, form=PointingForm)
_JOIN = Doing(_joiner, lambda number, act, given, _: acting.join(number, act, words=given["statement"]))
_WITHDRAWAL = Doing(
    _filer,
    lambda number, act, given, _: acting.withdraw(number, act, words=given["statement"]),
    has_to_say=False,
)


def _there_is(number: int) -> Challenge:
    found = Challenge.objects.filter(number=number).first()
    if found is None:
        raise NotHere(f"There is no challenge {naming.name_of(number)}.")
    return found
