"""Filing a challenge, a page a step: which record, which ground, what for, look at it again, done.

Each step keeps what is typed in the draft, so that any of them can be come back to by its address.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import InterfaceError, OperationalError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import patch_cache_control

from explorer.accounts.views.gate import while_there_are_accounts
from explorer.challenges import acting, attaching, drafts, filers, filing, person, signed_out
from explorer.challenges.filers import TooMany
from explorer.challenges.files import Place
from explorer.challenges.filing import Duplicate, TooManyOfScout
from explorer.challenges.filing_forms import BeginForm, EvidenceForm, GroundForm, typed_statement
from explorer.challenges.models import Challenge, Draft
from explorer.challenges.target import Questioned, questioned
from explorer.desk.client_address import client_address
from explorer.desk.quotas import QuotaExceeded
from explorer.pages.frame.page import asking, page, show
from explorer.queries.db.errors import NotHere
from explorer.queries.records.checks import Told
from explorer.queries.site.challenge_links import links_of
from explorer.query_parameters import QueryParameters
from explorer.rules import deadlines, registry
from explorer.rules.ground import Ground

View = Callable[..., HttpResponse]
OfDraft = Callable[[HttpRequest, Draft], HttpResponse]
_LONGEST_NAME = 2_000
_NOT_NOW = (
    "Nothing was filed: the database does not take it just now. What you typed is kept in your draft: send "
    "it again."
)
_TOO_MUCH_CODE = "too-much"
_TOO_MUCH = (
    "Nothing is kept yet, and no file was taken: as much as may be was written. Your words stand below: "
    "leave this page open, and send them again after {:%H:%M} UTC."
)


@dataclass(frozen=True, slots=True)
class Offered:
    """A ground that can be chosen: what its check says of the record, None where there is no such check or
    it was not made; and the challenge on it that is pending, None where there is none.
    """

    ground: Ground
    told: Told | None
    pending: int | None

    @property
    def is_found(self) -> bool:
        """Whether the site found already what the ground is about."""
        return self.told is not None and self.told.is_found


def _of_draft(view: OfDraft) -> View:
    """A step of a draft, for whoever may go on with it; no browser stores what is typed there. Whoever is not
    signed in is led to where he does that, for it may be his.
    """

    @page
    @while_there_are_accounts
    @wraps(view)
    def answer(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
        by = person.person_of(request)
        try:
            draft = drafts.found(draft_id, person=by, now=timezone.now())
        except NotHere as refusal:
            if by is not None:
                raise
            response = signed_out.told(request, str(refusal), status=HTTPStatus.NOT_FOUND)
        else:
            response = view(request, draft)
        patch_cache_control(response, no_store=True)
        return response

    return answer


@asking("record", "links")
@while_there_are_accounts
def begin(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """What it takes, what happens and how long; and which record it is about. ``links`` are to be looked at
    beside it: the comparison from which somebody comes.
    """
    named = asked.text("record", most=_LONGEST_NAME)
    links = asked.text("links", most=_LONGEST_NAME)
    asked.check()
    if request.method != "POST":
        return _begun(request, BeginForm(initial={"record": named, "links": links}))
    form = BeginForm(request.POST)
    if not form.is_valid():
        return _begun(request, form, status=HTTPStatus.BAD_REQUEST)
    try:
        draft = drafts.begin(
            form.cleaned_data["record"], person=person.person_of(request), address=client_address(request),
            links=form.cleaned_data["links"], now=timezone.now(),
        )  # fmt: skip
    except QuotaExceeded as refusal:
        form.add_error(
            None, f"As many drafts as may be were begun: begin again after {refusal.until:%H:%M} UTC."
        )
        return _begun(request, form, status=HTTPStatus.TOO_MANY_REQUESTS)
    return redirect("challenge-ground", draft.id)


@_of_draft
def ground(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Which ground it is, each with what the site found already, innocent causes and the best outcome."""
    if draft.challenge_id is not None:
        return redirect("challenge-filed", draft.id)
    about = _about(draft)
    by = person.person_of(request)
    before = {} if by is None else signed_out.typed_before(request, by)
    form = GroundForm(
        request.POST if request.method == "POST" else None,
        initial={"ground": before.get("ground", draft.ground)},
    )
    if request.method == "POST" and form.is_valid():
        drafts.choose(draft, form.cleaned_data["ground"], now=timezone.now())
        signed_out.forget(request)
        return redirect("challenge-evidence", draft.id)
    offered = [_offered(each, about) for each in registry.public()]
    offered.sort(key=lambda each: not each.is_found)
    private = [each for each in registry.grounds() if each.is_private]
    return _step(
        request, "my/challenge_ground.html", draft, about, form=form, offered=offered, private=private,
        opinion=registry.NOT_CHALLENGEABLE,
    )  # fmt: skip


