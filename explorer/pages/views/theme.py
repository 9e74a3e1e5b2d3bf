"""Light, dark, or as the system has it: a cookie, set by a link, read by the server."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme

from explorer.pages.frame.context import THEME, THEMES
from explorer.pages.frame.page import asking
from explorer.query_parameters import QueryParameters

_CHOICES = {"system": "", **{each: each for each in THEMES}}
_YEAR = 365 * 24 * 60 * 60  # seconds


@asking("to", "next")
def choose(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """Keep the choice ``to`` and go back to ``next``: a path of this site, else the home page."""
    chosen = asked.choice("to", _CHOICES)
    asked.check()
    response = HttpResponseRedirect(_local(request.GET.get("next", "/")))
    response.headers["Cache-Control"] = "no-store"
    if chosen:
        response.set_cookie(
            THEME, chosen, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie(THEME, samesite="Lax")
    return response


def _local(place: str) -> str:
    is_local = place.startswith("/") and url_has_allowed_host_and_scheme(place, allowed_hosts=None)
    return place if is_local else "/"


urlpatterns = [path("theme", choose, name="theme")]
