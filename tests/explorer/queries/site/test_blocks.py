"""The blocks of all chains in one list."""

from dataclasses import replace
from itertools import pairwise

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import blocks as of_one
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.blocks import BlockRow
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.pagination import Page, PageRequest
from explorer.queries.site import blocks

pytestmark = pytest.mark.django_db
FILLED = BlockFilter(BlockKind.WITH_TRANSACTIONS)


def walked(chains: list[ChainView], wanted: BlockFilter, request: PageRequest) -> list[Page[BlockRow]]:
    """Every page, the way that the first one goes."""
    found: list[Page[BlockRow]] = []
    following: PageRequest | None = request
    while following is not None:
        found.append(blocks.page(chains, wanted, following))
        following = found[-1].older if following.is_downwards else found[-1].newer
    return found


@pytest.mark.parametrize("wanted", [FILLED, BlockFilter()])
def test_every_block_of_each_chain_comes_once_by_its_time(
    recorded_chain: ChainView, one_validator_chain: ChainView, wanted: BlockFilter
) -> None:
    chains = [recorded_chain, one_validator_chain]
    rows = [row for page in walked(chains, wanted, PageRequest(limit=17)) for row in page.rows]
    for chain in chains:
        own = of_one.page(chain, wanted, PageRequest(limit=100)).rows
        assert [row for row in rows if row.chain == chain.brid][: len(own)] == own
    assert len({(row.chain, row.height) for row in rows}) == len(rows)
    assert all(newer.timestamp >= older.timestamp for newer, older in pairwise(rows))
    if wanted.kind is None:
        assert len(rows) == sum(each.freshness.height + 1 for each in chains)
    back = walked(chains, wanted, PageRequest(limit=17, oldest_first=True))
    assert [row for page in back for row in page.rows] == rows[::-1]


def test_a_page_leads_back_to_the_one_before(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    chains = [recorded_chain, one_validator_chain]
    first, second = walked(chains, FILLED, PageRequest(limit=17))[:2]
    assert first.newer is None
    assert second.newer is not None
    again = blocks.page(chains, FILLED, second.newer)
    assert (again.rows, again.newer) == (first.rows, None)


def test_blocks_that_come_meanwhile_shift_nothing_and_a_new_chain_is_named(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    earlier = replace(recorded_chain, freshness=replace(recorded_chain.freshness, height=50))
    first = blocks.page([earlier], BlockFilter(), PageRequest(limit=10))
    assert first.older is not None
    second = blocks.page([recorded_chain, one_validator_chain], BlockFilter(), first.older)
    assert [row.height for row in second.rows[:10]] == list(range(40, 30, -1))
    assert second.of == [recorded_chain]
    assert second.later == [one_validator_chain]


def test_a_cursor_of_another_list_is_refused(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    chains = [recorded_chain, one_validator_chain]
    older = blocks.page(chains, FILLED, PageRequest(limit=5)).older
    with pytest.raises(BadQuestion, match="another list"):
        blocks.page(chains, BlockFilter(), older)
    with pytest.raises(BadQuestion, match="No chain of this cursor"):
        blocks.page([], FILLED, older)


def test_a_page_asks_two_queries(
    recorded_chain: ChainView,
    one_validator_chain: ChainView,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    chains = [recorded_chain, one_validator_chain]
    older = blocks.page(chains, FILLED, PageRequest(limit=5)).older
    with django_assert_num_queries(2):
        found = blocks.page(chains, FILLED, older)
    assert any(row.deeds for row in found.rows)
    assert blocks.page([], FILLED).rows == []
