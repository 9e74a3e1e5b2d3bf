"""What whoever takes part in a challenge can do to it: join, add evidence, answer what is asked, respond, ask
for more time, withdraw, appeal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from explorer.accounts.views.gate import while_there_are_accounts
from explorer.challenges import acting, attaching, drafts, person, signed_out
from explorer.challenges.acting import Act, Outdated
from explorer.challenges.asked import last_question
from explorer.challenges.files import Place
from explorer.challenges.filing_forms import AddEvidenceForm, AppealForm, StatementForm
from explorer.challenges.forms import SentForm
from explorer.challenges.models import Challenge, Draft
from explorer.challenges.parties import Actor, actor_of, may_respond
from explorer.challenges.person import Person
from explorer.desk import quotas
from explorer.desk.client_address import client_address
from explorer.desk.models import DESK
from explorer.desk.quotas import Limit, QuotaExceeded
from explorer.pages.frame.page import asking, page, show
from explorer.queries.db.errors import NotHere
from explorer.query_parameters import QueryParameters
from explorer.rules import deadlines, naming
from explorer.rules.lifecycle import Action, AppealGround, NotAllowed, Role

LIMITS = (Limit("challenge", most=30, period=timedelta(hours=1)),)
Given = Mapping[str, str]
_UUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class Doing:
    """Something to do: what its page says, and how it is done."""

    action: Action
    roles: Sequence[Role]
    title: str
    lede: str
    hint: str
    button: str
    do: Callable[[int, Act, Given], Challenge]
    has_to_say: bool = True
    lede_of_confirmed: str = ""  # instead, where a check finds what is questioned
    form: type[SentForm] = StatementForm


_JOIN = Doing(
    Action.JOIN,
    (Role.JOINER,),
    "Join challenge {}",
    "You say that you question the same. Joining is no vote, and none is counted: what helps is what you "
    "have to add.",
    "What did you see that is not said yet? It is shown once somebody has looked it through.",
    "Join the challenge",
    lambda number, act, given: acting.join(number, act, words=given["statement"]),
)
_EVIDENCE = Doing(
    Action.ADD_EVIDENCE,
    (Role.CHALLENGER, Role.RESPONDENT, Role.JOINER),
    "Add evidence to challenge {}",
    "It is numbered among the events of the challenge and never changed: to correct something, add what is "
    "right. What comes after the time for it is taken too, and marked as late.",
    "What there is to see, and where: name records by their numbers, transactions and blocks by their RIDs. "
    "Markdown may be used, and this site follows none of its links. It is shown once somebody has looked it "
    "through.",
    "Add the evidence",
    lambda number, act, given: acting.add_evidence(
        number,
        act,
        words=given["statement"],
        links=given["links"],
        waiting=Place(act.actor.person, challenge=number).waiting(),
    ),
    form=AddEvidenceForm,
)
_ANSWER = Doing(
    Action.ANSWER,
    (Role.CHALLENGER,),
    "Answer what is asked of challenge {}",
    "An arbiter asked for more before the challenge can be opened.",
    "Answer each point.",
    "Send the answer",
    lambda number, act, given: acting.answer(number, act, words=given["statement"]),
)
_RESPOND = Doing(
    Action.RESPOND,
    (Role.RESPONDENT,),
    "Respond to challenge {}",
    "You speak for whoever wrote the record, and can do so once in each round. Beside it stands that no key "
    "of the chain signed it. The challenge is in review then.",
    "What is there to say about the record? Markdown may be used. It is shown at the same size as what is "
    "said against it, once somebody has looked it through.",
    "Send the response",
    lambda number, act, given: acting.respond(number, act, words=given["statement"]),
)
_EXTEND = Doing(
    Action.EXTEND,
    (Role.RESPONDENT,),
    "Ask for a week more to respond to challenge {}",
    "The time to respond ends a week later. This can be done once.",
    "",
    "Take a week more",
    lambda number, act, given: acting.extend(number, act),
    form=SentForm,
)
_WITHDRAW = Doing(
    Action.WITHDRAW,
    (Role.CHALLENGER,),
    "Withdraw challenge {}",
    "The challenge is closed, and its page goes on to say that it was withdrawn. This cannot be undone.",
    "Why, if you want to say it. It is shown once somebody has looked it through.",
    "Withdraw the challenge",
    lambda number, act, given: acting.withdraw(number, act, words=given["statement"]),
    has_to_say=False,
    lede_of_confirmed="A check of the chain finds what you question, so the challenge stays open and goes on "
    "without you. Its page says that you withdrew it. This cannot be undone.",
)
_APPEAL = Doing(
    Action.APPEAL,
    (Role.CHALLENGER, Role.RESPONDENT),
    "Appeal the decision of challenge {}",
    "Two arbiters who did not judge it before decide it again. Each side can appeal once, and what was "
    "decided stays to be read.",
    "What is it, and where can it be seen? It is shown once somebody has looked it through.",
    "Appeal the decision",
    lambda number, act, given: acting.appeal(
        number, act, ground=AppealGround(given["ground"]), words=given["statement"]
    ),
    form=AppealForm,
)


@asking("draft")
@while_there_are_accounts
def join(request: HttpRequest, asked: QueryParameters, number: int) -> HttpResponse:
    """Join a challenge, with what is in ``draft`` where somebody was about to file the same."""
    named = asked.text("draft", most=_UUID_LENGTH)
    asked.check()
    return _act(request, number, _JOIN, begun=_draft(named, person.person_of(request), _there_is(number)))


@page
@while_there_are_accounts
def evidence(request: HttpRequest, number: int) -> HttpResponse:
    """Add evidence. Whoever does not take part yet is led to where he joins, with what he has to add."""
    by = person.person_of(request)
    if by is not None and request.method != "POST" and _role_of(_there_is(number), by) is None:
        return redirect("challenge-join", number)
    return _act(request, number, _EVIDENCE)


@page
@while_there_are_accounts
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Answer what an arbiter asked."""
    return _act(request, number, _ANSWER)


