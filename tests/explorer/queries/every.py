"""Everything of a chain, read once for all tests of a module: they only read."""

from collections.abc import Sequence
from functools import lru_cache

from explorer.queries.chain import transactions
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.transactions import Transaction
from explorer.queries.records import records
from explorer.queries.records.records import Record
from indexer.models import Transaction as Stored


@lru_cache(maxsize=3)
def every_record(chain: ChainView) -> Sequence[Record]:
    """All records, oldest first."""
    return [records.record(chain, prompt_id) for prompt_id in range(1, chain.records + 1)]


@lru_cache(maxsize=3)
def every_transaction(chain: ChainView) -> Sequence[Transaction]:
    """All transactions in the chain's order."""
    stored = Stored.objects.filter(chain_id=chain.id).order_by("height", "ordinal")
    return [transactions.with_rid(chain, bytes(rid)) for rid in stored.values_list("rid", flat=True)]
