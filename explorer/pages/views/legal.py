"""The site's own words, and what it tells robots."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import path

from explorer.api import site_words
from explorer.pages.frame.page import page, show

_ROBOTS = "User-agent: *\nDisallow: /find?\nDisallow: /theme\nDisallow: /my/\nDisallow: /api/\nAllow: /\n"


@page
def words(request: HttpRequest, name: str) -> HttpResponse:
    """One of the pages in the site's own words."""
    return show(request, site_words.template_of(name), section=name)


def robots(request: HttpRequest) -> HttpResponse:
    """What robots may read. Pages of records say for themselves whether they may be indexed."""
    return HttpResponse(_ROBOTS, content_type="text/plain; charset=utf-8")


def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, at the address where some programs look for it."""
    return HttpResponseRedirect(static("favicon.svg"))


urlpatterns = [
    *(path(each, words, {"name": each}, name=each) for each in site_words.PAGES),
    path("robots.txt", robots, name="robots"),
    path("favicon.svg", favicon, name="favicon"),
]
