"""Pages of a list: each row once, both ways, also while new ones come; of one chain, and of several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import blocks
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView
from explorer.queries.db import pagination, sql
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.kinds import LARGEST, Misread
from explorer.queries.db.pagination import Cursor, Key, Order, Page, PageRequest, page_of
from explorer.queries.lists import listing
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.states import Status
from explorer.query_parameters import QueryParameters, query_of
from indexer.models import Record
from tests.explorer.queries.every import walked

ONE, SEVERAL = Order(("number",)), Order(("first", "second"), of="rows")


@dataclass
class Rows:
    """A list in memory, paged as the database does it."""

    by: Order
    rows: set[Key] = field(default_factory=set)

    def page(self, request: PageRequest) -> Page[Key]:
        key = request.key(self.by)
        below = [each for each in self.rows if key is not None and each < key]
        above = [each for each in self.rows if key is not None and each > key]
        within = (below if request.is_downwards else above) if key is not None else self.rows
        found = sorted(within, reverse=request.is_downwards)[: request.limit + 1]
        other = key is not None and len(within) < len(self.rows)
        newest_first = sorted(found, reverse=True)
        return page_of(request, newest_first, by=self.by, key=lambda row: row, has_other_side=other)

    def older(self, page: Page[Key]) -> Iterator[Page[Key]]:
        """From this page on to the oldest."""
        yield page
        while page.older is not None:
            page = self.page(page.older)
            yield page

    def newer(self, page: Page[Key]) -> Iterator[Page[Key]]:
        """From this page on to the newest."""
        yield page
        while page.newer is not None:
            page = self.page(page.newer)
            yield page


ones = st.sets(st.tuples(st.integers(0, 60)), max_size=40).map(lambda rows: Rows(ONE, set(rows)))
pairs = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=40).map(
    lambda rows: Rows(SEVERAL, set(rows))
)
lists = ones | pairs
limits = st.integers(1, 7)


def flat(pages: Sequence[Page[Key]]) -> list[Key]:
    return [row for page in pages for row in page.rows]


@given(lists, limits)
def test_a_walk_to_the_oldest_sees_each_row_once(kept: Rows, limit: int) -> None:
    pages = list(kept.older(kept.page(PageRequest(limit=limit))))
    assert flat(pages) == sorted(kept.rows, reverse=True)
    assert all(len(page.rows) == limit for page in pages[:-1])
    assert pages[0].newer is None
    assert all(page.newer is not None for page in pages[1:])


@given(lists, limits)
def test_a_walk_back_to_the_newest_sees_each_row_once(kept: Rows, limit: int) -> None:
    pages = list(kept.newer(kept.page(PageRequest(limit=limit, oldest_first=True))))
    assert flat(pages) == sorted(kept.rows)
    assert pages[0].older is None


@given(lists, limits)
def test_going_back_and_forth_ends_where_it_began(kept: Rows, limit: int) -> None:
    for page in kept.older(kept.page(PageRequest(limit=limit))):
        if page.older is not None:
            onwards = kept.page(page.older)
            assert onwards.newer is not None
            back = kept.page(onwards.newer)
            assert (list(back.rows), back.newer, back.older) == (list(page.rows), page.newer, page.older)


@given(lists, limits, st.lists(st.integers(61, 99), max_size=20, unique=True))
def test_rows_that_come_meanwhile_shift_nothing(kept: Rows, limit: int, coming: list[int]) -> None:
    before = sorted(kept.rows, reverse=True)
    seen: list[Key] = []
    for page in kept.older(kept.page(PageRequest(limit=limit))):
        seen += page.rows
        kept.rows |= {(coming.pop(), 0)[: len(kept.by.columns)]} if coming else set()
    assert seen == before


@given(lists, st.integers(-5, 65), st.integers(-2, 11), limits, st.booleans(), st.booleans())
def test_from_any_key_both_ways_lead_to_all_of_it(
    kept: Rows, first: int, second: int, limit: int, is_downwards: bool, oldest_first: bool
) -> None:
    start, key = PageRequest(limit=limit, oldest_first=oldest_first), (first, second)[: len(kept.by.columns)]
    begun = kept.page(start.going_on(key, by=kept.by, is_downwards=is_downwards))
    older = list(kept.older(begun))[1:]
    newer = list(kept.newer(begun))[1:]
    assert sorted(flat([*older, begun, *newer])) == sorted(kept.rows)
    assert list(begun.rows) == sorted(begun.rows, reverse=not oldest_first)


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_an_impossible_size_is_refused(limit: int) -> None:
    with pytest.raises(BadQuestion, match="1 to 100"):
        PageRequest(limit=limit)


def test_both_ways_at_once_are_refused() -> None:
    with pytest.raises(BadQuestion, match="not both"):
        PageRequest(before=1, after=2)
    with pytest.raises(BadQuestion, match="one way"):
        PageRequest(before=1, cursor=Cursor(b"8 bytes.", (1, 2), is_downwards=True))


# Cursors

cursors = st.builds(
    Cursor,
    st.binary(min_size=8, max_size=8),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=6).map(tuple),
    st.booleans(),
)


@given(cursors)
def test_a_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.read(str(cursor)) == cursor
    assert str(cursor).replace("-", "").replace("_", "").isalnum()


@given(cursors, st.data())
def test_a_cursor_of_which_anything_is_altered_is_refused(cursor: Cursor, data: st.DataObject) -> None:
    text = str(cursor)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("AZaz09-_=+ %\0é"))
    for altered in (text[:at] + other + text[at + 1 :], text[:at], text[at + 1 :], text + other):
        if altered != text:
            with pytest.raises(Misread):
                Cursor.read(altered)


@given(st.text() | st.binary().map(lambda each: each.hex()))
def test_no_other_text_is_a_cursor(text: str) -> None:
    with pytest.raises(Misread) as caught:
        Cursor.read(text)
    assert caught.value.code == "not-a-cursor"


def test_a_cursor_of_another_version_is_told_to_begin_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagination, "_VERSION", 2)
    later = str(Cursor(b"8 bytes.", (1,), is_downwards=True))
    monkeypatch.undo()
    with pytest.raises(Misread, match="begin at the first page"):
        Cursor.read(later)


@pytest.mark.parametrize(
    "other",
    [
        Order(("first", "second"), of="other rows"),
        Order(("first", "second"), of="rows?status=live"),
        Order(("second", "first"), of="rows"),
        Order(("first", "second", "third"), of="rows"),
        Order(("first",), of="rows"),
    ],
)
def test_a_cursor_goes_on_with_no_other_list(other: Order) -> None:
    request = PageRequest().going_on((1, 2), by=SEVERAL, is_downwards=True)
    assert request.key(SEVERAL) == (1, 2)
    with pytest.raises(BadQuestion, match="another list, filter or order"):
        request.key(other)


def test_a_cursor_goes_on_in_no_other_order() -> None:
    request = PageRequest().going_on((1, 2), by=SEVERAL, is_downwards=True)
    with pytest.raises(BadQuestion, match="another list, filter or order"):
        PageRequest(cursor=request.cursor, oldest_first=True).key(SEVERAL)


def test_a_list_by_several_columns_takes_no_number() -> None:
    with pytest.raises(BadQuestion, match="by what its pages give"):
        PageRequest(before=5).key(SEVERAL)


def test_a_key_beyond_what_the_database_counts_to_is_at_its_end() -> None:
    request = PageRequest().going_on((-(2**63) - 1, 2**63), by=SEVERAL, is_downwards=True)
    assert request.key(SEVERAL) == (-(2**63), 2**63 - 1)


# In the database


def down(page: Page[Any], read: Any) -> list[Any]:
    """From this page on to the oldest."""
    rows = [*page.rows]
    while page.older is not None:
        page = read(page.older)
        rows += page.rows
    return rows


def up(page: Page[Any], read: Any) -> list[Any]:
    """From this page on to the newest."""
    rows = [*page.rows]
    while page.newer is not None:
        page = read(page.newer)
        rows += page.rows
    return rows


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 7, 50, 100])
@pytest.mark.parametrize("status", [None, Status.EDITED])
def test_records_are_walked_both_ways(recorded_chain: ChainView, limit: int, status: Status | None) -> None:
    def read(request: PageRequest) -> Page[Any]:
        return listing.page(recorded_chain, RecordFilter(status), request)

    newest_first = [each.prompt_id for each in down(read(PageRequest(limit=limit)), read)]
    oldest_first = [each.prompt_id for each in up(read(PageRequest(limit=limit, oldest_first=True)), read)]
    assert oldest_first == newest_first[::-1]
    if status is None:
        assert newest_first == [*range(recorded_chain.records, 0, -1)]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [None, *BlockKind])
def test_blocks_are_walked_both_ways(recorded_chain: ChainView, kind: BlockKind | None) -> None:
    def read(request: PageRequest) -> Page[Any]:
        return blocks.page(recorded_chain, BlockFilter(kind), request)

    highest_first = [each.height for each in down(read(PageRequest(limit=9)), read)]
    lowest_first = [each.height for each in up(read(PageRequest(after=-1, limit=9, oldest_first=True)), read)]
    assert lowest_first == highest_first[::-1]
    if kind is None:
        assert lowest_first == [*range(recorded_chain.freshness.height + 1)]


@pytest.mark.django_db
def test_who_goes_one_way_does_not_ask_about_the_other(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for ask, before in ((listing.page, 30 << 20), (blocks.page, 30)):
        with CaptureQueriesContext(connection) as asked:
            whole = ask(recorded_chain, request=PageRequest(before=before, limit=5))
        assert whole.newer is not None
        assert whole.older is not None
        # Of records both are one question.
        with django_assert_num_queries(len(asked) - (ask is blocks.page)):
            found = ask(recorded_chain, request=PageRequest(before=before, limit=5, both_ways=False))
        assert found.older is not None
        assert (found.rows, found.older.before, found.newer) == (whole.rows, whole.older.before, None)


@pytest.mark.django_db
def test_records_that_come_while_a_reader_walks_shift_nothing(recorded_chain: ChainView) -> None:
    seen: list[int] = []
    newest = Record.objects.get(chain_id=recorded_chain.id, prompt_id=recorded_chain.records)
    request: PageRequest | None = PageRequest(limit=20)
    while request is not None:
        page = listing.page(recorded_chain, request=request)
        seen += [each.prompt_id for each in page.rows]
        newest.prompt_id, newest.position = newest.prompt_id + 1, newest.position + (1 << 20)
        newest.save(force_insert=True)
        request = page.older
    assert seen == [*range(recorded_chain.records, 0, -1)]


@pytest.mark.django_db
@pytest.mark.parametrize("begin", [PageRequest(before=0, limit=5), PageRequest(after=LARGEST, limit=5)])
def test_where_an_empty_page_leads_can_be_asked(recorded_chain: ChainView, begin: PageRequest) -> None:
    found = listing.page(recorded_chain, request=begin)
    assert list(found.rows) == []
    led = found.newer or found.older
    assert led is not None
    known = ("before", "after", "limit")
    asked = QueryParameters(QueryDict(query_of(QueryDict("limit=5"), led)), known=known).page()
    assert len(listing.page(recorded_chain, request=asked).rows) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("key", [-(2**70), -1, 0, 2**62, 2**70])
def test_a_page_from_beyond_either_end_is_empty_or_whole(recorded_chain: ChainView, key: int) -> None:
    below = listing.page(recorded_chain, request=PageRequest(before=key, limit=100))
    above = listing.page(recorded_chain, request=PageRequest(after=key, limit=100))
    if key <= 0:
        assert (list(below.rows), below.older) == ([], None)
        assert below.newer is not None
        assert above.older is None
        assert listing.page(recorded_chain, request=below.newer).rows == above.rows
    else:
        assert (list(above.rows), above.newer) == ([], None)
        assert above.older is not None
        assert listing.page(recorded_chain, request=above.older).rows == below.rows


# Over several chains

_OF_ALL_CHAINS = """
    SELECT b.timestamp, r.chain_id, r.position, r.prompt_id FROM indexer_record r
    JOIN indexer_chain c ON c.id = r.chain_id AND c.generation = r.generation
    JOIN indexer_block b ON b.chain_id = r.chain_id AND b.height = r.position >> 20
    WHERE true
