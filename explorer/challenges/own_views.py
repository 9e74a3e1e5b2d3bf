"""For somebody alone: his challenges and drafts, what he wrote in one, and that what he did was taken."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from explorer.accounts.views.gate import while_there_are_accounts
from explorer.challenges import acting, own_words, person
from explorer.challenges.files import Place
from explorer.challenges.models import Challenge, Draft, Event, Party
from explorer.challenges.parties import actor_of, to_respond
from explorer.challenges.person import Person
from explorer.pages.frame.page import asking, page, show
from explorer.queries.db.errors import NotHere
from explorer.query_parameters import QueryParameters
from explorer.rules import deadlines, lifecycle, naming, registry
from explorer.rules.deadlines import Due
from explorer.rules.ground import Ground
from explorer.rules.lifecycle import FILED, Action, Role, Status

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

_ONCE = (Action.WITHDRAW, Action.APPEAL)
MOST = 100
"""Of somebody's challenges and drafts that are listed."""

_WROTE: Mapping[str, str] = {
    FILED: "What you filed",
    Action.JOIN.value: "As you joined",
    Action.ADD_EVIDENCE.value: "Evidence",
    Action.ANSWER.value: "Answer",
    Action.RESPOND.value: "Response",
    Action.WITHDRAW.value: "As you withdrew it",
    Action.APPEAL.value: "Appeal",
}


@dataclass(frozen=True, slots=True)
class Own:
    """A challenge in which somebody takes part, and what he can do to it."""

    challenge: Challenge
    role: Role
    status: Status
    offered: frozenset[str]
    ground: Ground
    due: Due | None
    is_late: bool
    duplicate_of: int | None


@page
@while_there_are_accounts
def mine(request: HttpRequest) -> HttpResponse:
    """Somebody's own challenges and drafts, newest first."""
    by = person.person_of(request)
    if by is None:
        return show(
            request, "my/challenges_mine.html", section="challenges", api_path=None, is_signed_in=False
        )
    now = timezone.now()
    parts = Party.objects.filter(person_id=by.id).select_related("challenge").order_by("-challenge_id")
    waiting = to_respond(by.id).filter(status=Status.OPEN.value).order_by("elapses_at")
    begun = Draft.objects.filter(person_id=by.id, challenge=None, expires_at__gt=now)
    done = _done_once(by)
    return show(
        request, "my/challenges_mine.html", section="challenges", api_path=None, is_signed_in=True, person=by,
        rows=[_row(each.challenge, Role(each.role), now, done[each.challenge_id]) for each in parts[:MOST]],
        waiting=[_row(each, Role.RESPONDENT, now) for each in waiting[:MOST]],
        drafts=begun.order_by("-created_at")[:MOST],
    )  # fmt: skip


def _done_once(by: Person) -> Mapping[int, set[str]]:
    """What somebody can do to a challenge no more, by its number: what can be done once, and to add to one
    that he withdrew.
    """
    did = Event.objects.filter(party__person=by.id, type__in=[each.value for each in _ONCE])
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, act in did.values_list("challenge", "type"):
        found[number].add(act)
        if act == Action.WITHDRAW.value:
            found[number].add(Action.ADD_EVIDENCE.value)
    return found


def _row(challenge: Challenge, role: Role, now: datetime, done: Set[str] = frozenset()) -> Own:
    """As it stands by now, whether or not a worker wrote that down; without what was ``done`` already."""
    standing = deadlines.standing_at(acting.standing_of(challenge), now)
    return Own(
        challenge, role, standing.status, lifecycle.offered(role=role, status=standing.status) - done,
        ground=registry.by_name()[challenge.ground],
        due=deadlines.due(standing), is_late=deadlines.is_late(standing, now),
        duplicate_of=challenge.duplicate_of,
    )  # fmt: skip


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