@_of_draft
def evidence(request: HttpRequest, draft: Draft) -> HttpResponse:
    """What the ground asks for, after what is known already. Files are looked into before the index is
    asked: that takes seconds, and a transaction that waits so long is ended.
    """
    if draft.challenge_id is not None or not draft.ground:
        return redirect("challenge-filed" if draft.ground else "challenge-ground", draft.id)
    chosen, target = registry.by_name()[draft.ground], drafts.target_of(draft)
    by = person.person_of(request)
    before = {} if by is None else signed_out.typed_before(request, by)
    place = _place(request, draft)
    form = EvidenceForm(
        chosen, target, request.POST if request.method == "POST" else None,
        initial={**_typed(draft, chosen), **before}, takes_files=place is not None,
    )  # fmt: skip
    if request.method == "POST" and _written(request, draft, form):
        is_of_files = place is not None and attaching.attached(request, place, form)
        if is_of_files and attaching.FIELD not in form.errors:
            return redirect(f"{request.path}#{form[attaching.FIELD].id_for_label}")
        if form.is_valid():
            return redirect("challenge-check", draft.id)
    about = _about(draft)
    offered = _offered(chosen, about)
    return _step(request, "my/challenge_evidence.html", draft, about, form=form, offered=offered)


def _written(request: HttpRequest, draft: Draft, form: EvidenceForm) -> bool:
    """Keep what was typed; where too much was written, the form says so, above all that was typed."""
    try:
        drafts.write(
            draft, fields=form.typed(), statement=typed_statement(request.POST),
            address=client_address(request), now=timezone.now(),
        )  # fmt: skip
    except QuotaExceeded as refusal:
        told = _TOO_MUCH.format(refusal.until)
        form.full_clean()
        form.add_error(None, ValidationError(told, code=_TOO_MUCH_CODE))
        return False
    signed_out.forget(request)
    return True


@_of_draft
def check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """All answers once more, and the button that files them."""
    if draft.challenge_id is not None or not draft.ground:
        return redirect("challenge-filed" if draft.ground else "challenge-ground", draft.id)
    about = _about(draft)
    chosen = registry.by_name()[draft.ground]
    takes_files = _place(request, draft) is not None
    form = EvidenceForm(chosen, about.target, _typed(draft, chosen), takes_files=takes_files)
    if not form.is_valid():
        return _step(
            request, "my/challenge_evidence.html", draft, about, form=form, offered=_offered(chosen, about)
        )
    if request.method == "POST" and person.person_of(request) is not None:
        return _filed(request, draft, about, form)
    return _checked(request, draft, about, form)


