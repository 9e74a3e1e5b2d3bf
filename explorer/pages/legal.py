"""The site's own words: how checks are made, privacy, terms, contact, licence of the data, robots."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static

from explorer.pages.page import hides_records, page, show
from explorer.parameters import Asked

_ROBOTS = "User-agent: *\nDisallow: /find\nDisallow: /theme\nDisallow: /api/\nAllow: /\n"


@page
def checks(request: HttpRequest) -> HttpResponse:
    """What is checked, how, and what cannot be."""
    return _words(request, "checks")


@page
def privacy(request: HttpRequest) -> HttpResponse:
    """What is known of visitors, and how personal data in records is removed."""
    return _words(request, "privacy")


@page
def terms(request: HttpRequest) -> HttpResponse:
    """What may be done with the site, and what it does not promise."""
    return _words(request, "terms")


@page
def contact(request: HttpRequest) -> HttpResponse:
    """Who runs it and how to reach them."""
    return _words(request, "contact")


@page
def data_licence(request: HttpRequest) -> HttpResponse:
    """Under what licence the data may be used."""
    return _words(request, "data_licence")


def robots(request: HttpRequest) -> HttpResponse:
    """What robots may read. Pages of records say for themselves whether they may be indexed."""
    return HttpResponse(_ROBOTS, content_type="text/plain; charset=utf-8")


def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, at the address where some programs look for it."""
    return HttpResponseRedirect(static("favicon.svg"))


def _words(request: HttpRequest, name: str) -> HttpResponse:
    Asked(request.GET).check()
    return show(request, f"pages/{name}.html", section=name, api_path=None, noindex_records=hides_records())
