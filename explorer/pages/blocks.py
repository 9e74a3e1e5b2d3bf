"""The list of blocks, and the page of one."""

from django.http import HttpRequest, HttpResponse

from explorer.pages.context import chain_of
from explorer.pages.page import page, show
from explorer.pages.paging import SIZES, Pager
from explorer.parameters import KINDS_OF_BLOCKS, Asked
from explorer.queries import blocks
from explorer.queries.blocks import Block


@page
def listed(request: HttpRequest, brid: bytes) -> HttpResponse:
    """A page of blocks, newest first; those with transactions unless all are asked for."""
    asked = Asked(request.GET, known=("before", "after", "limit", "kind"))
    before, after = asked.number("before"), asked.number("after")
    asked.one_of("before", "after")
    limit = asked.choice("limit", SIZES) or 50
    kind = asked.choice("kind", KINDS_OF_BLOCKS)
    asked.check()
    chain, filled = chain_of(request, brid), kind is None or kind
    found = blocks.page(chain, before=before, after=after, limit=limit, with_transactions=filled)
    pager = Pager(request, newer=found.newer, older=found.older)
    return show(
        request, "pages/blocks.html", section="blocks", chain=chain, rows=found.rows, pager=pager,
        filled=filled, limit=limit,
    )  # fmt: skip


@page
def at_height(request: HttpRequest, brid: bytes, height: int) -> HttpResponse:
    """The block at a height."""
    after = _after(request)
    return _block(request, blocks.at_height(chain_of(request, brid), height, after=after), after=after)


@page
def with_rid(request: HttpRequest, brid: bytes, rid: bytes) -> HttpResponse:
    """The block with that RID."""
    after = _after(request)
    return _block(request, blocks.with_rid(chain_of(request, brid), rid, after=after), after=after)


def _after(request: HttpRequest) -> int | None:
    """The ordinal after which transactions are asked for."""
    asked = Asked(request.GET, known=("transactions_after",))
    after = asked.number("transactions_after")
    asked.check()
    return after


def _block(request: HttpRequest, block: Block, *, after: int | None) -> HttpResponse:
    return show(request, "pages/block.html", section="blocks", chain=block.chain, found=block, after=after)
