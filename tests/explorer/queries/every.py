"""Everything of a chain as it was indexed, read once for all tests of a run: they only read."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from explorer.queries.chain import transactions
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.transactions import Transaction
from explorer.queries.db.pagination import LARGEST_PAGE, PageRequest
from explorer.queries.records import listing
from explorer.queries.records.filter import RecordFilter
from explorer.queries.records.record import Record, record
from explorer.queries.records.rows import RecordRow
from indexer.models import Transaction as Stored
from tests.once import found_once

EVERYTHING = RecordFilter()


@lru_cache(maxsize=3)
def every_record(chain: ChainView) -> Sequence[Record]:
    """All records, oldest first."""
    found = found_once(
        f"records of {_named(chain)}",
        lambda: [record(chain, prompt_id) for prompt_id in range(1, chain.records + 1)],
    )
    return [replace(each, chain=chain) for each in found]


@lru_cache(maxsize=3)
def every_transaction(chain: ChainView) -> Sequence[Transaction]:
    """All transactions in the chain's order."""
    stored = Stored.objects.filter(chain_id=chain.id).order_by("height", "ordinal")
    found = found_once(
        f"transactions of {_named(chain)}",
        lambda: [transactions.with_rid(chain, bytes(rid)) for rid in stored.values_list("rid", flat=True)],
    )
    return [replace(each, chain=chain) for each in found]


def _named(chain: ChainView) -> str:
    return f"{chain.rid} {chain.id} {chain.generation}"


def walked(chain: ChainView, wanted: RecordFilter = EVERYTHING) -> Sequence[RecordRow]:
    """Every row of the list of records, by pages from the newest on."""
    rows: list[RecordRow] = []
    request: PageRequest | None = PageRequest(limit=LARGEST_PAGE)
    while request is not None:
        page = listing.page(chain, wanted, request)
        rows += page.rows
        request = page.older
    return rows