@_of_draft
def filed(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The number, what happens next and by when."""
    if draft.challenge_id is None:
        return redirect("challenge-check", draft.id)
    challenge = Challenge.objects.get(number=draft.challenge_id)
    standing = deadlines.standing_at(acting.standing_of(challenge), timezone.now())
    return _step(
        request, "my/challenge_filed.html", draft, _about(draft), challenge=challenge,
        due=deadlines.due(standing),
    )  # fmt: skip


def _filed(request: HttpRequest, draft: Draft, about: Questioned, form: EvidenceForm) -> HttpResponse:
    by = person.person_of(request)
    assert by is not None
    try:
        filing.file(draft, form.filing(), about, person=by, now=timezone.now())
    except Duplicate as refusal:
        return _checked(request, draft, about, form, duplicate=refusal.number, status=HTTPStatus.CONFLICT)
    except (TooMany, TooManyOfScout) as refusal:
        return _checked(
            request,
            draft,
            about,
            form,
            refusal=f"{refusal} Your draft stays.",
            status=HTTPStatus.TOO_MANY_REQUESTS,
        )
    except (OperationalError, InterfaceError):
        return _checked(request, draft, about, form, refusal=_NOT_NOW, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return redirect("challenge-filed", draft.id)


def _checked(
    request: HttpRequest, draft: Draft, about: Questioned, form: EvidenceForm, *,
    status: int = HTTPStatus.OK, **more: object,
) -> HttpResponse:  # fmt: skip
    """The answers as they would be filed."""
    given = form.filing()
    answers = [
        (each.label, form.fields[each.name], given.fields.get(each.name, "")) for each in given.ground.fields
    ]
    return _step(
        request, "my/challenge_check.html", draft, about, status=status, ground=given.ground,
        statement=given.statement, links=links_of(given.fields.get("links", "")),
        answers=[(label, _read(field, value)) for label, field, value in answers], **more,
    )  # fmt: skip


def _read(field: object, value: str) -> str:
    """An answer as people read it: of a choice what it says."""
    return str(dict(getattr(field, "choices", ())).get(value, value))


def _too_many(request: HttpRequest, draft: Draft) -> str | None:
    """Why whoever is signed in could not file the draft yet, before he types it."""
    by = person.person_of(request)
    return None if by is None or draft.challenge_id else filers.refusal(by, now=timezone.now())


def _about(draft: Draft) -> Questioned:
    return questioned(drafts.target_of(draft))


def _place(request: HttpRequest, draft: Draft) -> Place | None:
    """Where the files of a draft wait; None where nobody is signed in, who has none."""
    by = person.person_of(request)
    return None if by is None else Place(by.id, draft=draft.id)


def _typed(draft: Draft, chosen: Ground) -> Mapping[str, str]:
    """What is in the draft of what a ground asks for; there may be more, of one that was chosen before."""
    names = [*(each.name for each in chosen.fields), "links"]
    typed = {each: draft.fields[each] for each in names if each in draft.fields}
    return {**typed, "statement": draft.statement}


def _offered(ground: Ground, about: Questioned) -> Offered:
    told = {each.check.name: each for each in about.checked.told}
    said = next((told[name] for name in ground.checks if name in told), None)
    return Offered(ground, said, filing.pending(about, ground, now=timezone.now()))


def _begun(request: HttpRequest, form: BeginForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return show(
        request, "my/challenge_begin.html", section="challenges", api_path=None, form=form,
        status=status,
    )  # fmt: skip


def _step(
    request: HttpRequest, template: str, draft: Draft, about: Questioned, *, status: int = HTTPStatus.OK,
    **more: object,
) -> HttpResponse:  # fmt: skip
    """A page of a draft. Where its form is wrong, the status says so."""
    form = more.get("form")
    if isinstance(form, Form) and form.errors:
        is_late = form.has_error(NON_FIELD_ERRORS, _TOO_MUCH_CODE)
        status = HTTPStatus.TOO_MANY_REQUESTS if is_late else HTTPStatus.BAD_REQUEST
    place = _place(request, draft)
    return show(
        request, template, section="challenges", api_path=None, draft=draft, about=about,
        files=[] if place is None else place.waiting(), too_many=_too_many(request, draft),
        chain=about.chain, is_signed_in=person.person_of(request) is not None,
        status=status, **more,
    )  # fmt: skip
