"""How many records of a list have what in common: a page, and a part of the list that is loaded apart."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import path

from explorer.pages.frame.chips import chips_of
from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.facets import choices_of, counted_of_all
from explorer.pages.frame.page import asking, led, show
from explorer.pages.frame.routes import of_chain
from explorer.queries.chain.chains import ChainView
from explorer.queries.lists.facets import facets
from explorer.queries.lists.filter import RecordFilter
from explorer.query_parameters import ORDERS_OF_RECORDS, QueryParameters, address

_ASKED = ("limit", "order", *RecordFilter.declarations())


@asking(*_ASKED, form=RecordFilter)
def counted(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """Of the records of one chain."""
    return _counted(request, asked, [chain_of(request, brid)], is_one=True)


@asking(*_ASKED, form=RecordFilter)
def counted_all(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """Of those of all chains."""
    return _counted(request, asked, chains_of(request), is_one=False)


def _counted(
    request: HttpRequest, asked: QueryParameters, of: Sequence[ChainView], *, is_one: bool
) -> HttpResponse:
    wanted = asked.filter(RecordFilter())
    part = asked.page(orders=ORDERS_OF_RECORDS, of=wanted, usual=wanted.usual_order())
    if elsewhere := led(request, address(request.path, wanted, part)):
        return elsewhere
    listed = request.path.removesuffix("/facets")
    is_part = "HX-Request" in request.headers
    found = facets(of, wanted)
    choices = choices_of(listed, wanted, part, found)
    response = show(
        request, "parts/facets.html" if is_part else "pages/facets.html", section="records",
        chain=of[0] if is_one else None, choices=choices, of_all=counted_of_all(choices),
        order=part.order, list_url=address(listed, wanted, part), chips=chips_of(request.path, wanted, part),
        api_path=address(f"/api/v1{request.path}", wanted),
    )  # fmt: skip
    response.is_late = any(each.counted.is_late for each in found)  # type: ignore[attr-defined]
    return response


urlpatterns = [
    path("records/facets", counted_all, name="all-records-facets"),
    of_chain("/records/facets", counted, name="records-facets"),
]
