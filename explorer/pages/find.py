"""What the search box leads to."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from explorer.pages.page import page, show
from explorer.parameters import Asked
from explorer.queries import find as search
from explorer.queries.errors import BadQuestion
from explorer.queries.find import Found, Kind

_NAMES = {
    Kind.RECORD: "record",
    Kind.BLOCK: "block",
    Kind.TRANSACTION: "transaction",
    Kind.CONFIGURATION: "configuration",
}
_LONGEST = 300  # characters


def address_of(found: Found) -> str:
    """The page of something that was found."""
    if found.kind is Kind.CHAIN:
        return reverse("chain", args=[found.chain.rid])
    return reverse(_NAMES[found.kind], args=[found.chain.rid, found.key])


@page
def find(request: HttpRequest) -> HttpResponse:
    """One hit leads to its page; several are listed; none says what can be searched for."""
    Asked(request.GET, known=("q",)).check()
    text = request.GET.get("q", "").strip()[:_LONGEST]
    found, trouble = _found(text)
    if len(found) == 1:
        return HttpResponseRedirect(address_of(found[0]))
    hits = [(each, address_of(each)) for each in found]
    status = HTTPStatus.OK if hits or not text else HTTPStatus.NOT_FOUND
    return show(
        request, "pages/find.html", section="find", status=status, asked=text, hits=hits, trouble=trouble,
        api_path=None, noindex=True,
    )  # fmt: skip


def _found(text: str) -> tuple[list[Found], str]:
    """What was found, and what is wrong with the question."""
    if not text:
        return [], ""
    try:
        return list(search.find(text)), ""
    except BadQuestion as error:
        return [], str(error)
