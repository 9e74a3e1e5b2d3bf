"""What a query line finds in several chains, page by page."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from explorer.queries.db.filters import Condition
from explorer.queries.db.kinds import Moment, Span, Times
from explorer.queries.db.pagination import PageRequest
from explorer.queries.records import filter as records_filter
from explorer.queries.records import listing, walk
from explorer.queries.records.counting import Count, counted
from explorer.queries.records.filter import RecordFilter
from explorer.queries.records.rows import RecordRow
from explorer.queries.records.search import clauses, finding, known, walking
from explorer.queries.records.search.asked import asked_of
from explorer.queries.records.search.deadline import Deadline, bounded
from explorer.queries.records.search.finding import Part
from explorer.queries.records.states import Status
from explorer.queries.records.walk import by_change
from explorer.search.parsing import parse
from explorer.search.tree import said_in
from indexer.models import Owner
from tests.explorer.queries.records.search.filled import Filled, filled, kept, some
from tests.explorer.queries.records.search.test_finding import Ticking

pytestmark = pytest.mark.django_db

LINES = (
    *("cat", "absent", "rare", "-cat olden", '"silver anchor" model:gpt*', "cat OR scout:8", "has:deletion"),
    *("status:deleted cat", "chain:22222222 dog", "model:none", "since:2026-10-03 dog"),
    *("everywhere scout:-1", "block:..40 dog said:now", "changed:2026-10-02.. cat"),
)  # fmt: skip

Name = tuple[bytes, int]


@pytest.fixture(scope="module")
def chains(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Sequence[Filled]]:
    chance = random.Random(11)
    with kept(django_db_blocker):
        yield [
            filled(some(40, chance), brid=b"\x11" * 32, chance=chance),
            filled(some(25, chance), brid=b"\x22" * 32, chance=chance),
        ]


def expected(chains: Sequence[Filled], line: str, *, oldest_first: bool) -> list[Name]:
    """Each chain in its order, merged by the times of blocks."""
    tree = parse(line)
    queues = []
    for each in chains:
        found = each.positions(tree, said_in(tree))
        queues.append([(each.times[at >> 20], each.chain.id, at) for at in found])
    for queue in queues:
        queue.sort(key=lambda one: one[2], reverse=not oldest_first)
    brids = {each.chain.id: each.chain.brid for each in chains}
    merged: list[Name] = []
    while any(queues):
        nearest = (min if oldest_first else max)(queue[0] for queue in queues if queue)
        queue = next(each for each in queues if each and each[0] == nearest)
        merged.append((brids[nearest[1]], queue.pop(0)[2]))
    return merged


def names(rows: Sequence[RecordRow]) -> list[Name]:
    return [(each.chain, each.position) for each in rows]


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
    for each in (records_filter, walk, clauses):
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


def test_counting_alone_is_given_up_soon(chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch) -> None:
    every, request = [each.chain for each in chains], PageRequest(limit=1)
    wanted = RecordFilter(q=parse("everywhere"))
    page = listing.page_of_all(every, wanted, request)
    monkeypatch.setattr(walking, "COUNT_SECONDS", 0.0)
    count = listing.count(every, wanted, request, page)
    assert not count.is_exact
    assert page.walk is not None
    assert count.value == sum(len(each.found) for each in page.walk.trails)


def test_a_page_that_ends_early_says_how_far_each_chain_was_searched_and_goes_on(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    every, wanted = [each.chain for each in chains], RecordFilter(q=parse("-everywhere OR rare"))
    monkeypatch.setattr(walking, "SIZES", finding.Sizes(first=(3,), walk=4))
    monkeypatch.setattr(walking, "SECONDS", 25.0)
    request: PageRequest | None = PageRequest(limit=5)
    found: list[Name] = []
    early = 0
    while request is not None:
        page = listing.page_of_all(every, wanted, request, clock=Ticking())
        early += bool(page.searched_to)
        found += names(page.rows)
        request = page.older
    # Blocks may state earlier times than those below them: who stops in between may merge in another order.
    for each in chains:
        of_chain = [name for name in found if name[0] == each.chain.brid]
        assert of_chain == expected([each], "-everywhere OR rare", oldest_first=False)
    assert early


def test_once_something_is_found_or_no_word_must_be_there_no_further_step_is_begun(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    every, wanted = [each.chain for each in chains], RecordFilter(q=parse("-everywhere OR rare"))
    monkeypatch.setattr(walking, "SIZES", finding.Sizes(first=(1,), walk=1))
    monkeypatch.setattr(walking, "SECONDS", 60.0)
    monkeypatch.setattr(walk, "SOON", 0.0)
    request: PageRequest | None = PageRequest(limit=5)
    found: list[Name] = []
    pages = 0
    while request is not None:
        page = listing.page_of_all(every, wanted, request)
        assert page.searched_to or len(page.rows) == 5 or not page.older
        found += names(page.rows)
        request, pages = page.older, pages + 1
    for each in chains:
        of_chain = [name for name in found if name[0] == each.chain.brid]
        assert of_chain == expected([each], "-everywhere OR rare", oldest_first=False)
    assert pages > len(found) / 5 + 1


class Late:
    """A clock that stands still until the first of two chains has its share of the time, and then jumps to
    beyond that share. Where it ``watches`` the database, all time is up once the other chain was searched.
    """

    def __init__(self, other: Filled) -> None:
        self._looked = 0
        self._other = other.chain.id
        self._is_over = False

    def __call__(self) -> float:
        self._looked += 1
        return 0.0 if self._looked <= 2 else 100.0 if self._is_over else 60.0

    def watches(self) -> AbstractContextManager[None]:
        return connection.execute_wrapper(self._watch)

    def _watch(
        self, execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: Any
    ) -> Any:
        found = execute(statement, parameters, many, context)
        if isinstance(parameters, Mapping) and parameters.get("chain") == self._other:
            self._is_over = parameters.get("rows", 0) > 1  # not what looks for a page before
        return found


@pytest.mark.parametrize("oldest_first", [False, True])
def test_a_chain_that_had_too_little_time_is_searched_with_what_the_others_left(
    chains: Sequence[Filled], oldest_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    every, wanted = [each.chain for each in chains], RecordFilter(q=parse("everywhere"))
    monkeypatch.setattr(walking, "SECONDS", 100.0)
    request = PageRequest(limit=100, oldest_first=oldest_first)
    page = listing.page_of_all(every, wanted, request, clock=Late(chains[1]))
    assert not page.searched_to
    assert names(page.rows) == expected(chains, "everywhere", oldest_first=oldest_first)


@pytest.mark.parametrize("oldest_first", [False, True])
def test_nothing_is_given_before_a_chain_that_was_not_searched_at_all(
    chains: Sequence[Filled], oldest_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    every, wanted = [each.chain for each in chains], RecordFilter(q=parse("everywhere"))
    monkeypatch.setattr(walking, "SECONDS", 100.0)
    request: PageRequest | None = PageRequest(limit=100, oldest_first=oldest_first)
    for _ in range(2):  # where it was not begun, it is not begun on the next page either
        assert request is not None
        late = Late(chains[1])
        with late.watches():
            page = listing.page_of_all(every, wanted, request, clock=late)
        assert not page.rows
        assert [(each.chain, each.height, each.at) for each in page.searched_to] == [(every[0], None, None)]
        request = page.newer if oldest_first else page.older
    assert request is not None
    rest = listing.page_of_all(every, wanted, request)
    assert names(rest.rows) == expected(chains, "everywhere", oldest_first=oldest_first)


@pytest.mark.parametrize("line", ["everywhere", "everywhere chain:22222222"])
def test_where_no_chain_that_may_have_some_could_be_searched_it_is_said_so(
    chains: Sequence[Filled], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "SECONDS", -1.0)
    with pytest.raises(OperationalError):
        listing.page_of_all([each.chain for each in chains], RecordFilter(q=parse(line)), PageRequest())


def test_where_no_chain_can_have_any_there_is_nothing(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "SECONDS", -1.0)
    page = listing.page_of_all(
        [each.chain for each in chains], RecordFilter(q=parse("cat chain:33333333")), PageRequest()
    )
    assert (page.rows, page.searched_to, page.older) == ([], [], None)


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_a_chain_that_was_not_searched_is_named_without_a_block_and_can_be_searched_alone(
    chains: Sequence[Filled], client: Client, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "SECONDS", 100.0)
    real = listing.page_of_all

    def late(*of: Any, **more: Any) -> listing.Records:
        clock = Late(chains[1])
        with clock.watches():
            return real(*of, **more, clock=clock)

    monkeypatch.setattr(listing, "page_of_all", late)
    shown = client.get(f"/records?q=everywhere&order={order}", follow=True).content.decode()
    assert "Nothing found so far" in shown
    told_so = shown.partition('id="searched"')[2].partition("</main>")[0]
    assert "Not searched yet: <bdi>11111111" in told_so
    assert "to block" not in told_so
    assert "1970" not in told_so
    alone = re.search(r'<a href="([^"]+)">search it alone</a>', shown)
    assert alone is not None
    assert alone[1].startswith(f"/chains/{chains[0].chain.rid}/records?q=everywhere")
    found = client.get(alone[1].replace("&amp;", "&")).content.decode()
    assert "Nothing found so far" not in found
    assert "Exactly 40 records" in found
    told = client.get(f"/api/v1/records?q=everywhere&order={order}").json()
    assert told["searched_to"] == [{"chain": chains[0].chain.rid, "height": None, "at": None}]
    assert told["next"] is not None


SLOW = Condition("pg_sleep(0.02) IS NOT NULL AND r.position >= 0")
"""What takes so long that 250 records are not looked at in what the first step has of these seconds, and 25
are.
"""
SLOW_SECONDS = 4.0


def test_where_a_first_step_takes_too_long_a_few_records_are_looked_at_and_one_can_go_on(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = filled(some(150, random.Random(5)), brid=b"\x33" * 32, chance=random.Random(5))
    asked = asked_of(one.chain, parse("scout:-5"), [SLOW])
    with bounded(Deadline.within(SLOW_SECONDS)) as statements:
        found = finding.search(asked, Part(rows=5, sizes=finding.Sizes(first=(250,))), statements)
    assert not found.is_exhausted
    assert found.searched_to is not None
    assert found.searched_to > min(each.position for each in one.records)


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


@pytest.mark.parametrize("order", ["newest", "changed"])
def test_names_that_are_not_found_in_time_are_no_empty_list(
    chains: Sequence[Filled], client: Client, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "SECONDS", -1.0)
    for line in ("model:*a*", "tx:ABCDEF12", "cat -provider:g*"):
        told = client.get("/api/v1/records", {"q": line, "order": order})
        assert (told.status_code, told.json()["title"]) == (503, "This takes too long"), line
