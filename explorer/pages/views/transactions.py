"""The page of a transaction, and its bytes."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from explorer.pages.frame.context import chain_of
from explorer.pages.frame.page import download, page, show
from explorer.pages.frame.routes import of_chain
from explorer.pages.rendering import truncation
from explorer.queries.chain import transactions
from explorer.queries.chain.transactions import Transaction


@page
def transaction(request: HttpRequest, brid: bytes, rid: bytes) -> HttpResponse:
    """A transaction with its operations, argument by argument."""
    found = transactions.with_rid(chain_of(request, brid), rid)
    status = _status_of(found)
    return show(
        request, "pages/transaction.html", section="blocks", chain=found.chain, transaction=found,
        calls=truncation.calls(found.operations), others=found.operations[truncation.MOST_OPERATIONS:],
        status=status,
    )  # fmt: skip


def _status_of(found: Transaction) -> HTTPStatus:
    if found.damage:
        return HTTPStatus.INTERNAL_SERVER_ERROR
    return HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS if found.withheld else HTTPStatus.OK


@page
def raw(request: HttpRequest, brid: bytes, rid: bytes) -> HttpResponse:
    """Its bytes as they are in the block."""
    return download(
        transactions.raw(chain_of(request, brid), rid), name=f"transaction-{rid.hex().upper()}.gtv"
    )


urlpatterns = [
    of_chain("/transactions/<rid:rid>", transaction, name="transaction"),
    of_chain("/transactions/<rid:rid>/raw", raw, name="transaction-raw"),
]