@page
@while_there_are_accounts
def respond(request: HttpRequest, number: int) -> HttpResponse:
    """Say what whoever wrote the record has to say."""
    return _act(request, number, _RESPOND)


@page
@while_there_are_accounts
def extend(request: HttpRequest, number: int) -> HttpResponse:
    """Have a week more for that."""
    return _act(request, number, _EXTEND)


@page
@while_there_are_accounts
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take a challenge back."""
    return _act(request, number, _WITHDRAW)


@page
@while_there_are_accounts
def appeal(request: HttpRequest, number: int) -> HttpResponse:
    """Appeal a decision."""
    return _act(request, number, _APPEAL)


def _act(request: HttpRequest, number: int, doing: Doing, *, begun: Draft | None = None) -> HttpResponse:
    challenge = _there_is(number)
    by = person.person_of(request)
    role = _role(challenge, doing, by)
    if by is None and request.method == "POST":
        return signed_out.told(request, "This is done by whoever is signed in.", status=HTTPStatus.FORBIDDEN)
    actor = Actor(role, "", None) if by is None else Actor(role, by.name, by.id)
    refusal = acting.refusal(challenge, doing.action, actor, now=timezone.now())
    if refusal is not None and request.method != "POST":
        return _refused(request, challenge, doing, refusal)
    typed = {} if begun is None else {"statement": drafts.as_words(begun)}
    typed |= _typed_before(request, by)
    form = _form(doing, request.POST if request.method == "POST" else None, typed)
    if by is not None and request.method == "POST" and _is_of_files(request, challenge, form, by):
        return _asked(request, challenge, doing, _form(doing, None, request.POST.dict()))
    if by is None or request.method != "POST" or not form.is_valid():
        return _asked(request, challenge, doing, form, is_signed_in=by is not None)
    return _done(request, challenge, doing, form, actor, begun=begun)


def _refused(request: HttpRequest, challenge: Challenge, doing: Doing, why: str) -> HttpResponse:
    """Nobody types what cannot be sent. What comes next is said, and by when."""
    standing = deadlines.standing_at(acting.standing_of(challenge), timezone.now())
    typed = _typed_before(request, person.person_of(request))
    return _shown(
        request, "my/challenge_not_now.html", challenge=challenge, why=why, due=deadlines.due(standing),
        typed=typed.get("statement", ""), title=doing.title.format(challenge.name),
        status=HTTPStatus.CONFLICT,
    )  # fmt: skip


def _typed_before(request: HttpRequest, by: Person | None) -> Mapping[str, str]:
    return {} if by is None else signed_out.typed_before(request, by)


def _draft(named: str, by: Person | None, challenge: Challenge) -> Draft | None:
    """What somebody was about to file of the same record on the same ground, or on none yet; None where there
    is no such draft that is his.
    """
    try:
        found = drafts.found(UUID(named), person=by, now=timezone.now())
    except (ValueError, NotHere):
        return None
    is_same = (bytes(found.brid), found.prompt_id) == (bytes(challenge.brid), challenge.prompt_id)
    is_of_ground = found.ground in ("", challenge.ground)
    return found if found.challenge_id is None and is_same and is_of_ground else None


def _done(
    request: HttpRequest, challenge: Challenge, doing: Doing, form: SentForm, by: Actor, *,
    begun: Draft | None,
) -> HttpResponse:  # fmt: skip
    act = Act(by, timezone.now())
    try:
        with transaction.atomic(using=DESK):
            quotas.take(LIMITS, client_address(request), now=act.now)
            done = doing.do(challenge.number, act, form.cleaned_data)
            if begun is not None:
                drafts.join(begun, challenge=challenge.number, now=act.now)
    except QuotaExceeded as refusal:
        form.add_error(None, f"As much as may be was sent: send this after {refusal.until:%H:%M} UTC.")
        return _asked(request, challenge, doing, form, status=HTTPStatus.TOO_MANY_REQUESTS)
    except (NotAllowed, Outdated) as refusal:
        form.add_error(None, str(refusal))
        return _asked(request, challenge, doing, form, status=HTTPStatus.CONFLICT)
    except (OperationalError, InterfaceError):
        form.add_error(
            None, "The database does not take it just now. What you typed is still here: send it again."
        )
        return _asked(request, challenge, doing, form, status=HTTPStatus.SERVICE_UNAVAILABLE)
    signed_out.forget(request)
    return redirect(f"{reverse('challenge-own', args=[challenge.number])}?event={done.version}")


def _until(challenge: Challenge) -> datetime | None:
    """Until when evidence is in time, where that runs by now."""
    return deadlines.evidence_until(deadlines.standing_at(acting.standing_of(challenge), timezone.now()))


def _there_is(number: int) -> Challenge:
    challenge = Challenge.objects.filter(number=number).first()
    if challenge is None:
        raise NotHere(f"There is no challenge {naming.name_of(number)}.")
    return challenge


def _role(challenge: Challenge, doing: Doing, by: Person | None) -> Role:
    """As what somebody does it; the first who may where nobody is signed in. Raises NotHere."""
    if by is None or doing.action is Action.JOIN:
        return doing.roles[0]
    found = _role_of(challenge, by)
    if found is None or found not in doing.roles:
        raise NotHere(_refusal(doing))
    return found


def _role_of(challenge: Challenge, by: Person) -> Role | None:
    """As what somebody takes part, or may as one who responds; None where he does not."""
    found = actor_of(challenge, by.id)
    if found is not None:
        return found.role
    return Role.RESPONDENT if may_respond(challenge, by.id) else None


def _refusal(doing: Doing) -> str:
    if doing.roles == (Role.RESPONDENT,):
        return (
            "Only whoever speaks for the writer of the record can do that. If it is you, tell the operator, "
            "and how he can see it: he enters your account."
        )
    who = "takes part in" if Role.JOINER in doing.roles else "filed"
    return f"Only whoever {who} this challenge can do that."


def _is_of_files(request: HttpRequest, challenge: Challenge, form: SentForm, by: Person) -> bool:
    """Whether what was sent is about files alone, and nothing is wrong with them."""
    if attaching.FIELD not in form.fields:
        return False
    is_of_files = attaching.attached(request, Place(by.id, challenge=challenge.number), form)
    return is_of_files and attaching.FIELD not in form.errors


def _form(doing: Doing, data: Mapping[str, str] | None, typed: Mapping[str, str]) -> SentForm:
    form = doing.form(data, initial=dict(typed))
    if (statement := form.fields.get("statement")) is not None:
        statement.help_text, statement.required = doing.hint, doing.has_to_say
    return form


def _asked(
    request: HttpRequest, challenge: Challenge, doing: Doing, form: SentForm, *,
    status: int = HTTPStatus.OK, is_signed_in: bool = True,
) -> HttpResponse:  # fmt: skip
    if form.errors and status == HTTPStatus.OK:
        status = HTTPStatus.BAD_REQUEST
    by = person.person_of(request)
    files = [] if by is None else Place(by.id, challenge=challenge.number).waiting()
    is_answer = doing.action is Action.ANSWER
    question = last_question(challenge.number, now=timezone.now()) if is_answer else None
    return _shown(
        request, "my/challenge_act.html", doing=doing, form=form, challenge=challenge, files=files,
        question=question,
        title=doing.title.format(challenge.name), is_signed_in=is_signed_in, status=status,
        lede=(challenge.is_confirmed and doing.lede_of_confirmed) or doing.lede,
        until=_until(challenge) if doing.action is Action.ADD_EVIDENCE else None,
    )  # fmt: skip


def _shown(
    request: HttpRequest, template: str, *, status: int = HTTPStatus.OK, **more: object
) -> HttpResponse:
    return show(request, template, section="challenges", api_path=None, status=status, **more)
