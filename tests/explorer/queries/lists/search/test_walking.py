"""What a query line finds in several chains, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from explorer.queries.db.kinds import Moment, Span, Times
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists import filter as records_filter
from explorer.queries.lists import lanes, listing, walk
from explorer.queries.lists.counting import Count, counted
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.lanes import by_change
from explorer.queries.lists.search import clauses, finding, known, walking
from explorer.queries.records.states import Status
from explorer.search.parsing import parse
from indexer.models import Owner
from tests.explorer.queries.lists.search.filled import Filled
from tests.explorer.queries.lists.search.two_chains import Name, expected, names, two_chains

pytestmark = pytest.mark.django_db

LINES = (
    *("cat", "absent", "rare", "-cat olden", '"silver anchor" model:gpt*', "cat OR scout:8", "has:deletion"),
    *("status:deleted cat", "chain:22222222 dog", "model:none", "since:2026-10-03 dog"),
    *("everywhere scout:-1", "block:..40 dog said:now", "changed:2026-10-02.. cat"),
)  # fmt: skip


@pytest.fixture(scope="module")
def chains(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Sequence[Filled]]:
    with two_chains(django_db_blocker) as found:
        yield found


@pytest.mark.parametrize("oldest_first", [False, True])
def test_pages_over_several_chains_hold_all_that_fits_in_one_order(
    chains: Sequence[Filled], oldest_first: bool
) -> None:
    for line in LINES:
        wanted = RecordFilter(q=parse(line))
        request: PageRequest | None = PageRequest(limit=7, oldest_first=oldest_first)
        found: list[Name] = []
        while request is not None:
            page = listing.page_of_all([each.chain for each in chains], wanted, request)
            assert not page.searched_to
            found += names(page.rows)
            request = page.newer if oldest_first else page.older
        assert found == expected(chains, line, oldest_first=oldest_first), line


def test_pages_of_one_chain_go_both_ways(chains: Sequence[Filled]) -> None:
    one = chains[0]
    for line in LINES:
        wanted, every = RecordFilter(q=parse(line)), expected([one], line, oldest_first=False)
        first = listing.page(one.chain, wanted, PageRequest(limit=3))
        assert names(first.rows) == every[:3]
        assert first.newer is None
        if first.older is None:
            assert len(every) <= 3
            continue
        second = listing.page(one.chain, wanted, first.older)
        assert names(second.rows) == every[3:6]
        assert second.newer is not None
        assert names(listing.page(one.chain, wanted, second.newer).rows) == every[:3]


def test_fields_and_line_must_both_hold(chains: Sequence[Filled]) -> None:
    every = [each.chain for each in chains]
    both = listing.page_of_all(every, RecordFilter(Status.EDITED, model="gpt*", q=parse("cat")), None)
    assert names(both.rows) == expected(chains, "cat status:edited model:gpt*", oldest_first=False)


def test_the_list_by_change_is_searched_too(chains: Sequence[Filled]) -> None:
    every = [each.chain for each in chains]
    request = PageRequest(limit=100, changed_first=True)
    found = listing.page_of_all(every, RecordFilter(q=parse("cat said:now")), request)
    assert sorted(names(found.rows)) == sorted(
        expected(chains, "cat said:now -status:live", oldest_first=False)
    )


@pytest.mark.parametrize(
    "line", ["status:deleted", "status:edited", "has:deletion", "cat status:deleted", "-status:deleted"]
)
def test_a_line_may_ask_for_one_state_of_the_list_by_change(chains: Sequence[Filled], line: str) -> None:
    every, wanted = [each.chain for each in chains], RecordFilter(q=parse(line))
    request = PageRequest(limit=100, changed_first=True)
    found = listing.page_of_all(every, wanted, request)
    fitting = expected(chains, f"({line}) -status:live", oldest_first=False)
    assert sorted(names(found.rows)) == sorted(fitting)
    assert counted(every, wanted, by_change()) == Count(len(fitting), is_exact=True)
    of_state = RecordFilter(Status.DELETED, q=parse(line))
    assert sorted(names(listing.page_of_all(every, of_state, request).rows)) == sorted(
        expected(chains, f"({line}) status:deleted", oldest_first=False)
    )


@pytest.mark.parametrize("most", [1, 2, 3, 1_000])
def test_a_pattern_is_searched_whole_however_many_names_it_fits(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(known, "MOST_NAMES", most)
    every = [each.chain for each in chains]
    for line in ("model:*", "model:gpt*", "cat -model:gpt*", "model:* provider:*", "cat OR model:gpt*"):
        wanted = RecordFilter(q=parse(line))
        fitting = expected(chains, line, oldest_first=False)
        assert names(listing.page_of_all(every, wanted, PageRequest(limit=100)).rows) == fitting, line
        assert counted(every, wanted) == Count(len(fitting), is_exact=True), line


def in_fields_and_in_the_line(one: Filled) -> Iterator[tuple[RecordFilter, str]]:
    """What leaves few records of many, as fields and as a line that says the same."""
    heights = sorted(each.height for each in one.records)
    begin, end = Moment().read("2026-10-03"), Moment().read("2026-10-05")
    for wide, words in (
        (RecordFilter(model="gpt*"), "model:gpt*"),
        (RecordFilter(provider="*q"), "provider:*q"),
        (RecordFilter(changed=Times().read("2026-10-01..2026-12-31")), "changed:2026-10-01..2026-12-31"),
    ):
        yield wide, words
        for low, high in ((None, heights[8]), (heights[-8], None), (heights[15], heights[22])):
            block = f"{'' if low is None else low}..{'' if high is None else high}"
            yield replace(wide, block=Span(low, high)), f"{words} block:{block}"
        yield replace(wide, since=end), f"{words} since:2026-10-05"
        yield replace(wide, until=begin), f"{words} until:2026-10-03"
        yield replace(wide, since=begin, until=end), f"{words} since:2026-10-03 until:2026-10-05"
        yield replace(wide, status=Status.EDITED), f"{words} status:edited"


@pytest.mark.parametrize("begin", [PageRequest(limit=7), PageRequest(limit=7, oldest_first=True)])
@pytest.mark.parametrize("few", [0, 3, 9, 5_000])
def test_what_would_be_few_within_bounds_is_not_taken_from_a_part_of_many(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch, few: int, begin: PageRequest
) -> None:
    these_are_few(monkeypatch, few)
    one = chains[0]
    for fields, line in in_fields_and_in_the_line(one):
        fitting = expected([one], line, oldest_first=begin.oldest_first)
        for wanted in (fields, RecordFilter(q=parse(line))):
            assert every_name(one, wanted, begin) == fitting, (wanted, line)
            count = counted([one.chain], wanted)
            assert count == Count(len(fitting), is_exact=True) or not count.is_exact, (wanted, line)
            assert count.value <= len(fitting)


@pytest.mark.parametrize("few", [3, 9, 5_000])
def test_what_one_writer_wrote_is_not_taken_from_a_part_of_many(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    these_are_few(monkeypatch, few)
    one = chains[0]
    middle, late = (sorted(each.position for each in one.records)[at] for at in (20, 33))
    for position, key in ((-1, b"\1"), (middle, b"\2"), (late, b"\3")):
        Owner.objects.create(chain_id=one.chain.id, generation=1, position=position, key=key)
    for wide, line in (
        (RecordFilter(model="gpt*"), "model:gpt*"),
        (RecordFilter(changed=Times().read("2026-10-01..2026-12-31")), "changed:2026-10-01.."),
    ):
        fitting = [name for name in expected([one], line, oldest_first=False) if name[1] > late]
        assert fitting
        for wanted in (wide, RecordFilter(q=parse(line))):
            found = every_name(one, replace(wanted, writer=b"\3"), PageRequest(limit=7))
            assert found == fitting, wanted


def these_are_few(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """So many records are looked at in one go."""
    for each in (records_filter, walk, lanes, clauses):
        monkeypatch.setattr(each, "FEW", few)
    monkeypatch.setattr(walking, "_ALL_OF_FEW", finding.Sizes(first=(few + 1,)))


def every_name(one: Filled, wanted: RecordFilter, begin: PageRequest) -> list[Name]:
    """All that the pages of one chain hold."""
    request: PageRequest | None = begin
    found: list[Name] = []
    while request is not None:
        page = listing.page(one.chain, wanted, request)
        found += names(page.rows)
        request = page.newer if begin.oldest_first else page.older
    return found


def test_what_is_found_is_counted(chains: Sequence[Filled]) -> None:
    for line in LINES:
        count = walking.count([each.chain for each in chains], walking.Line(parse(line)))
        assert count == (len(expected(chains, line, oldest_first=False)), True), line


@pytest.mark.parametrize("oldest_first", [False, True])
def test_counting_goes_on_where_the_page_ended(
    chains: Sequence[Filled], oldest_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    every, request = [each.chain for each in chains], PageRequest(limit=2, oldest_first=oldest_first)
    for line in LINES:
        wanted = RecordFilter(q=parse(line))
        page = listing.page_of_all(every, wanted, request)
        whole = Count(len(expected(chains, line, oldest_first=False)), is_exact=True)
        with monkeypatch.context() as patched:
            patched.setattr(walking, "count", None)  # nothing is looked through again
            assert listing.count(every, wanted, request, page) == whole, line


HOSTILE = " OR ".join(f"model:*{number}*" for number in range(99))


@pytest.mark.parametrize(
    "line",
    [HOSTILE, " OR ".join(f"tx:ABCDEF{number:02}" for number in range(100)), f"everywhere ({HOSTILE})"],
)
def test_what_a_hundred_clauses_name_is_looked_up_at_once_for_all_chains(
    chains: Sequence[Filled], line: str
) -> None:
    every, wanted = [each.chain for each in chains], RecordFilter(q=parse(line))
    with CaptureQueriesContext(connection) as asked:
        listing.page_of_all(every, wanted, PageRequest())
    assert sum("AS w (kind" in each["sql"] or "AS w (low" in each["sql"] for each in asked) == 1
