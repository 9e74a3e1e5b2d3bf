"""The checks that are made of every record: all of them, and one."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from explorer.pages.frame.context import chains_of
from explorer.pages.frame.page import page, show
from explorer.pages.rendering.name_tags import records_of
from explorer.queries.records import checks


@page
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every check, with how often it finds something."""
    found = checks.catalogue(chains_of(request))
    return show(
        request, "pages/checks.html", section="checks", entries=found, counted_to=found[0].counted_to,
        is_one=len(found[0].of) == 1,
    )  # fmt: skip


@page
def check(request: HttpRequest, name: str) -> HttpResponse:
    """One check: how it is made, what it cannot tell, and its newest findings."""
    found = checks.entry(chains_of(request), name)
    return show(
        request, "pages/check.html", section="checks", entry=found, counted_to=found.counted_to,
        is_one=len(found.of) == 1, records_url=records_of(reverse("all-records"), check=found.check.name),
    )  # fmt: skip


urlpatterns = [
    path("checks", catalogue, name="checks"),
    path("checks/<str:name>", check, name="check"),
]
