"""What a query line finds in several chains, where there is not the time to look through all of them."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from explorer.queries.db.filters import Condition
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists import listing, walk
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.search import finding, walking
from explorer.queries.lists.search.asked import asked_of
from explorer.queries.lists.search.deadline import Deadline, bounded
from explorer.queries.lists.search.finding import Part
from explorer.search.parsing import parse
from tests.explorer.queries.lists.search.filled import Filled, filled, some
from tests.explorer.queries.lists.search.test_finding import Ticking
from tests.explorer.queries.lists.search.two_chains import Name, expected, names, two_chains

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def chains(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Sequence[Filled]]:
    with two_chains(django_db_blocker) as found:
        yield found


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


@pytest.mark.parametrize("order", ["newest", "changed"])
def test_names_that_are_not_found_in_time_are_no_empty_list(
    chains: Sequence[Filled], client: Client, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "SECONDS", -1.0)
    for line in ("model:*a*", "tx:ABCDEF12", "cat -provider:g*"):
        told = client.get("/api/v1/records", {"q": line, "order": order})
        assert (told.status_code, told.json()["title"]) == (503, "This takes too long"), line
