"""A block with very many transactions, and one of them with very many operations."""

import pytest

from explorer.queries.chain import blocks
from explorer.queries.chain.blocks import MOST, MOST_NAMES
from explorer.queries.chain.chains import ChainView
from tests.explorer import shown
from tests.explorer.conftest import Tables
from tests.indexer.made import MadeChain, add, call, delete

pytestmark = pytest.mark.django_db
TIMES, MANY = 1_203, 600


@pytest.fixture(scope="module")
def crowded(_tables: Tables) -> ChainView:
    """A block of 1,203 transactions: the second has many operations, the others one each."""
    made = MadeChain()
    adds = [add(uid=number) for number in range(1, TIMES)]
    made.block(*adds[:MANY])
    many = call(*[delete(number) for number in range(1, MANY + 1)])
    made.block(adds[0], many, *adds[1:])
    return _tables.hold("crowded", lambda: shown.index_made(made, is_kept=True))


def test_every_transaction_of_a_large_block_can_be_reached(crowded: ChainView) -> None:
    found = blocks.at_height(crowded, 1)
    rows = [*found.transactions]
    assert (found.transaction_count, len(rows), found.transactions_next) == (TIMES, MOST, MOST - 1)
    while found.transactions_next is not None:
        found = blocks.with_rid(crowded, found.rid, after=found.transactions_next)
        rows += found.transactions
    assert [each.ordinal for each in rows] == [*range(TIMES)]
    assert [each.operation_count for each in rows] == [1, MANY, *[1] * (TIMES - 2)]
    assert [len(each.operations) for each in rows] == [1, MOST_NAMES, *[1] * (TIMES - 2)]
    for last in (TIMES - 1, TIMES, 2**63 - 1):
        found = blocks.at_height(crowded, 1, after=last)
        assert (found.transactions, found.transactions_next, found.transaction_count) == ([], None, TIMES)


def test_all_records_of_a_large_block_are_counted(crowded: ChainView) -> None:
    found = blocks.at_height(crowded, 1)
    assert (found.records, found.record_count) == ([*range(1, MOST + 1)], MANY + TIMES - 1)
