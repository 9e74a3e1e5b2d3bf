"""Challenges as everybody sees them: lists, one with its history, and the grounds."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from explorer.pages.frame.chips import chips_of
from explorer.pages.frame.context import chains_of
from explorer.pages.frame.feeding import feed_of
from explorer.pages.frame.fields import fields_of
from explorer.pages.frame.page import asking, led, page, show
from explorer.pages.frame.pagination import Pager
from explorer.queries.site import challenges
from explorer.queries.site.challenge_filter import ChallengeFilter
from explorer.queries.site.challenge_parts import parts_of
from explorer.query_parameters import ORDERS, QueryParameters, address, parameters_of
from explorer.rules import registry
from explorer.rules.lifecycle import Resolution


@asking(*parameters_of(ChallengeFilter), form=ChallengeFilter)
def listed(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """A page of challenges, newest or oldest first."""
    wanted = asked.filter(ChallengeFilter())
    part = asked.page(of=wanted)
    if elsewhere := led(request, address(request.path, wanted, part)):
        return elsewhere
    found = challenges.page(wanted, part, now=timezone.now())
    return show(
        request, "pages/challenges.html", section="challenges",
        pager=Pager(request, part, found), here=request.path,
        counts=challenges.counts(wanted), chips=chips_of(request.path, wanted, part),
        fields=fields_of(wanted), orders=ORDERS, usual=ORDERS[0], of=chains_of(request),
        feed_path=feed_of(request.path, wanted), noindex=bool(request.GET),
    )  # fmt: skip


@page
def challenge(request: HttpRequest, number: int) -> HttpResponse:
    """One challenge: where it stands, what comes next, facts then and now, both sides, all events."""
    found = challenges.challenge(number, now=timezone.now())
    return show(
        request, "pages/challenge.html", section="challenges", chain=found.chain,
        view=found, row=found.row, told=found.events, parts=parts_of(found),
        feed_path=feed_of(request.path), noindex=not found.row.is_indexed,
    )  # fmt: skip


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
    path("challenges/<challenge:number>", challenge, name="challenge"),
    path("grounds", grounds, name="grounds"),
]
