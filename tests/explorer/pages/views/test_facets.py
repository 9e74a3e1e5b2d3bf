"""What records of a list have in common: as a page of its own, and as a part that the list loads."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from psycopg.errors import QueryCanceled
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView
from explorer.queries.lists import tallies
from explorer.queries.lists.search import walking
from explorer.queries.lists.search.walking import Unsearched
from tests.explorer.pages.asking import page
from tests.explorer.shown import index_again
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
NAMES = ("gemma2-9b-it", "<script>alert(1)</script>", "\u202eevil", "*", "", "  ", "x" * 12_000, "ü" * 3_000)


@pytest.fixture
def chain() -> ChainView:
    made = MadeChain()
    made.block(*(add(completion("a heron"), model=each) for each in (*NAMES, NAMES[0])), at=1_790_812_800_000)
    made.block(update(1, completion("an egret")), delete(2))
    return index_again(made)


def part(path: str) -> HttpResponse:
    return Client().get(path, headers={"HX-Request": "true"})  # type: ignore[return-value]


def links(text: str) -> dict[str, str]:
    """Where each value leads, by its words."""
    found = LexborHTMLParser(text).css(".facets a")
    return {" ".join(each.text(separator=" ").split()): each.attributes["href"] or "" for each in found}


def test_each_value_is_a_link_that_is_added_to_what_is_set(chain: ChainView) -> None:
    text = page("/records/facets?status=live&order=oldest&limit=25")
    found, rest = links(text), "&order=oldest&limit=25"
    assert found["gemma2-9b-it"] == f"/records?status=live&model=gemma2-9b-it{rest}"
    assert found["*"] == f"/records?status=live&model=%5C*{rest}"
    assert found["edited"] == f"/records?status=edited{rest}"
    assert found["as first written , remove \N{MULTIPLICATION SIGN}"] == "/records?order=oldest&limit=25"
    assert found["1 Oct 2026"] == f"/records?status=live&since=2026-10-01&until=2026-10-02{rest}"
    for path in found.values():
        page(path)
    assert '<a href="/records?status=live&amp;order=oldest&amp;limit=25">The list' in text


def test_the_chosen_one_is_marked_and_taken_off(chain: ChainView) -> None:
    at = f"/chains/{chain.rid}/records"
    text = page(f"{at}/facets?model=gemma2-9b-it&since=2026-10-01&until=2026-10-02")
    found = links(text)
    assert found["gemma2-9b-it , remove \N{MULTIPLICATION SIGN}"] == f"{at}?since=2026-10-01&until=2026-10-02"
    assert found["1 Oct 2026 , remove \N{MULTIPLICATION SIGN}"] == f"{at}?model=gemma2-9b-it"
    assert len(LexborHTMLParser(text).css(".facets a[aria-current=true]")) == 2


def test_names_of_strangers_are_only_words_and_what_no_address_holds_is_said(chain: ChainView) -> None:
    text = page("/records/facets")
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "no address holds this name" in text
    assert "not named" in text
    assert len(text) < 60_000


def test_a_list_loads_it_apart_and_leads_there_without_a_script(chain: ChainView) -> None:
    for at in ("/records", f"/chains/{chain.rid}/records"):
        text = page(f"{at}?status=live&order=oldest")
        assert f'hx-get="{at}/facets?status=live&amp;order=oldest"' in text
        assert f'<a href="{at}/facets?status=live&amp;order=oldest" rel="nofollow">' in text
        answer = part(f"{at}/facets?status=live&order=oldest")
        loaded = answer.content.decode()
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "HX-Request" in answer.headers["Vary"]
        assert "<html" not in loaded
        assert links(loaded) == links(page(f"{at}/facets?status=live&order=oldest"))


def test_no_search_engine_is_led_into_the_counts(chain: ChainView) -> None:
    text = page("/records/facets")
    assert '<meta name="robots" content="noindex">' in text
    found = LexborHTMLParser(text).css(".facets a")
    assert {each.attributes["rel"] for each in found} == {"nofollow"}


def test_where_all_numbers_are_of_the_same_records_it_is_said_once(chain: ChainView) -> None:
    assert page("/records/facets?q=heron").count("Of all 9 records") == 1
    assert page("/records/facets?q=heron&status=edited").count("Of all 1 record") == 4


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", ["Of all 9 records"]),
        ("?q=heron", ["Of all 9 records"]),
        ("?q=egret", ["Of all 1 record"]),
        ("?model=none", ["Of all 0 records", "Of all 9 records"]),
        ("?order=changed", ["Of all 9 records", "Records that were never changed are counted too."]),
    ],
)
def test_it_is_said_of_how_many_the_numbers_are(chain: ChainView, query: str, said: list[str]) -> None:
    text = page(f"/records/facets{query}")
    assert all(each in text for each in said), text
    assert "newest" not in re.sub("of days the newest", "", text)


def test_where_not_all_are_counted_it_says_how_far_back(
    chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "COUNTED", 3)
    text = page(f"/chains/{chain.rid}/records/facets?q=heron")
    assert "Of the newest 3 records found, back to block 0 (" in text
    assert f"of <bdi>{chain.rid[:8]}" in page("/records/facets?q=heron")


def test_where_no_record_is_found_in_time_it_is_no_number(
    chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise Unsearched("no chain could be searched in time") from QueryCanceled()

    monkeypatch.setattr(walking, "walk", never)
    text = page("/records/facets?status=edited")
    assert "Not counted: time was up before any was found" in text
    assert "Of all 1 record" in text


def test_parameters_are_those_of_the_list_and_have_one_address(chain: ChainView) -> None:
    assert "There is no parameter “modle”" in page("/records/facets?modle=x", status=400)
    assert "There is no parameter “cursor”" in page("/records/facets?cursor=x", status=400)
    answer = Client().get("/records/facets?model=&status=any&status=any&q=(heron)")
    assert answer.headers["Location"] == "/records/facets?q=heron"
    text = page("/records/facets?q=heron&since=2026-01-01&limit=25")
    assert 'href="/api/v1/records/facets?q=heron&amp;since=2026-01-01"' in text


def test_a_site_without_chains_has_nothing_to_count() -> None:
    assert "Of all 0 records" in page("/records/facets")
    assert "hx-get" not in page("/records")
