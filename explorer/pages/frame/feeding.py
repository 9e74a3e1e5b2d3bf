"""What all feeds have in common: their addresses, and refusals as problems, which programs read."""

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from explorer.api import problems
from explorer.pages.frame.page import View, asking
from explorer.queries.db.errors import Damaged, NotHere
from explorer.queries.db.filters import Filter
from explorer.queries.db.pagination import PageRequest
from explorer.query_parameters import BadParameters, address, link

FEEDS = "/feeds"
"""What stands before the address of a page in that of its feed."""


def feeding(*parameters: str) -> Callable[[View], View]:
    """A view that gives a feed, and takes these parameters: as ``asking``, with problems for pages."""
    return asking(*parameters, refused=_problem)


def feed_of(path: str, wanted: Filter | None = None, part: PageRequest | None = None) -> str:
    """The address of the feed of a page at a path, with its filters; empty where no address holds it. Of a
    list it is by the newest change where the page is, else by the newest, whatever the page is sorted by.
    """
    return f"{FEEDS}{path}" if wanted is None else link(f"{FEEDS}{path}", wanted, _newest(part))


def led_to_feed(path: str, wanted: Filter, part: PageRequest | None = None) -> HttpResponse:
    """Whoever asks otherwise is led to that feed."""
    return HttpResponseRedirect(address(f"{FEEDS}{path}", wanted, _newest(part)))


def page_of(request: HttpRequest) -> str:
    """The address at which people read what a feed tells."""
    return request.get_full_path().removeprefix(FEEDS)


def _newest(part: PageRequest | None) -> PageRequest | None:
    return None if part is None else replace(PageRequest(), changed_first=part.changed_first)


def _problem(request: HttpRequest, error: Exception) -> HttpResponse:
    name = "bad-parameter"
    if isinstance(error, NotHere):
        name = "not-here"
    elif isinstance(error, Damaged):
        name = "damaged"
    faults = error.faults if isinstance(error, BadParameters) else ()
    line = error.line if isinstance(error, BadParameters) else None
    members = {} if line is None else problems.of_line(line)
    return problems.answer(name, request, detail=str(error), faults=faults, members=members)
