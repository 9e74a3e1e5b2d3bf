"""What is said while words are not indexed to the last block."""

import random
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists import listing
from explorer.queries.lists.counting import Count
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.search import finding, walking
from explorer.queries.lists.search.indexed import WordsTo, behind
from explorer.search.parsing import parse
from indexer.models import DerivationCheckpoint, SearchRecord
from tests.explorer.queries.lists.search.filled import Filled, filled, kept, some

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Filled]:
    chance = random.Random(3)
    with kept(django_db_blocker):
        yield filled(some(40, chance), brid=b"\x11" * 32, chance=chance)


def reach(one: Filled, height: int) -> None:
    """As an index that was there before words were: they are indexed to this block so far."""
    DerivationCheckpoint.objects.filter(chain_id=one.chain.id).delete()
    if height >= 0:
        DerivationCheckpoint.objects.create(
            chain_id=one.chain.id, generation=1, name="search", height=height, at="2026-10-01T00:00Z"
        )
    SearchRecord.objects.filter(chain_id=one.chain.id, position__gte=(height + 1) << 20).delete()


def asked(one: Filled, line: str, request: PageRequest | None = None) -> tuple[listing.Records, Count]:
    wanted, request = RecordFilter(q=parse(line)), request or PageRequest(limit=100)
    page = listing.page(one.chain, wanted, request)
    return page, listing.count([one.chain], wanted, request, page)


@pytest.mark.parametrize("line", ["everywhere", "-absent", "absent", "cat OR scout:7", "answer:dog"])
def test_what_is_not_indexed_is_not_counted_as_missing(chain: Filled, line: str) -> None:
    page, count = asked(chain, line)
    assert not page.words_to
    assert count.is_exact
    for height in (-1, 20):
        reach(chain, height)
        page, count = asked(chain, line)
        assert list(page.words_to) == [WordsTo(chain.chain, height)]
        assert all(row.height <= height for row in page.rows)
        assert count == Count(len(page.rows), is_exact=False)
        _, count = asked(chain, line, PageRequest(limit=3, before=chain.records[10].position))
        assert not count.is_exact


def test_what_asks_for_no_words_does_not_wait_for_them(
    chain: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "SIZES", finding.Sizes(first=(3,), walk=5))
    monkeypatch.setattr(walking, "FEW", 0)
    monkeypatch.setattr("explorer.queries.lists.walk.FEW", 0)
    monkeypatch.setattr("explorer.queries.lists.lanes.FEW", 0)
    lines = ("scout:7", "model:gpt*", "provider:groq OR model:gpt-4", "status:edited")
    told = [asked(chain, line) for line in lines]
    reach(chain, -1)
    for line, (page, count) in zip(lines, told, strict=True):
        now, counted = asked(chain, line)
        assert [each.position for each in now.rows] == [each.position for each in page.rows], line
        assert (counted, now.words_to) == (count, ()), line
        assert counted.is_exact


def test_each_chain_is_told_of_in_one_query(chain: Filled) -> None:
    chance = random.Random(4)
    other = filled(some(10, chance), brid=b"\x22" * 32, chance=chance)
    both = [chain.chain, other.chain]
    assert behind(both) == []
    reach(other, 4)
    with CaptureQueriesContext(connection) as queries:
        assert behind(both) == [WordsTo(other.chain, 4)]
    assert len(queries) == 1


def test_the_checkpoint_of_another_generation_does_not_count(chain: Filled) -> None:
    DerivationCheckpoint.objects.filter(chain_id=chain.chain.id).update(generation=2)
    assert behind([chain.chain]) == [WordsTo(chain.chain, -1)]


def test_pages_say_to_which_block_words_are_indexed(client: Client, chain: Filled) -> None:
    at = f"/chains/{chain.chain.rid}/records?q="
    assert "indexed to block" not in client.get(f"{at}everywhere").content.decode()
    reach(chain, 20)
    last = chain.chain.freshness.height
    shown = client.get(f"{at}everywhere").content.decode()
    assert f"Words are indexed to block 20 of {last} so far; newer records are not searched yet." in shown
    assert "At least" in shown
    none = client.get(f"{at}absent").content.decode()
    assert "Nothing found so far" in none
    assert f"Words are indexed to block 20 of {last} so far" in none
    assert "No record that fits" not in none
    assert "too many to look at" not in none
    reach(chain, -1)
    assert (
        "No words are indexed so far; records are not searched yet."
        in client.get(f"{at}everywhere").content.decode()
    )
    assert "No words of <bdi>11111111" in client.get("/records?q=everywhere").content.decode()
    assert "words-to" not in client.get(f"{at}scout:7").content.decode()


def test_the_api_says_to_which_block_words_are_indexed(client: Client, chain: Filled) -> None:
    addresses = (f"/api/v1/chains/{chain.chain.rid}/records", "/api/v1/records")
    for each in addresses:
        assert client.get(each, {"q": "absent"}).json()["words_to"] is None
    reach(chain, 20)
    for each in addresses:
        told = client.get(each, {"q": "absent"}).json()
        assert told["words_to"] == [{"chain": chain.chain.rid, "height": 20, "withdraws": False}]
        assert told["count"] == {"value": 0, "is_exact": False}
        assert client.get(each).json()["words_to"] is None
