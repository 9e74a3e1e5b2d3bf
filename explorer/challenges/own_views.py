"""What somebody wrote in a challenge, and that what he has just done was taken: for him alone."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from explorer.accounts.views.gate import while_there_are_accounts
from explorer.challenges import acting, own_words, person
from explorer.challenges.files import Place
from explorer.challenges.models import Challenge, Event
from explorer.challenges.parties import actor_of
from explorer.challenges.person import Person
from explorer.pages.frame.page import asking, show
from explorer.queries.db.errors import NotHere
from explorer.query_parameters import QueryParameters
from explorer.rules import deadlines, naming
from explorer.rules.deadlines import Due
from explorer.rules.lifecycle import FILED, Action

_TAKEN: Mapping[str, str] = {
    Action.JOIN.value: "You joined the challenge",
    Action.ADD_EVIDENCE.value: "Your evidence was added",
    Action.ANSWER.value: "Your answer was sent",
    Action.RESPOND.value: "Your response was sent",
    Action.EXTEND.value: "There is a week more to respond",
    Action.WITHDRAW.value: "You withdrew the challenge",
    Action.APPEAL.value: "Your appeal was sent",
}
"""By the event of whoever did it."""

_WROTE: Mapping[str, str] = {
    FILED: "What you filed",
    Action.JOIN.value: "As you joined",
    Action.ADD_EVIDENCE.value: "Evidence",
    Action.ANSWER.value: "Answer",
    Action.RESPOND.value: "Response",
    Action.WITHDRAW.value: "As you withdrew it",
    Action.APPEAL.value: "Appeal",
}


@asking("event")
@while_there_are_accounts
def own(request: HttpRequest, asked: QueryParameters, number: int) -> HttpResponse:
    """All that somebody wrote in a challenge; ``event`` is what he has just done."""
    ordinal = asked.number("event", least=1)
    asked.check()
    by, challenge = person.person_of(request), _of(number)
    if by is None:
        response = _shown(request, challenge, is_signed_in=False)
    else:
        response = _own(request, challenge, by, ordinal)
    patch_cache_control(response, no_store=True)
    return response


def _own(request: HttpRequest, challenge: Challenge, by: Person, ordinal: int | None) -> HttpResponse:
    if actor_of(challenge, by.id) is None:
        raise NotHere("Only whoever takes part in this challenge finds here what he wrote.")
    done = None if ordinal is None else Event.objects.filter(
        challenge=challenge, ordinal=ordinal, party__person_id=by.id
    ).first()  # fmt: skip
    written = [(_WROTE.get(each.type, each.type), each) for each in own_words.of_person(
        by.id, challenge=challenge.number)]  # fmt: skip
    return _shown(
        request, challenge, is_signed_in=True, done=done, taken=_TAKEN.get(done.type) if done else None,
        written=written[::-1], due=_due(challenge, timezone.now()),
        waiting=len(Place(by.id, challenge=challenge.number).waiting()),
    )  # fmt: skip


def _of(number: int) -> Challenge:
    challenge = Challenge.objects.filter(number=number).first()
    if challenge is None:
        raise NotHere(f"There is no challenge {naming.name_of(number)}.")
    return challenge


def _due(challenge: Challenge, now: datetime) -> Due | None:
    return deadlines.due(deadlines.standing_at(acting.standing_of(challenge), now))


def _shown(request: HttpRequest, challenge: Challenge, **more: object) -> HttpResponse:
    return show(
        request, "my/challenge_own.html", section="challenges", api_path=None, status=HTTPStatus.OK,
        challenge=challenge, **more,
    )  # fmt: skip
