"""Pages by a unique number: each row once, both ways, also while new ones come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import blocks
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.pagination import Asked, Page, page_of
from explorer.queries.records import records
from indexer.models import Record


@dataclass
class Numbers:
    """A list in memory, paged as the database does it."""

    numbers: set[int] = field(default_factory=set)

    def page(
        self,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = 3,
        oldest_first: bool = False,
    ) -> Page[int]:
        asked = Asked(before, after, limit, most=100, oldest_first=oldest_first)
        within = [each for each in self.numbers if before is None or each < before]
        within = [each for each in within if after is None or each > after]
        found = sorted(within, reverse=asked.is_downwards)[: limit + 1]
        other = any(each >= before for each in self.numbers) if before is not None else False
        other = any(each <= after for each in self.numbers) if after is not None else other
        newest_first = sorted(found, reverse=True)
        return page_of(asked, newest_first, number=lambda each: each, has_other_side=other)

    def older(self, page: Page[int], limit: int) -> Iterator[Page[int]]:
        """From this page on to the oldest."""
        yield page
        while page.older is not None:
            page = self.page(before=page.older, limit=limit)
            yield page

    def newer(self, page: Page[int], limit: int) -> Iterator[Page[int]]:
        """From this page on to the newest."""
        yield page
        while page.newer is not None:
            page = self.page(after=page.newer, limit=limit)
            yield page


numbers = st.sets(st.integers(0, 60), max_size=40)
limits = st.integers(1, 7)


def flat(pages: Sequence[Page[int]]) -> list[int]:
    return [row for page in pages for row in page.rows]


@given(numbers, limits)
def test_a_walk_to_the_oldest_sees_each_row_once(rows: set[int], limit: int) -> None:
    kept = Numbers(rows)
    pages = list(kept.older(kept.page(limit=limit), limit))
    assert flat(pages) == sorted(rows, reverse=True)
    assert all(len(page.rows) == limit for page in pages[:-1])
    assert pages[0].newer is None
    assert all(page.newer is not None for page in pages[1:])


@given(numbers, limits)
def test_a_walk_back_to_the_newest_sees_each_row_once(rows: set[int], limit: int) -> None:
    kept = Numbers(rows)
    pages = list(kept.newer(kept.page(limit=limit, oldest_first=True), limit))
    assert [row for page in pages for row in sorted(page.rows)] == sorted(rows)
    assert pages[0].older is None


@given(numbers, limits)
def test_going_back_and_forth_ends_where_it_began(rows: set[int], limit: int) -> None:
    kept = Numbers(rows)
    for page in kept.older(kept.page(limit=limit), limit):
        if page.older is not None:
            back = kept.page(after=kept.page(before=page.older, limit=limit).newer, limit=limit)
            assert (list(back.rows), back.newer, back.older) == (list(page.rows), page.newer, page.older)


@given(numbers, limits, st.lists(st.integers(61, 99), max_size=20))
def test_rows_that_come_meanwhile_shift_nothing(rows: set[int], limit: int, coming: list[int]) -> None:
    kept = Numbers(set(rows))
    seen: list[int] = []
    for page in kept.older(kept.page(limit=limit), limit):
        seen += page.rows
        kept.numbers |= {coming.pop()} if coming else set()
    assert seen == sorted(rows, reverse=True)


@given(numbers, st.integers(-5, 65), limits, st.booleans(), st.booleans())
def test_from_any_number_both_ways_lead_to_all_of_it(
    rows: set[int], key: int, limit: int, is_before: bool, oldest_first: bool
) -> None:
    kept = Numbers(rows)
    begun = kept.page(
        before=key if is_before else None,
        after=None if is_before else key,
        limit=limit,
        oldest_first=oldest_first,
    )
    older = list(kept.older(begun, limit))[1:]
    newer = list(kept.newer(begun, limit))[1:]
    assert sorted(flat([*older, begun, *newer])) == sorted(rows)
    assert list(begun.rows) == sorted(begun.rows, reverse=not oldest_first)


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_an_impossible_size_is_refused(limit: int) -> None:
    with pytest.raises(BadQuestion, match="1 to 100"):
        Asked(None, None, limit, most=100)


def test_both_ways_at_once_are_refused() -> None:
    with pytest.raises(BadQuestion, match="not both"):
        Asked(1, 2, 10, most=100)


# In the database


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 7, 50, 100])
def test_records_are_walked_both_ways(recorded_chain: ChainView, limit: int) -> None:
    down: list[int] = []
    page = records.page(recorded_chain, limit=limit)
    while True:
        down += [each.prompt_id for each in page.rows]
        if page.older is None:
            break
        page = records.page(recorded_chain, before=page.older, limit=limit)
    assert down == [*range(recorded_chain.records, 0, -1)]
    up: list[int] = []
    page = records.page(recorded_chain, oldest_first=True, limit=limit)
    while True:
        up += [each.prompt_id for each in page.rows]
        if page.newer is None:
            break
        page = records.page(recorded_chain, after=page.newer, oldest_first=True, limit=limit)
    assert up == down[::-1]


@pytest.mark.django_db
@pytest.mark.parametrize("with_transactions", [True, False])
def test_blocks_are_walked_both_ways(recorded_chain: ChainView, with_transactions: bool) -> None:
    down: list[int] = []
    before = None
    while True:
        page = blocks.page(recorded_chain, before=before, limit=9, with_transactions=with_transactions)
        down += [each.height for each in page.rows]
        before = page.older
        if before is None:
            break
    up: list[int] = []
    after: int | None = -1
    while after is not None:
        page = blocks.page(recorded_chain, after=after, limit=9, with_transactions=with_transactions)
        up += [each.height for each in page.rows][::-1]
        after = page.newer
    assert up == down[::-1]
    if not with_transactions:
        assert up == [*range(recorded_chain.freshness.height + 1)]


@pytest.mark.django_db
def test_who_goes_one_way_does_not_ask_about_the_other(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for ask, before in ((records.page, 30 << 20), (blocks.page, 30)):
        whole = ask(recorded_chain, before=before, limit=5)
        assert whole.newer is not None
        with CaptureQueriesContext(connection) as asked:
            ask(recorded_chain, before=before, limit=5)
        with django_assert_num_queries(len(asked) - 1):
            found = ask(recorded_chain, before=before, limit=5, both_ways=False)
        assert (found.rows, found.older, found.newer) == (whole.rows, whole.older, None)


@pytest.mark.django_db
def test_records_that_come_while_a_reader_walks_shift_nothing(recorded_chain: ChainView) -> None:
    seen: list[int] = []
    newest = Record.objects.get(chain_id=recorded_chain.id, prompt_id=recorded_chain.records)
    page = records.page(recorded_chain, limit=20)
    while True:
        seen += [each.prompt_id for each in page.rows]
        if page.older is None:
            break
        newest.prompt_id, newest.position = newest.prompt_id + 1, newest.position + (1 << 20)
        newest.save(force_insert=True)
        page = records.page(recorded_chain, before=page.older, limit=20)
    assert seen == [*range(recorded_chain.records, 0, -1)]


@pytest.mark.django_db
@pytest.mark.parametrize("key", [-(2**70), -1, 0, 2**62, 2**70])
def test_a_page_from_beyond_either_end_is_empty_or_whole(recorded_chain: ChainView, key: int) -> None:
    below = records.page(recorded_chain, before=key, limit=100)
    above = records.page(recorded_chain, after=key, limit=100)
    if key <= 0:
        assert (list(below.rows), below.older) == ([], None)
        assert below.newer is not None
        assert above.older is None
        assert records.page(recorded_chain, after=below.newer, limit=100).rows == above.rows
    else:
        assert (list(above.rows), above.newer) == ([], None)
        assert above.older is not None
        assert records.page(recorded_chain, before=above.older, limit=100).rows == below.rows
