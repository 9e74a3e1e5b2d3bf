"""The lists of blocks, of one chain and of all, and the page of one block."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.feeding import feed_of
from explorer.pages.frame.page import asking, download, json_of, page, show
from explorer.pages.frame.pagination import Pager
from explorer.pages.frame.routes import of_chain
from explorer.pages.frame.watching import watch_of
from explorer.queries.chain import blocks
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.blocks import Block
from explorer.queries.db.errors import NotHere
from explorer.queries.lists.filter import OF_CHAIN
from explorer.queries.site import blocks as blocks_of_all
from explorer.query_parameters import QueryParameters, parameters_of

_PARTS = {"header": blocks.header, "witness": blocks.witness}


@asking(*parameters_of(BlockFilter))
def listed(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """A page of blocks, newest or oldest first; those with transactions unless all are asked for."""
    wanted, part = asked.filter(BlockFilter(BlockKind.WITH_TRANSACTIONS)), asked.page()
    chain = chain_of(request, brid)
    found = blocks.page(chain, wanted, part)
    # What goes without saying here is all but empty ones.
    filled = wanted.kind is not None
    begin = request.path if filled else f"{request.path}?kind=all"
    return show(
        request, "pages/blocks.html", section="blocks", chain=chain, of=[chain], here=request.path,
        pager=Pager(request, part, found), filled=filled, feed_path=feed_of(begin),
        watch=None if part.words or part.oldest_first else watch_of(begin, begin, [chain]),
        api_path=json_of(request, **wanted.words()), read=chain.freshness.height >= 0,
    )  # fmt: skip


@asking("chain", "cursor", "limit", "order", *BlockFilter.declarations())
def listed_all(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The same over all chains, merged by the times of the blocks, or of the one that is chosen."""
    brid = asked.value("chain", OF_CHAIN.read)
    wanted, part = asked.filter(BlockFilter(BlockKind.WITH_TRANSACTIONS)), asked.page()
    if brid is not None:
        every = "?kind=all" if wanted.kind is None else ""
        return HttpResponseRedirect(f"{reverse('blocks', args=[OF_CHAIN.write(brid)])}{every}")
    found = blocks_of_all.page(chains_of(request), wanted, part)
    filled = wanted.kind is not None
    begin = request.path if filled else f"{request.path}?kind=all"
    return show(
        request, "pages/blocks.html", section="blocks", of=found.of, here=request.path,
        pager=Pager(request, part, found), filled=filled, later=found.later, feed_path=feed_of(begin),
        watch=None if part.words or part.oldest_first else watch_of(begin, begin, found.of),
        api_path=json_of(request, **wanted.words()),
        read=any(each.freshness.height >= 0 for each in found.of),
    )  # fmt: skip


@asking("transactions_after")
def at_height(request: HttpRequest, asked: QueryParameters, brid: bytes, height: int) -> HttpResponse:
    """The block at a height."""
    after = _after(asked)
    return _block(request, blocks.at_height(chain_of(request, brid), height, after=after), after=after)


@asking("transactions_after")
def with_rid(request: HttpRequest, asked: QueryParameters, brid: bytes, rid: bytes) -> HttpResponse:
    """The block with that RID."""
    after = _after(asked)
    return _block(request, blocks.with_rid(chain_of(request, brid), rid, after=after), after=after)


@page
def raw(request: HttpRequest, brid: bytes, height: int, part: str) -> HttpResponse:
    """Its header or witness, byte for byte."""
    read = _PARTS.get(part)
    if read is None:
        raise NotHere(f"There are no such bytes of a block. There are: {', '.join(_PARTS)}.")
    return download(read(chain_of(request, brid), height), name=f"block-{height}-{part}.bin")


def _after(asked: QueryParameters) -> int | None:
    """The ordinal after which transactions are asked for."""
    after = asked.number("transactions_after")
    asked.check()
    return after


def _block(request: HttpRequest, block: Block, *, after: int | None) -> HttpResponse:
    return show(request, "pages/block.html", section="blocks", chain=block.chain, found=block, after=after)


urlpatterns = [
    path("blocks", listed_all, name="all-blocks"),
    of_chain("/blocks", listed, name="blocks"),
    of_chain("/blocks/<rid:rid>", with_rid, name="block-with-rid"),
    of_chain("/blocks/<number:height>", at_height, name="block"),
    of_chain("/blocks/<number:height>/raw/<str:part>", raw, name="block-raw"),
]
