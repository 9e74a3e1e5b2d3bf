"""Addresses that can be read out: below the first digits of a chain's RID, which lead to the whole."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from explorer.pages.frame import errors
from explorer.pages.frame.context import chains_of
from explorer.pages.frame.page import show
from explorer.queries.chain.chains import ChainView, beginning_with


def begun(request: HttpRequest, digits: str, rest: str = "") -> HttpResponse:
    """Where the same is below the whole RID; the choices where several chains begin so. It stays open which
    chain that is: another one that begins so may be followed some day, so no browser is to keep it.
    """
    known = chains_of(request)
    found = beginning_with(known, digits)
    if len(found) == 1:
        return HttpResponseRedirect(_whole(request, found[0], rest), headers={"Cache-Control": "no-cache"})
    if not found:
        why = f"No chain here has a RID that begins with {digits}."
        return errors.error(request, HTTPStatus.NOT_FOUND, "That is not here", why)
    response = show(
        request, "pages/begun.html", status=HTTPStatus.MULTIPLE_CHOICES, api_path=None,
        section="", digits=digits, choices=[(each, _whole(request, each, rest)) for each in found],
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-cache"
    return response


def _whole(request: HttpRequest, chain: ChainView, rest: str) -> str:
    """The address below the whole RID, with all else as it was asked for."""
    head = f"/chains/{chain.rid}"
    asked = request.get_full_path()
    below = asked.split("/", 3)[3] if rest else ""
    query = asked.partition("?")[2]
    if rest:
        return f"{head}/{below}"
    return f"{head}?{query}" if query else head


urlpatterns = [
    path("chains/<begun:digits>", begun, name="chain-begun"),
    path("chains/<begun:digits>/<path:rest>", begun, name="chain-begun-below"),
]
