"""The site's own words: how checks are made, a glossary, privacy, terms, contact, licence, robots."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import path

from explorer.pages.frame.page import hides_records, page, show

_ROBOTS = "User-agent: *\nDisallow: /find?\nDisallow: /theme\nDisallow: /my/\nDisallow: /api/\nAllow: /\n"


@page
def words(request: HttpRequest, name: str) -> HttpResponse:
    """One of the pages in the site's own words."""
    return show(request, f"pages/{name}.html", section=name, api_path=None, noindex_records=hides_records())


def robots(request: HttpRequest) -> HttpResponse:
    """What robots may read. Pages of records say for themselves whether they may be indexed."""
    return HttpResponse(_ROBOTS, content_type="text/plain; charset=utf-8")


def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, at the address where some programs look for it."""
    return HttpResponseRedirect(static("favicon.svg"))


urlpatterns = [
    path("how-checks-are-made", words, {"name": "how-checks-are-made"}, name="how-checks-are-made"),
    path("glossary", words, {"name": "glossary"}, name="glossary"),
    path("privacy", words, {"name": "privacy"}, name="privacy"),
    path("terms", words, {"name": "terms"}, name="terms"),
    path("contact", words, {"name": "contact"}, name="contact"),
    path("data-licence", words, {"name": "data_licence"}, name="data-licence"),
    path("robots.txt", robots, name="robots"),
    path("favicon.svg", favicon, name="favicon"),
]
