"""A site with several chains."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain import chains, configurations
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView
from explorer.queries.lists import listing
from explorer.queries.records.record import record
from explorer.queries.site import blocks
from explorer.queries.site.status import status
from indexer.models import Chain, DerivationCheckpoint
from tests.explorer.pages.asking import faults_of, get, of, page

pytestmark = pytest.mark.django_db
FILLED = BlockFilter(BlockKind.WITH_TRANSACTIONS)


def test_the_home_page_is_a_choice_of_chains(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    text = page("/")
    for each in (recorded_chain, one_validator_chain):
        assert f'href="{of(each)}"' in text
        assert f'href="{of(each, "/records")}">{each.records}</a>' in text
        assert f'href="{of(each, "/blocks")}">{each.freshness.height}</a>' in text


def test_the_home_page_says_what_a_record_is_by_one_of_the_first_chain_that_has_any(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    empty = Chain.objects.create(id=-1, brid=b"\xab" * 32, name="empty")
    text = page("/")
    assert "What the chain proves" in text
    assert "What it does not prove" in text
    first = chains.chains()[1]
    assert f'<dt>Chain</dt><dd><a href="{of(first)}">' in text
    heights = ",".join(str(each.freshness.height) for each in chains.chains())
    assert f'hx-get="/news/records?seen={heights}"' in text
    assert "3 such chains are followed here" in text
    assert "86 of them by signers that one node stated" in text
    assert bytes(empty.brid).hex().upper() in text
    assert text.count("not read yet") == 1


def test_what_is_not_counted_yet_is_said_to_be(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    assert "not counted yet" not in page("/")
    DerivationCheckpoint.objects.filter(chain_id=recorded_chain.id).delete()
    assert page("/").count("not counted yet") == 2


def test_the_home_page_asks_few_queries(
    recorded_chain: ChainView,
    one_validator_chain: ChainView,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(9):
        page("/")


def test_each_chain_has_a_home_and_a_switcher_to_the_others(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for each, other in ((recorded_chain, one_validator_chain), (one_validator_chain, recorded_chain)):
        text = page(of(each))
        assert f'href="{of(each)}" aria-current="true"' in text
        assert f'href="{of(other)}"' in text
        assert f'<link rel="canonical" href="http://testserver{of(each)}">' in text
        assert f'href="{of(each, "/records")}"' in text
        assert f'href="{of(other, "/records")}"' not in text


def test_a_number_is_looked_for_in_all_of_them(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    text = page("/find?q=%231")
    for each in (recorded_chain, one_validator_chain):
        assert f'href="{of(each, "/records/1")}"' in text


def test_status_tells_of_each(recorded_chain: ChainView, one_validator_chain: ChainView) -> None:
    text = page("/status")
    head = text[text.index("<h1>") : text.index("</header>", text.index("<h1>"))]
    assert "2 chains are followed. What to know of each, and what to do:" in head
    for number, each in enumerate((recorded_chain, one_validator_chain), start=1):
        assert f'href="#chain-{number}"' in head
        assert f'id="chain-{number}"' in text
        told = head[head.index(f'href="#chain-{number}"') :]
        assert status(each).verdict.todo in told[: told.index("</div>")]
        assert f"0 to {each.freshness.height}" in text
        assert re.search(f'<h2[^>]*><a [^>]*href="{of(each)}" [^>]*><svg', text)
    assert ">Chain</a>" not in text


def test_what_is_not_on_a_chain_is_said_with_the_sections_of_that_chain(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    text = page(of(one_validator_chain, "/records/99999"), status=404)
    assert f'href="{of(one_validator_chain, "/records")}"' in text
    text = page(of(one_validator_chain, "/records?modle=x"), status=400)
    assert f'href="{of(one_validator_chain, "/blocks")}"' in text
    text = page(f"/chains/{'AB' * 32}/records/1", status=404)
    assert recorded_chain.rid in text
    assert one_validator_chain.rid in text


def test_a_transaction_of_one_chain_is_not_on_another(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    rid = record(recorded_chain, 1).revisions[0].transaction_rid.hex().upper()
    page(of(recorded_chain, f"/transactions/{rid}"))
    page(of(one_validator_chain, f"/transactions/{rid}"), status=404)


def test_the_home_page_has_the_numbers_and_the_chart_of_all_together(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    text = page("/")
    both = recorded_chain.records + one_validator_chain.records
    assert f"<dt>Records written</dt><dd>{both:,}</dd>" in text
    assert "The 2 chains together." in text
    assert 'href="/records?status=edited"' in text
    assert "Written and changed, by day, all chains" in text
    DerivationCheckpoint.objects.filter(chain_id=recorded_chain.id).delete()
    text = page("/")
    assert f"<dt>Records written</dt><dd>{one_validator_chain.records:,}</dd>" in text
    assert "The 2 chains together, of which 1 is counted so far." in text


def test_the_newest_records_are_those_of_all_chains(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    text = page("/").partition('id="latest"')[2]
    assert 'href="/records">All records</a>' in text
    latest = listing.latest([recorded_chain, one_validator_chain])
    places = [text.index(f'href="/chains/{row.rid}/records/{row.prompt_id}"') for row in latest]
    assert places == sorted(places)


def test_pages_of_no_chain_lead_to_what_all_chains_have(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for path in ("/", "/status", "/records", "/blocks", "/glossary"):
        masthead = page(path).partition("</header>")[0]
        for section in ("/records", "/prompts", "/models", "/blocks", "/ledger", "/configurations"):
            assert f'href="{section}"' in masthead


def test_blocks_of_all_chains_are_one_list_that_says_whose_each_is(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    text = page("/blocks")
    assert 'href="/blocks" aria-current="page">Blocks</a>' in text
    assert "of 2 chains, merged by the times" in text
    rows = blocks.page(chains.chains(), FILLED).rows
    for row in rows:
        rid = row.chain_rid
        assert f'href="/chains/{rid}/blocks/{row.height}"' in text
    assert {row.chain for row in rows} == {recorded_chain.brid, one_validator_chain.brid}
    assert "wrote <a " in text
    assert re.search(r'href="/blocks\?cursor=[\w-]+" rel="next"', text)
    for each in (recorded_chain, one_validator_chain):
        assert f'href="{of(each, "/blocks")}"' in text
        assert 'href="/blocks"' in page(of(each, "/blocks"))


def test_blocks_of_one_chain_that_is_chosen_have_their_own_address(recorded_chain: ChainView) -> None:
    for asked, path in (("", "/blocks"), ("&kind=all", "/blocks?kind=all")):
        found = get(f"/blocks?chain={recorded_chain.rid}{asked}")
        assert (found.status_code, found.headers["Location"]) == (302, of(recorded_chain, path))
    assert "There are: chain, cursor, kind, limit, order" in page("/blocks?before=5", status=400)


def test_news_are_asked_for_by_the_height_of_each(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    heights = f"{recorded_chain.freshness.height},{one_validator_chain.freshness.height}"
    (line,) = LexborHTMLParser(page("/records")).css(".watch")
    assert (line.attributes["hx-get"] or "").endswith(f"seen={heights}")
    assert "as of block" not in line.text()
    asking = {"HX-Request": "true"}
    assert Client().get(f"/news/records?seen={heights}", headers=asking).status_code == 204
    of_one = f"/news/records?seen={recorded_chain.freshness.height}"
    assert Client().get(of_one, headers=asking).status_code in (200, 286)
    (line,) = LexborHTMLParser(page("/")).css(".watch")
    assert (line.attributes["hx-get"] or "").startswith("/news/records?seen=")
    assert [each.attributes["href"] for each in line.css("a")] == ["/"]


def test_configurations_of_all_chains_are_on_one_page(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    text = page("/configurations")
    for each in (recorded_chain, one_validator_chain):
        assert f'<a href="{of(each, "/configurations")}">' in text
        for row in configurations.all_of(each):
            assert row.hash.hex().upper() in text
    ledger = page("/ledger")
    for each in (recorded_chain, one_validator_chain):
        assert f'href="{of(each, "/missing")}"' in ledger


def test_blocks_of_all_chains_tell_what_came_since_and_have_a_feed(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    heights = [each.freshness.height for each in chains.chains()]
    assert f'hx-get="/news/blocks?seen={heights[0]},{heights[1]}"' in page("/blocks")
    poll = Client().get(
        f"/news/blocks?kind=all&seen={heights[0] - 2},{heights[1] - 3}", headers={"HX-Request": "true"}
    )
    assert "5 new blocks" in poll.content.decode()
    feed = get("/feeds/blocks").content.decode()
    newest = blocks.page(chains.chains(), FILLED).rows[0]
    assert f"/chains/{newest.chain_rid}/blocks/{newest.height}" in feed
    assert 'href="/feeds/blocks"' in page("/blocks")


@pytest.mark.parametrize("name", ["", "   ", "x" * 12_000, "\U0001f999 模", "<b>\u202eevil"])
def test_chains_that_begin_and_are_called_alike_are_told_apart(
    recorded_chain: ChainView, one_validator_chain: ChainView, name: str
) -> None:
    like = recorded_chain.brid[:5] + one_validator_chain.brid[5:]
    Chain.objects.filter(id=one_validator_chain.id).update(brid=like, name=name)
    Chain.objects.filter(id=recorded_chain.id).update(name=name)
    alike = recorded_chain.rid[:10]
    for path in (
        "/",
        "/records",
        "/blocks",
        "/ledger",
        "/find?q=1",
        "/status",
        "/configurations",
        "/feeds/blocks",
    ):
        text = get(path).content.decode()
        assert "x" * 200 not in text, path
        assert path.startswith("/feeds/") or not faults_of(text), path
        links = LexborHTMLParser(text).css('main a[href^="/chains/"][href$="/records"]')
        told = {each.attributes["href"]: each.text().strip() for each in links if alike in each.text()}
        if path in ("/blocks", "/find?q=1"):
            assert len(set(told.values())) == len(told) == 2, path
    for each in chains.chains():
        assert page(of(each)).count(each.rid) > 1
