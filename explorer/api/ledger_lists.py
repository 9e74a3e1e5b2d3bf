"""The API's ledger: what changed, on one chain and on all."""

from collections.abc import Sequence
from dataclasses import replace

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import addresses, pagination
from explorer.api.describing import BRID, CHAIN, CURSOR, LIMIT, ORDER_OF_CHANGES, described, filters_of
from explorer.api.endpoint import Endpoint
from explorer.api.serializers.ledger import Change, Hole, Ledger, LedgerOfChains, Missing
from explorer.api.serializers.lists import Count, SearchedTo
from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import PageRequest
from explorer.queries.ledger import edited, ledger, missing
from explorer.queries.ledger.ledger_filter import LedgerFilter
from explorer.queries.lists.filter import OF_CHAIN


@described(
    "list_ledger",
    tag="ledger",
    summary="What changed on a chain",
    about="Every edit and deletion, a row for each record changed, and every change of who may write, who "
    "signs blocks and what code runs; newest first, a page at a time. Follow `next` until it is null. What "
    "is withheld is in it too, without any of its words.",
    answer=Ledger,
    path=[BRID],
    query=[CURSOR, LIMIT, ORDER_OF_CHANGES, *filters_of(LedgerFilter)],
    may_be={"not-here": None, "address-too-long": None},
    is_list=True,
)
class LedgerEndpoint(Endpoint):
    def get(self, request: Request, brid: str) -> Response:
        wanted, part = self.asked.filter(LedgerFilter()), self.asked.page(both_ways=False)
        chain = addresses.chain(brid)
        found = ledger.page([chain], wanted, part, only=chain.rid)
        return _list(request, wanted, part, found, of=chain)


@described(
    "list_all_ledger",
    tag="ledger",
    summary="What changed on all chains",
    about="The same over every chain that is indexed, merged by the time of their blocks. Follow `next` "
    "until it is null: its `cursor` holds a place for each chain.",
    answer=LedgerOfChains,
    query=[CURSOR, LIMIT, ORDER_OF_CHANGES, CHAIN, *filters_of(LedgerFilter)],
    may_be={"not-here": None, "address-too-long": None},
    is_list=True,
)
class AllLedgerEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        wanted = self.asked.filter(LedgerFilter())
        brid = self.asked.value("chain", OF_CHAIN.read)
        part = self.asked.page(both_ways=False)
        every = chains.chains() if brid is None else [chains.chain_with(brid)]
        found = ledger.page(every, wanted, part, only="" if brid is None else OF_CHAIN.write(brid))
        return _list(request, wanted, part, found, of=found.of)


@described(
    "list_missing",
    tag="ledger",
    summary="Which ids are missing from a chain's table",
    about="Every id that was given out and that the table of the chain does not have now, as ranges, each "
    "with the transaction that took them away; the highest ids first unless `order` says otherwise. Follow "
    "`next` until it is null: a range of very many ids may go on on the next page.",
    answer=Missing,
    path=[BRID],
    query=[CURSOR, LIMIT, ORDER_OF_CHANGES],
    may_be={"not-here": None},
    is_list=True,
)
class MissingEndpoint(Endpoint):
    def get(self, request: Request, brid: str) -> Response:
        part = self.asked.page(both_ways=False)
        chain = addresses.chain(brid)
        found = missing.page(chain, part)
        more = {"total": found.total, "given": found.given}
        return pagination.page(request, Hole, found, of=chain, part=part, more=more)


def _list(
    request: Request,
    wanted: LedgerFilter,
    part: PageRequest,
    found: ledger.Ledger,
    *,
    of: ChainView | Sequence[ChainView],
) -> Response:
    """A page of a ledger, with what each edit changed and what the ledger says of itself."""
    told = replace(found, rows=edited.changes(found.rows, found.of))
    more = {
        "count": Count(ledger.count(wanted, part, found)).data,
        "searched_to": SearchedTo(found.searched_to, many=True).data if found.searched_to else None,
    }
    return pagination.page(request, Change, told, of=of, part=part, more=more)


urlpatterns = [
    path("ledger", AllLedgerEndpoint.as_view(), name="all-ledger"),
    path("chains/<str:brid>/ledger", LedgerEndpoint.as_view(), name="ledger"),
    path("chains/<str:brid>/missing", MissingEndpoint.as_view(), name="missing"),
]
