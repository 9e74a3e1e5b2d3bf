"""The home of the site and of a chain."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView
from explorer.queries.lists import listing
from explorer.queries.site.example import example
from indexer.models import Chain, ConfigurationStanding, Count, DerivationCheckpoint
from tests.explorer.pages.asking import get, of, page

pytestmark = pytest.mark.django_db


def news(chain: ChainView, since: int) -> HttpResponse:
    """What a page that watches is told."""
    return Client().get(of(chain, f"?since={since}"), headers={"HX-Request": "true"})  # type: ignore[return-value]


def test_with_one_chain_it_shows_records_numbers_and_what_is_proved(recorded_chain: ChainView) -> None:
    text = page("/")
    for words in ("What the chain proves", "What it does not prove", "Records written", "Latest records"):
        assert words in text
    for row in listing.latest([recorded_chain]):
        assert f'{of(recorded_chain)}/records/{row.prompt_id}"' in text
    assert f"<dd>{recorded_chain.records:,}</dd>" in text
    assert '<link rel="canonical" href="http://testserver/">' in text
    assert '<link rel="canonical" href="http://testserver/">' in page(of(recorded_chain))


def test_it_explains_records_by_one_that_says_something_else_than_at_first(recorded_chain: ChainView) -> None:
    found = example(recorded_chain, *listing.latest_and_edited(recorded_chain))
    assert found is not None
    assert found.first is not None
    text = page("/")
    assert f"#{found.row.prompt_id}</a></h2>" in text
    assert "<dt>At first</dt>" in text
    assert found.first.text[:40] in text


def test_it_says_how_many_blocks_rest_on_signers_that_one_node_stated(recorded_chain: ChainView) -> None:
    stated = '<a href="/status">86 of them by signers that one node stated</a>'
    assert stated in page("/")
    assert "how far that is checked" in page("/")
    ConfigurationStanding.objects.filter(chain_id=recorded_chain.id).update(standing="named by headers")
    assert "one node stated" not in page("/")
    assert "(100\xa0%); none is waiting" in page("/")


def test_what_is_not_counted_yet_is_said_to_be(recorded_chain: ChainView) -> None:
    marks = DerivationCheckpoint.objects.filter(chain_id=recorded_chain.id)
    assert "ounted" not in page("/")
    marks.filter(name=DerivationCheckpoint.Of.GROUPS).update(height=110)
    assert page("/").count("counted up to height 110") == page("/").count("ounted") == 1
    marks.update(height=111)
    assert page("/").count("Counted up to height 111.") == page("/").count("ounted") == 1
    marks.filter(name=DerivationCheckpoint.Of.GROUPS).delete()
    assert page("/").count("not counted yet") == 1
    marks.delete()
    assert page("/").count("not counted yet") == 4
    assert "Counted" not in page("/")


def test_no_share_is_given_of_nothing(recorded_chain: ChainView) -> None:
    Count.objects.filter(chain_id=recorded_chain.id).update(count=0)
    text = page("/")
    assert "of 0 records:" in text
    assert "of 0 prompts with one seed and two or more answers</dd>" in text


def test_it_says_where_records_are_made_up(recorded_chain: ChainView) -> None:
    assert "made up" not in page("/")
    Chain.objects.filter(id=recorded_chain.id).update(network=Chain.THIS_MACHINE)
    assert "its records are made up" in page("/")


def test_what_it_says_to_search_for_is_found(recorded_chain: ChainView) -> None:
    newest = listing.latest([recorded_chain])[0]
    tried = re.findall(r'href="(/find[^"]+)"', page("/"))
    assert len(tried) == 3
    assert get(tried[0]).headers["Location"] == of(recorded_chain, f"/records/{newest.prompt_id}")
    assert get(tried[1]).headers["Location"] == of(recorded_chain, f"/blocks/{newest.height}")
    assert f'href="{of(recorded_chain)}"' in page(tried[2])  # and its first configuration, of the same hash


def test_the_chart_has_its_numbers_as_a_table(recorded_chain: ChainView) -> None:
    text = page("/")
    assert text.count("<time datetime=") > 30
    assert "The same as a table" in text


def test_one_bar_is_not_drawn_but_told(recorded_chain: ChainView) -> None:
    text = page("/")
    assert 'class="chart"' not in text
    assert f"{recorded_chain.records} records written, " in text
    assert "all on one day" in text


def test_it_leads_to_the_newest_and_watches_for_newer_records(recorded_chain: ChainView) -> None:
    height = recorded_chain.freshness.height
    asked = f'hx-get="/news{of(recorded_chain, "/records")}?seen={height}"'
    for path in ("/", of(recorded_chain)):
        (watch,) = LexborHTMLParser(page(path)).css(".watch")
        assert asked in (watch.html or "")
        assert f'<a href="{path}"><span>Newest</span></a>' in (watch.html or "")
        assert f"as of block {height:,}, " in watch.text()


def test_a_page_of_an_earlier_version_is_told_nothing(recorded_chain: ChainView) -> None:
    told = news(recorded_chain, 0)
    assert (told.status_code, told.content) == (204, b"")


def test_without_scripts_the_same_address_is_a_whole_page(recorded_chain: ChainView) -> None:
    assert "Latest records" in page(of(recorded_chain, "?since=0"))


def test_what_is_asked_wrongly_is_refused(recorded_chain: ChainView) -> None:
    assert "There are: format" in page("/?since=1", status=400)
    assert "format is" in page("/?format=xml", status=400)
    assert "since is a whole number" in page(of(recorded_chain, "?since=x"), status=400)
    found = get(of(recorded_chain).replace(recorded_chain.rid, recorded_chain.rid.lower()))
    assert (found.status_code, found.headers["Location"]) == (301, of(recorded_chain))


def test_the_home_page_asks_few_queries(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(7):
        page("/")
    with django_assert_num_queries(7):
        page(of(recorded_chain))


def test_no_word_of_a_record_is_to_be_quoted_from_the_home_page(recorded_chain: ChainView) -> None:
    tree = LexborHTMLParser(page("/"))
    for each in tree.css("[data-nosnippet]"):
        each.decompose()
    assert tree.css(".snippet") == []
    assert "What the chain proves" in tree.text()
