"""Challenges as everybody sees them: lists, one with its history, and the grounds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone

from explorer.pages.frame.chips import chips_of
from explorer.pages.frame.context import chains_of
from explorer.pages.frame.feeding import feed_of
from explorer.pages.frame.fields import fields_of
from explorer.pages.frame.page import asking, led, page, show
from explorer.pages.frame.pagination import Pager
from explorer.pages.rendering.challenges_file import as_csv, as_ndjson
from explorer.pages.rendering.since import Edits, edits_of
from explorer.queries.site import challenge_metrics, challenges
from explorer.queries.site.challenge_filter import ChallengeFilter
from explorer.queries.site.challenge_parts import Parts, parts_of
from explorer.queries.site.challenges import ChallengeRow, ChallengeView
from explorer.query_parameters import QueryParameters, address, parameters_of
from explorer.rules import lifecycle, registry
from explorer.rules.lifecycle import Action, Resolution, Role

_BY_FORM = {each.value for each in (Action.ANSWER, Action.APPEAL, Action.WITHDRAW)}
"""What the page offers to whoever filed it: it knows nobody, so it offers it to all."""


@dataclass(frozen=True, slots=True)
class _Format:
    """A form of a file."""

    name: str
    content_type: str
    written: Callable[[Sequence[ChallengeRow]], str]


_FORMATS = {
    each.name: each
    for each in (
        _Format("csv", "text/csv; charset=utf-8; header=present", as_csv),
        _Format("ndjson", "application/x-ndjson; charset=utf-8", as_ndjson),
    )
}


@asking("cursor", *parameters_of(ChallengeFilter), form=ChallengeFilter)
def listed(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """A page of challenges, newest or oldest first, or what is due next."""
    wanted = asked.filter(ChallengeFilter())
    part = asked.page(orders=challenges.ORDERS, of=wanted)
    if elsewhere := led(request, address(request.path, wanted, part)):
        return elsewhere
    found = challenges.page(wanted, part, now=timezone.now())
    return show(
        request, "pages/challenges.html", section="challenges",
        pager=Pager(request, part, found), here=request.path,
        counts=challenges.counts(wanted), chips=chips_of(request.path, wanted, part),
        fields=fields_of(wanted), orders=challenges.ORDERS, usual=challenges.ORDERS[0], of=chains_of(request),
        feed_path=feed_of(request.path, wanted), export=address(reverse("challenges-export"), wanted),
    )  # fmt: skip


@asking("format", "before", *ChallengeFilter.declarations(), form=ChallengeFilter)
def exported(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The same list as a file, the newest first; its header `Link` leads to the next one, if there is one."""
    wanted = asked.filter(ChallengeFilter())
    kind, before = asked.choice("format", _FORMATS) or _FORMATS["csv"], asked.number("before")
    asked.check()
    rows, rest = challenges.exported(wanted, before, now=timezone.now())
    more = {} if rest is None else {"Link": f'<{_next(request, rest)}>; rel="next"'}
    return HttpResponse(
        kind.written(rows), content_type=kind.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="challenges.{kind.name}"',
            "Cache-Control": "public, max-age=60", "X-Robots-Tag": "noindex", **more,
        },
    )  # fmt: skip


def _next(request: HttpRequest, before: int) -> str:
    query = request.GET.copy()
    query["before"] = str(before)
    return f"{request.path}?{query.urlencode()}"


@page
def metrics(request: HttpRequest) -> HttpResponse:
    """What becomes of challenges, in numbers."""
    found = challenge_metrics.metrics(now=timezone.now())
    return show(
        request, "pages/challenge_metrics.html", section="challenges", found=found,
        grounds=[(each, found.by_ground[each.name]) for each in registry.public()],
        closed=list(found.closed.items()), resolutions=list(Resolution),
        checked=[(True, found.confirmed), (False, found.unconfirmed)],
    )  # fmt: skip


@page
def challenge(request: HttpRequest, number: int) -> HttpResponse:
    """One challenge: where it stands, what comes next, facts then and now, both sides, all events."""
    found = challenges.challenge(number, now=timezone.now())
    parts = parts_of(found)
    return show(
        request, "pages/challenge.html", section="challenges", chain=found.chain,
        view=found, row=found.row, told=found.events, parts=parts, edits=_edits(found),
        result_paths=_result_paths(found, parts), root=request.build_absolute_uri("/").rstrip("/"),
        feed_path=feed_of(request.path), noindex=not found.is_indexed,
        offered=_offered(found), is_alone=not found.row.status.is_over and _did(found, Action.WITHDRAW),
        may_join=lifecycle.may(Action.JOIN, role=Role.JOINER, status=found.row.status),
    )  # fmt: skip


def _offered(view: ChallengeView) -> frozenset[str]:
    """What whoever filed it can do, by name: what can be done once, and was, is left out."""
    once = {each.value for each in (Action.WITHDRAW, Action.APPEAL) if _did(view, each)}
    return (lifecycle.offered(role=Role.CHALLENGER, status=view.row.status) & _BY_FORM) - once


def _did(view: ChallengeView, action: Action) -> bool:
    """Whether whoever filed it did that."""
    did = {(each.type, each.actor_ref.partition("-")[0]) for each in view.events}
    return (action.value, Role.CHALLENGER.value) in did


def _edits(view: ChallengeView) -> Edits | None:
    """What the edits of the record changed; None while words of it are withheld."""
    return None if view.record is None or view.is_withheld else edits_of(view.record)


def _result_paths(view: ChallengeView, parts: Parts) -> Sequence[str]:
    """Where the result of each revision is, as it was signed."""
    of = view.row.rid, view.row.prompt_id
    said = [each.kept.number for each in parts.revisions if each.kept.result_sha256]
    return [reverse("record-raw", args=[*of, number, "result"]) for number in said]


@page
def grounds(request: HttpRequest) -> HttpResponse:
    """What a record can be questioned for: what each needs, what may be innocent, what can come of it."""
    return show(
        request, "pages/grounds.html", section="challenges", public=registry.public(),
        private=[each for each in registry.grounds() if each.is_private], sha256=registry.sha256_hex(),
        version=registry.VERSION, opinion=registry.NOT_CHALLENGEABLE, resolutions=list(Resolution),
    )  # fmt: skip


urlpatterns = [
    path("challenges", listed, name="challenges"),
    path("challenges/export", exported, name="challenges-export"),
    path("challenges/metrics", metrics, name="challenge-metrics"),
    path("challenges/<challenge:number>", challenge, name="challenge"),
    path("grounds", grounds, name="grounds"),
]
