"""The API's lists of records, and what these have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import addresses, pagination
from explorer.api.describing import (
    AFTER,
    BEFORE,
    BRID,
    CHAIN,
    CURSOR,
    LIMIT,
    ORDER_OF_RECORDS,
    described,
    filters_of,
)
from explorer.api.endpoint import Endpoint
from explorer.api.serializers.facets import Facets, FacetsOfChains
from explorer.api.serializers.lists import Count, Ranking, SearchedTo, WordsTo
from explorer.api.serializers.records import (
    ListedRecord,
    RecordList,
    RecordOfChain,
    RecordsOfChains,
)
from explorer.queries.chain import chains
from explorer.queries.db.pagination import PageRequest
from explorer.queries.ledger import edited
from explorer.queries.lists import listing
from explorer.queries.lists.facets import Facet, facets
from explorer.queries.lists.filter import OF_CHAIN, RecordFilter
from explorer.query_parameters import ORDERS_OF_RECORDS


@described(
    "list_records",
    tag="records",
    summary="Records of a chain",
    about="Newest first, a page at a time, whatever became of them. Follow `next` until it is null: pages go "
    "by position, so that records which come meanwhile shift nothing. Later, give the largest position that "
    "you have as `after` with `order=oldest` to get what came since. Where few records fit, a page may end "
    "before it is full because time is up: `searched_to` says so, and `next` goes on.",
    answer=RecordList,
    path=[BRID],
    query=[BEFORE, AFTER, CURSOR, LIMIT, ORDER_OF_RECORDS, *filters_of(RecordFilter)],
    may_be={"not-here": None, "address-too-long": None},
    is_list=True,
)
class RecordsEndpoint(Endpoint):
    def get(self, request: Request, brid: str) -> Response:
        wanted = self.asked.filter(RecordFilter())
        part = self.asked.page(both_ways=False, orders=ORDERS_OF_RECORDS, of=wanted)
        chain = addresses.chain(brid)
        found = listing.page(chain, wanted, part)
        more = _told_of(request, wanted, part, found)
        told = replace(found, rows=edited.listed(found, wanted))
        return pagination.page(request, ListedRecord, told, of=chain, part=part, more=more)


@described(
    "list_all_records",
    tag="records",
    summary="Records of all chains",
    about="The same over every chain that is indexed, merged by the time of their blocks. Follow `next` "
    "until it is null: its `cursor` holds a place for each chain.",
    answer=RecordsOfChains,
    query=[CURSOR, LIMIT, ORDER_OF_RECORDS, CHAIN, *filters_of(RecordFilter)],
    may_be={"not-here": None, "address-too-long": None},
    is_list=True,
)
class AllRecordsEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        wanted = self.asked.filter(RecordFilter())
        brid = self.asked.value("chain", OF_CHAIN.read)
        part = self.asked.page(both_ways=False, orders=ORDERS_OF_RECORDS, of=wanted)
        every = chains.chains() if brid is None else [chains.chain_with(brid)]
        found = listing.page_of_all(every, wanted, part, only="" if brid is None else OF_CHAIN.write(brid))
        more = _told_of(request, wanted, part, found)
        told = replace(found, rows=edited.listed(found, wanted))
        return pagination.page(request, RecordOfChain, told, of=found.of, part=part, more=more)


def _told_of(
    request: Request, wanted: RecordFilter, part: PageRequest, found: listing.Records
) -> Mapping[str, Any]:
    """What a list of records says of itself."""
    return {
        "count": Count(listing.count(found.of, wanted, part, found)).data,
        "ranking": None if found.ranking is None else _ranking(request, found.ranking),
        "searched_to": SearchedTo(found.searched_to, many=True).data if found.searched_to else None,
        "words_to": WordsTo(found.words_to, many=True).data if found.words_to else None,
    }


def _ranking(request: Request, found: listing.Ranking) -> Mapping[str, Any]:
    rest = None if found.rest is None else pagination.address(request, found.rest)
    return Ranking({"value": found.value, "is_all": found.is_all, "rest": rest}).data


@described(
    "count_records",
    tag="records",
    summary="What records of a chain have in common",
    about="How many of them are of each chain, model, provider, state and day, and of how many which check "
    "finds something: the commonest of each kind, of days the newest. Each kind is counted among the records "
    "that fulfil all other filters. Where not all could be counted in time, `counted` and `back_to` say of "
    "which records the numbers are.",
    answer=Facets,
    path=[BRID],
    query=filters_of(RecordFilter),
    may_be={"not-here": None, "address-too-long": None},
)
class FacetsEndpoint(Endpoint):
    def get(self, request: Request, brid: str) -> Response:
        wanted = self.asked.filter(RecordFilter())
        self.asked.check()
        chain = addresses.chain(brid)
        return _counted(facets([chain], wanted), Facets, as_of=chain)


@described(
    "count_all_records",
    tag="records",
    summary="What records of all chains have in common",
    about="The same over every chain that is indexed, or of the one that is chosen.",
    answer=FacetsOfChains,
    query=[CHAIN, *filters_of(RecordFilter)],
    may_be={"not-here": None, "address-too-long": None},
)
class AllFacetsEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        wanted = self.asked.filter(RecordFilter())
        brid = self.asked.value("chain", OF_CHAIN.read)
        self.asked.check()
        every = chains.chains() if brid is None else [chains.chain_with(brid)]
        return _counted(facets(every, wanted), FacetsOfChains, as_of=every)


def _counted(
    found: Sequence[Facet], serializer: type[Facets], *, as_of: chains.ChainView | Sequence[chains.ChainView]
) -> Response:
    response = Response(serializer({**{each.of.value: each for each in found}, "as_of": as_of}).data)
    response.is_late = any(each.counted.is_late for each in found)  # type: ignore[attr-defined]
    return response


urlpatterns = [
    path("records", AllRecordsEndpoint.as_view(), name="all-records"),
    path("records/facets", AllFacetsEndpoint.as_view(), name="all-records-facets"),
    path("chains/<str:brid>/records", RecordsEndpoint.as_view(), name="records"),
    path("chains/<str:brid>/records/facets", FacetsEndpoint.as_view(), name="records-facets"),
]
