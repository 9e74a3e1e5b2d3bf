"""What a program can do to a challenge that is filed, for whoever takes part in it."""

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import addresses
from explorer.api.describing import CHALLENGE, sent
from explorer.challenges import acting
from explorer.challenges.acting import Act
from explorer.challenges.api import bodies
from explorer.challenges.api.filing import POINTED_AT, Links, Said
from explorer.challenges.api.sending import Sender, Sending, Taken, told
from explorer.challenges.filing_forms import PointingForm, StatementForm
from explorer.challenges.models import Challenge
from explorer.challenges.once import Answer
from explorer.challenges.parties import Actor, actor_of
from explorer.challenges.party_views import LIMITS
from explorer.desk import quotas
from explorer.queries.db.errors import NotHere
from explorer.rules import naming
from explorer.rules.lifecycle import Role

_MAY_BE = {"not-here": None, "not-now": None}
Given = Mapping[str, str]
Do = Callable[[Challenge, Given, Sender], Challenge]


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
        answer=Taken,
        path=[CHALLENGE],
        may_be=_MAY_BE,
    )
    def post(self, request: Request, number: str) -> Response:
        return _done(self, request, number, _add_evidence, form=PointingForm)


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
        return _done(self, request, number, _join)


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
        return _done(self, request, number, _withdraw, has_to_say=False)


def _done(
    endpoint: Sending, request: Request, number: str, do: Do, *,
    form: type[StatementForm] = StatementForm, has_to_say: bool = True,
) -> Response:  # fmt: skip
    points = {"links": list} if form is PointingForm else {}
    body = bodies.members(request, statement=str, **points)

    def act(sender: Sender) -> Answer:
        challenge = _there_is(addresses.challenge(number))
        given = {"statement": body.get("statement", "")}
        filled = form(given | {"links": bodies.links(body)} if points else given)
        filled.fields["statement"].required = has_to_say
        bodies.refuse(bodies.of_form(filled))
        quotas.take(LIMITS, sender.address, now=sender.now)
        return told(do(challenge, filled.cleaned_data, sender))

    return endpoint.taken(request, act)


def _add_evidence(challenge: Challenge, given: Given, sender: Sender) -> Challenge:
    own = actor_of(challenge, sender.person.id)
    if own is None:
        raise PermissionDenied("This is for whoever takes part in the challenge: join it first.")
    act = Act(own, sender.now)
    return acting.add_evidence(challenge.number, act, words=given["statement"], links=given["links"])


def _join(challenge: Challenge, given: Given, sender: Sender) -> Challenge:
    return acting.join(challenge.number, _act(Role.JOINER, sender), words=given["statement"])


def _withdraw(challenge: Challenge, given: Given, sender: Sender) -> Challenge:
    own = actor_of(challenge, sender.person.id)
    if own is None or own.role is not Role.CHALLENGER:
        raise PermissionDenied("This is for whoever filed the challenge.")
    return acting.withdraw(challenge.number, _act(Role.CHALLENGER, sender), words=given["statement"])


def _act(role: Role, sender: Sender) -> Act:
    return Act(Actor(role, sender.person.name, sender.person.id), sender.now)


def _there_is(number: int) -> Challenge:
    found = Challenge.objects.filter(number=number).first()
    if found is None:
        raise NotHere(f"There is no challenge {naming.name_of(number)}.")
    return found
