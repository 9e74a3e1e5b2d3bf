"""How many rows came to a list since a page of it was made: a part that first pages ask for."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.page import asking
from explorer.pages.frame.routes import of_chain
from explorer.pages.frame.watching import is_poll, led_to_list, seen_of, told
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView
from explorer.queries.ledger.ledger_filter import CONFIGURING, TAKING, Change, LedgerFilter
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.prompts.asked import ORDERS_OF_PROMPTS, PromptFilter
from explorer.queries.site import news
from explorer.query_parameters import ORDERS_OF_RECORDS, QueryParameters

_ASKED = ("seen", "limit", "order")
_OF_RECORDS = (*_ASKED, *RecordFilter.declarations())
_OF_CHANGES = (*_ASKED, *LedgerFilter.declarations())


@asking(*_OF_RECORDS)
def records(request: HttpRequest, asked: QueryParameters, brid: bytes | None = None) -> HttpResponse:
    """Of the records of one chain or of all; of a list by change, how many changed."""
    wanted = asked.filter(RecordFilter())
    part = asked.page(orders=ORDERS_OF_RECORDS, of=wanted, usual=wanted.usual_order())
    of = chains_of(request) if brid is None else [chain_of(request, brid)]
    seen = seen_of(asked, of)
    if not is_poll(request):
        return led_to_list(request)
    found = news.of_records(of, wanted, seen, changed_first=part.changed_first)
    return told(request, found, what="change" if part.changed_first else "record")


@asking(*_OF_CHANGES)
def changes(request: HttpRequest, asked: QueryParameters, brid: bytes | None = None) -> HttpResponse:
    """Of the ledger of one chain or of all."""
    wanted = asked.filter(LedgerFilter())
    asked.page()
    of = chains_of(request) if brid is None else [chain_of(request, brid)]
    seen = seen_of(asked, of)
    if not is_poll(request):
        return led_to_list(request)
    return told(request, news.of_changes(of, wanted, seen), what="change")


@asking("seen")
def missing(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """Of the missing ids of a chain: how many deletions came."""
    return _of_kinds(request, asked, [chain_of(request, brid)], TAKING)


@asking("seen")
def configurations(request: HttpRequest, asked: QueryParameters, brid: bytes | None = None) -> HttpResponse:
    """Of the configurations of one chain or of all."""
    return _of_kinds(
        request, asked, chains_of(request) if brid is None else [chain_of(request, brid)], CONFIGURING
    )


@asking("seen", *BlockFilter.declarations())
def blocks(request: HttpRequest, asked: QueryParameters, brid: bytes | None = None) -> HttpResponse:
    """Of the blocks of one chain or of all."""
    wanted = asked.filter(BlockFilter(BlockKind.WITH_TRANSACTIONS))
    of = chains_of(request) if brid is None else [chain_of(request, brid)]
    seen = seen_of(asked, of)
    if not is_poll(request):
        return led_to_list(request)
    return told(request, news.of_blocks(of, wanted, seen), what="block")


@asking(*_ASKED, *PromptFilter.declarations())
def prompts(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """Of prompts: how many records were written, each of which changes the list."""
    wanted = asked.filter(PromptFilter())
    asked.page(orders=ORDERS_OF_PROMPTS)
    of = chains_of(request) if wanted.chain is None else [chain_of(request, wanted.chain)]
    return _everything(request, asked, of)


@asking("seen")
def names(request: HttpRequest, asked: QueryParameters, brid: bytes | None = None) -> HttpResponse:
    """Of models, providers or scouts: how many records were written, in the same way."""
    return _everything(request, asked, chains_of(request) if brid is None else [chain_of(request, brid)])


def _everything(request: HttpRequest, asked: QueryParameters, of: Sequence[ChainView]) -> HttpResponse:
    seen = seen_of(asked, of)
    if not is_poll(request):
        return led_to_list(request)
    return told(request, news.of_everything(of, seen), what="record")


def _of_kinds(
    request: HttpRequest, asked: QueryParameters, of: Sequence[ChainView], kinds: Sequence[Change]
) -> HttpResponse:
    seen = seen_of(asked, of)
    if not is_poll(request):
        return led_to_list(request)
    return told(request, news.of_kinds(of, kinds, seen), what="change")


_ROUTES = [
    path("records", records),
    path("ledger", changes),
    path("blocks", blocks),
    path("configurations", configurations),
    path("prompts", prompts),
    path("models", names),
    path("providers", names),
    path("scouts", names),
    of_chain("/records", records, name="records-news"),
    of_chain("/ledger", changes, name="ledger-news"),
    of_chain("/blocks", blocks, name="blocks-news"),
    of_chain("/missing", missing, name="missing-news"),
    of_chain("/configurations", configurations, name="configurations-news"),
    of_chain("/scouts", names, name="scouts-news"),
]

urlpatterns = [path("news/", include(_ROUTES))]
