"""What the search box leads to."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import unquote, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import is_valid_path, path, reverse

from explorer.pages.frame.context import chains_of
from explorer.pages.frame.page import asking, json_of, show
from explorer.queries.db.errors import BadQuestion
from explorer.queries.site import find as search
from explorer.queries.site.find import Found, Kind
from explorer.query_parameters import LONGEST_SOUGHT, QueryParameters

_ADDRESS = re.compile(r"(?:https?://|(?<![\w/.])/chains/)[^\s<>\"']+")
_BARE = re.compile(r"[\w.-]+(?::\d+)?/chains/", re.ASCII)
_MOST_ADDRESSES = 3
_NAMES = {
    Kind.RECORD: "record",
    Kind.BLOCK: "block",
    Kind.TRANSACTION: "transaction",
    Kind.CONFIGURATION: "configuration",
}


def address_of(found: Found) -> str:
    """The page of something that was found; for a configuration that never was in force, its place in the
    list.
    """
    if found.kind is Kind.CHAIN:
        return reverse("chain", args=[found.chain.rid])
    if not found.governs:
        return f"{reverse('configurations', args=[found.chain.rid])}#height-{found.key}"
    return reverse(_NAMES[found.kind], args=[found.chain.rid, found.key])


@asking("q")
def find(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """One hit, or an address of this site, leads to its page; several are listed; for none, and for words, it
    is said what can be searched for.
    """
    text = asked.text("q", most=LONGEST_SOUGHT)
    asked.check()
    if address := _own_address(text, host=request.get_host()):
        return HttpResponseRedirect(address)
    found, trouble = _found(text)
    if len(found) == 1:
        return HttpResponseRedirect(address_of(found[0]))
    return _shown(request, text, found, trouble)


def _shown(request: HttpRequest, text: str, found: Sequence[Found], trouble: str) -> HttpResponse:
    hits = [(each, address_of(each)) for each in found]
    meant = [] if found else _meant(text, host=request.get_host())
    return show(
        request, "pages/find.html", section="find", status=_status(text, hits=bool(hits), trouble=trouble),
        asked=text, hits=hits, trouble=trouble, meant=meant, nothing_read=_nothing_read(request),
        api_path=json_of(request) if text else None, noindex=True,
    )  # fmt: skip


def _meant(text: str, *, host: str) -> Sequence[tuple[str, str]]:
    """What may have been meant, each with the address that it leads to."""
    addresses = [_own_address(each, host=host) for each in _ADDRESS.findall(text)]
    if any(addresses):
        return [(each, each) for each in dict.fromkeys(filter(None, addresses))][:_MOST_ADDRESSES]
    return [
        (words, address_of(found[0]) if len(found) == 1 else f"{reverse('find')}?{urlencode({'q': words})}")
        for words, found in search.meant(text).items()
    ]


def _status(text: str, *, hits: bool, trouble: str) -> HTTPStatus:
    if trouble:
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.OK if hits or not text else HTTPStatus.NOT_FOUND


def _own_address(text: str, *, host: str) -> str:
    """The path of a page whose address was pasted, with what stands behind it; empty for any other text.
    Of another host only what lies below a chain: that may be here too.
    """
    text = search.pasted(text)
    try:
        is_bare = text.startswith(f"{host}/") or _BARE.match(text)
        parts = urlsplit(f"//{text}" if is_bare else text)
    except ValueError:
        return ""
    is_here = parts.netloc in ("", host) or parts.path.startswith("/chains/")
    if parts.scheme not in ("", "http", "https") or not is_here:
        return ""
    if not parts.path.startswith("/") or not is_valid_path(unquote(parts.path)):
        return ""
    return parts._replace(scheme="", netloc="").geturl()


def _found(text: str) -> tuple[list[Found], str]:
    """What was found, and what is wrong with the question."""
    if not text:
        return [], ""
    try:
        return list(search.find(text)), ""
    except BadQuestion as error:
        return [], str(error)


def _nothing_read(request: HttpRequest) -> bool:
    """Whether there is nothing yet that could be found."""
    return all(each.freshness.height < 0 for each in chains_of(request))


urlpatterns = [path("find", find, name="find")]
