"""The API's reference, for people: an overview, and a page for each address and each shape of answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import path

from explorer.api.problems import KINDS
from explorer.api.reference import Reference
from explorer.api.reference import reference as read
from explorer.pages.frame.page import page, show
from explorer.queries.db.errors import NotHere

_SCHEMA = "/api/v1/schema/"


@dataclass(frozen=True, slots=True)
class Holder:
    """What gives or holds a shape: its name in addresses, and in words."""

    name: str
    words: str


@page
def api(request: HttpRequest) -> HttpResponse:
    """Where to start, every address and shape by its name, and what may go wrong."""
    root = request.build_absolute_uri("/api/v1")
    return show(
        request,
        "pages/api.html",
        section="api",
        api_path=_SCHEMA,
        root=root,
        reference=read(),
        kinds=KINDS,
    )


@page
def reference(request: HttpRequest, name: str) -> HttpResponse:
    """What one address takes and answers, or what one shape holds."""
    known = read()
    address = next((each for each in known.addresses if each.operation == name), None)
    shape = next((each for each in known.shapes if each.name == name), None)
    if address is None and shape is None:
        raise NotHere(f"The API has no address and no shape “{name[:80]}”. /api lists all of them.")
    return show(
        request,
        "pages/reference.html",
        section="api",
        api_path=_SCHEMA,
        address=address,
        shape=shape,
        holders=_holders(known, name),
    )


def _holders(known: Reference, name: str) -> Sequence[Holder]:
    """The addresses that answer with a shape or take it, and the shapes that hold it."""
    answering = [
        Holder(each.operation, each.summary)
        for each in known.addresses
        if name in (each.answer.shape, each.body and each.body.shape)
    ]
    holding = [
        Holder(each.name, each.name)
        for each in known.shapes
        if any(member.shape == name for member in each.members)
    ]
    return [*answering, *holding]


urlpatterns = [
    path("api", api, name="api"),
    path("reference/<slug:name>", reference, name="reference"),
]
