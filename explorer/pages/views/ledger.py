"""The ledger: what changed, on one chain and on all."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from explorer.pages.frame.chips import chips_of
from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.feeding import feed_of
from explorer.pages.frame.fields import fields_of
from explorer.pages.frame.page import asking, led, show
from explorer.pages.frame.pagination import Pager
from explorer.pages.frame.routes import of_chain
from explorer.pages.frame.watching import AGAIN, Watch, watch_of
from explorer.pages.rendering.changes import days_of
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import PageRequest
from explorer.queries.ledger import edited, ledger
from explorer.queries.ledger import missing as holes
from explorer.queries.ledger.ledger import Ledger
from explorer.queries.ledger.ledger_filter import LedgerFilter
from explorer.queries.lists.filter import OF_CHAIN
from explorer.query_parameters import ORDERS, QueryParameters, address

_OF_ANY = ("cursor", "limit", "order", *LedgerFilter.declarations())


@asking(*_OF_ANY, form=LedgerFilter)
def listed(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """A page of what changed on one chain: newest or oldest first; what is asked for."""
    wanted, part = asked.filter(LedgerFilter()), asked.page()
    if elsewhere := led(request, address(request.path, wanted, part)):
        return elsewhere
    chain = chain_of(request, brid)
    return _list(request, wanted, part, ledger.page([chain], wanted, part, only=chain.rid))


@asking("chain", *_OF_ANY, form=LedgerFilter)
def listed_all(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The same over all chains, or of the one that is chosen."""
    brid = asked.value("chain", OF_CHAIN.read)
    wanted, part = asked.filter(LedgerFilter()), asked.page()
    path = request.path if brid is None else reverse("ledger", args=[OF_CHAIN.write(brid)])
    if elsewhere := led(request, address(path, wanted, part if brid is None else part.from_the_start())):
        return elsewhere
    return _list(request, wanted, part, ledger.page(chains_of(request), wanted, part))


@asking("cursor", "limit", "order")
def missing(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """Which ids are missing from a chain's table, and what took them away."""
    part = asked.page()
    chain = chain_of(request, brid)
    found = holes.page(chain, part)
    return show(
        request, "pages/missing.html", section="ledger", chain=chain, found=found,
        pager=Pager(request, part, found), at=reverse("ledger", args=[chain.rid]),
        feed_path=feed_of(request.path), watch=_watch_of_missing(request, part, chain),
    )  # fmt: skip


def _watch_of_missing(request: HttpRequest, part: PageRequest, chain: ChainView) -> Watch | None:
    """Of the first page, in which a deletion may make a hole anywhere."""
    if part.words or part.oldest_first:
        return None
    return watch_of(request.path, request.get_full_path(), [chain], words=AGAIN)


def _list(request: HttpRequest, wanted: LedgerFilter, part: PageRequest, found: Ledger) -> HttpResponse:
    of = found.of
    everywhere, begin = reverse("all-ledger"), address(request.path, wanted, part.from_the_start())
    return show(
        request, "pages/ledger.html", section="ledger", of=of, here=request.path,
        chain=of[0] if request.path != everywhere else None,
        pager=Pager(request, part, found), days=days_of(edited.changes(found.rows, of)), later=found.later,
        begin=begin, feed_path=feed_of(request.path, wanted),
        watch=None if part.words or part.oldest_first else watch_of(begin, begin, of),
        count=ledger.count(wanted, part, found),
        searched=[each for each in found.searched_to if each.height is not None],
        unsearched=[each.chain for each in found.searched_to if each.height is None],
        chips=chips_of(request.path, wanted, part), fields=fields_of(wanted), orders=ORDERS,
        everywhere=address(everywhere, wanted, part.from_the_start()), every=everywhere,
        read=any(each.freshness.height >= 0 for each in of),
    )  # fmt: skip


urlpatterns = [
    path("ledger", listed_all, name="all-ledger"),
    of_chain("/ledger", listed, name="ledger"),
    of_chain("/missing", missing, name="missing"),
]