"""
_BY_TIME = ("b.timestamp", "r.chain_id", "r.position", "r.prompt_id")


def across(wanted: RecordFilter, request: PageRequest) -> Page[Key]:
    """Records of every chain by the time of their block."""
    only = wanted.condition()
    return pagination.read(
        request,
        f"{_OF_ALL_CHAINS}{only.sql}",
        only.parameters,
        by=Order(_BY_TIME, of=f"records {sorted(wanted.words().items())}"),
        rows=_keys,
        key=lambda row: row,
    )


def _keys(statement: str, parameters: Mapping[str, Any]) -> Sequence[Key]:
    return sql.rows(statement, parameters)


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", [RecordFilter(), RecordFilter(Status.EDITED)])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_several_chains_are_walked_both_ways(
    recorded_chain: ChainView, one_validator_chain: ChainView, wanted: RecordFilter, limit: int
) -> None:
    def read(request: PageRequest) -> Page[Key]:
        """As an address asks for it."""
        return across(wanted, replace(request, cursor=Cursor.read(request.words["cursor"])))

    newest_first = down(across(wanted, PageRequest(limit=limit)), read)
    oldest_first = up(across(wanted, PageRequest(limit=limit, oldest_first=True)), read)
    assert oldest_first == newest_first[::-1] == sorted(newest_first)
    chains = (recorded_chain, one_validator_chain)
    assert len(newest_first) == sum(len(walked(each, wanted)) for each in chains)
    assert {row[1] for row in newest_first} == {each.id for each in chains}


@pytest.mark.django_db
def test_rows_that_come_on_several_chains_shift_nothing(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    newest = [
        Record.objects.filter(chain_id=each.id).latest("position")
        for each in (recorded_chain, one_validator_chain)
    ]

    def read(request: PageRequest) -> Page[Key]:
        for each in newest:
            each.prompt_id, each.position = each.prompt_id + 1, each.position + 1
            each.save(force_insert=True)
        return across(RecordFilter(), request)

    before = down(across(RecordFilter(), PageRequest(limit=30)), lambda each: across(RecordFilter(), each))
    seen = down(across(RecordFilter(), PageRequest(limit=30)), read)
    assert [row for row in seen if row in set(before)] == before
    assert len(set(seen)) == len(seen)


@pytest.mark.django_db
def test_a_cursor_over_several_chains_is_refused_under_another_filter(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    onwards = across(RecordFilter(), PageRequest(limit=5)).older
    assert onwards is not None
    with pytest.raises(BadQuestion, match="another list, filter or order"):
        across(RecordFilter(Status.LIVE), onwards)
    with pytest.raises(BadQuestion, match="another list, filter or order"):
        listing.page(recorded_chain, request=onwards)
