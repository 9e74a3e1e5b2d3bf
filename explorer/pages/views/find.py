"""What the search box leads to."""

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from urllib.parse import unquote, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import is_valid_path, path, reverse

from explorer.api.search_examples import examples_of
from explorer.pages.frame.context import chains_of
from explorer.pages.frame.page import asking, show
from explorer.pages.frame.sharing import without_sharing
from explorer.queries.db.errors import BadQuestion
from explorer.queries.lists import listing
from explorer.queries.records.row import RecordRow
from explorer.queries.site import find as search
from explorer.queries.site.find import Found, Kind
from explorer.query_parameters import LONGEST_SOUGHT, QueryParameters
from explorer.search.faults import NotUnderstood
from explorer.search.parsing import LONGEST, parse
from explorer.search.tokens import has_key
from explorer.search.tree import EVERYTHING
from explorer.search.writing import quoted

_ADDRESS = re.compile(r"(?:https?://|(?<![\w/.])/?chains/)[^\s<>\"']+")
_BELOW_A_CHAIN = re.compile(
    r"(?<![\w.-])(?P<path>chains/[0-9A-F]{64}(?:/[^\s?#&]*)?)(?P<rest>[?#]\S*)?(?:&\S*)?$",
    re.ASCII | re.IGNORECASE,
)
"""A page of a chain at the end of an address, or of one within another."""

_MOST_ADDRESSES = 3
_KINDS = ("record", "block", "height", "prompt", "prompt_id", "transaction")
"""Beside one of these, or what is nearly one, a number is taken for a name."""

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
    """One hit, or an address of this site, leads to its page; several are listed. Words lead to the records
    that have them, but where something in them has a name here: then both are offered.
    """
    text = asked.text("q", most=LONGEST)
    asked.check()
    if address := _own_address(text, host=request.get_host()):
        return HttpResponseRedirect(address)
    found = _found(text)
    if found is not None and len(found) == 1:
        return HttpResponseRedirect(address_of(found[0]))
    meant = [] if found else _meant(text, host=request.get_host())
    if text and found is None and not meant and not _nothing_read(request):
        return HttpResponseRedirect(_searched(text))
    return _shown(request, text, found or [], meant)


def _shown(
    request: HttpRequest, text: str, found: Sequence[Found], meant: Sequence[tuple[str, str]]
) -> HttpResponse:
    newest = listing.latest(chains_of(request), count=1)
    return show(
        request, "pages/find.html", section="find", asked=text, hits=_hits(found), meant=meant,
        status=HTTPStatus.OK if found or meant or not text else HTTPStatus.NOT_FOUND,
        nothing_read=_nothing_read(request), newest=newest[0] if newest else None,
        examples=examples_of(newest[0] if newest else None, at=reverse("all-records")),
        words=_searched(quoted(text)) if _holds_words(text) else None,
    )  # fmt: skip


def _hits(found: Sequence[Found]) -> Sequence[tuple[Found, str, RecordRow | None]]:
    """Each with its address, and what a record asks."""
    records = [(each.chain, int(each.key)) for each in found if each.kind is Kind.RECORD]
    rows = listing.named(records)
    return [
        (
            each,
            address_of(each),
            rows.get((each.chain.brid, int(each.key))) if each.kind is Kind.RECORD else None,
        )
        for each in found
    ]


def _searched(line: str) -> str:
    """The records that a query line finds."""
    return f"{reverse('all-records')}?{urlencode({'q': line})}"


def _holds_words(text: str) -> bool:
    """Whether it can be searched for as it is."""
    try:
        return parse(quoted(text)) != EVERYTHING
    except NotUnderstood:
        return False


def _meant(text: str, *, host: str) -> Sequence[tuple[str, str]]:
    """What may have been meant, each with the address that it leads to."""
    addresses = [_own_address(each, host=host) for each in _ADDRESS.findall(text)]
    if any(addresses):
        return [(each, each) for each in dict.fromkeys(filter(None, addresses))][:_MOST_ADDRESSES]
    if has_key(text):
        return []
    is_named = any(get_close_matches(each, _KINDS, n=1) for each in text.lower().split())
    return [
        (words, address_of(found[0]) if len(found) == 1 else f"{reverse('find')}?{urlencode({'q': words})}")
        for words, found in search.meant(text).items()
        if is_named or not words.isdigit()
    ]


def _own_address(text: str, *, host: str) -> str:
    """The path of a page whose address was pasted, with what stands behind it but for what sharing added;
    empty for any other text. Of another host, or within another address, only what lies below a chain: that
    may be here too.
    """
    text = search.pasted(text)
    if found := _path(f"//{text}" if text.startswith(f"{host}/") else text, hosts=("", host)):
        return found
    for each in (text, unquote(text)) if " " not in text else ():
        below = _BELOW_A_CHAIN.search(each)
        if below is not None and (found := _path(f"/{below['path']}{below['rest'] or ''}", hosts=("",))):
            return found
    return ""


def _path(address: str, *, hosts: Collection[str]) -> str:
    """The path of a page at one of these hosts, and what stands behind it; empty where there is no page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    path = parts.path.rstrip("/") or parts.path
    if parts.scheme not in ("", "http", "https") or parts.netloc not in hosts:
        return ""
    if not path.startswith("/") or not is_valid_path(unquote(path)):
        return ""
    return parts._replace(scheme="", netloc="", path=path, query=without_sharing(parts.query)).geturl()


def _found(text: str) -> Sequence[Found] | None:
    """What has this name; None for what is no name."""
    if not text or len(text) > LONGEST_SOUGHT:
        return None
    try:
        return search.find(text)
    except BadQuestion:
        return None


def _nothing_read(request: HttpRequest) -> bool:
    """Whether there is nothing yet that could be found."""
    return all(each.freshness.height < 0 for each in chains_of(request))


urlpatterns = [path("find", find, name="find")]
