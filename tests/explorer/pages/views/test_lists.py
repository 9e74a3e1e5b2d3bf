"""The list of records over all chains, what it is narrowed by, and the links that lead to it."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from explorer.pages.rendering import name_tags
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.kinds import exactly
from explorer.queries.groups.naming import part_of
from explorer.queries.lists import lanes, listing, walk
from explorer.queries.records.record import record
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import get, of, page
from tests.explorer.pages.markup import read
from tests.explorer.queries.every import walked
from tests.indexer.made import MadeChain, add, completion

pytestmark = pytest.mark.django_db
NAMES = [
    "google/gemma-2-9b-it",
    "a*b", "a\\*b", "a\\b", "\\", "*",
    "  ", " spaced ", "50%", "under_score", "a&b=c#d?e",
    "<script>alert(1)</script>", "\u202eevil", "模型", "a\nb", "nul\0name", "+plus+",
    "x" * 12_000,
]  # fmt: skip


@pytest.fixture
def named() -> Iterator[ChainView]:
    """A chain with a record of each name, as its model and its provider."""
    shown.empty()  # the only one, whatever chains the module has
    made = MadeChain()
    made.block(*(add(completion("one"), model=name, provider=name) for name in NAMES))
    yield shown.index_again(made)
    shown.forget()


def links(text: str) -> list[str]:
    return [each["href"] or "" for each in read(text).named("a")]


@pytest.mark.parametrize("at", range(len(NAMES)))
def test_whatever_a_name_is_its_link_leads_to_its_page_and_on_to_its_records_alone(
    named: ChainView, at: int
) -> None:
    row = record(named, at + 1).row
    linked = [
        {unescape(each) for each in links(page(of(named, path)))}
        for path in (f"/records/{at + 1}", "/records")
    ]
    for kind in ("model", "provider"):
        whose = reverse(kind, args=[part_of(getattr(row, kind))])
        assert all(whose in each for each in linked)
        url = name_tags.records_of(of(named, "/records"), **{kind: exactly(getattr(row, kind))})
        assert unescape(url) in [unescape(each) for each in links(page(whose))]
        text = page(url)
        assert re.findall(r'scope="row"><a href="[^"]*/records/(\d+)"', text) == [str(at + 1)]


def test_a_name_that_no_filter_holds_has_a_page_which_says_so() -> None:
    made = MadeChain()
    made.block(add(completion("one"), model="模" * 4_000))
    chain = shown.index_made(made)
    shown.forget()
    whose = reverse("model", args=[part_of("模" * 4_000)])
    for path in ("/records/1", "/records"):
        assert whose in links(page(of(chain, path)))
    text = page(whose)
    assert not any("model=" in each for each in links(text))
    assert "no filter holds this name" in text
    assert of(chain, "/records/1") in links(text)
    assert name_tags.records_of("/records", model="half \ud83d") == ""


def test_seed_scout_prompt_and_key_are_links_too(recorded_chain: ChainView) -> None:
    found = record(recorded_chain, 8)
    given = links(page(of(recorded_chain, "/records/8")))
    at = of(recorded_chain, "/records")
    whose = of(recorded_chain, f"/scouts/{found.row.scout}")
    assert whose in given
    assert name_tags.records_of(at, scout=found.row.scout) in links(page(whose))
    key = found.revisions[0].owner
    assert key is not None
    for url in (
        name_tags.records_of(at, seed=found.row.seed),
        name_tags.records_of(at, prompt_key=found.prompt),
        name_tags.records_of(at, writer=key),
    ):
        assert url in given
        assert '/records/8"' in page(f"{url}&order=oldest")


def test_each_filter_and_the_chain_is_a_chip_whose_link_takes_it_off(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    at = of(recorded_chain, "/records")
    text = page(f"{at}?status=edited&model=gemma*&since=2026-01-01&order=oldest")
    chips = text.partition('class="chips"')[2].partition("</ul>")[0]
    assert [unescape(each) for each in links(chips)] == [
        "/records?status=edited&model=gemma*&since=2026-01-01&order=oldest",
        f"{at}?model=gemma*&since=2026-01-01&order=oldest",
        f"{at}?status=edited&since=2026-01-01&order=oldest",
        f"{at}?status=edited&model=gemma*&order=oldest",
        at,
    ]


def test_an_empty_list_says_what_left_rows_out_and_offers_each(recorded_chain: ChainView) -> None:
    at = of(recorded_chain, "/records")
    text = page(f"{at}?model=nobody&scout=3")
    assert "No match for <bdi>" in text
    assert "leave all of them out" in text
    given = [unescape(each) for each in links(text.partition('class="empty')[2])]
    assert {f"{at}?scout=3", f"{at}?model=nobody", at} <= set(given)


def test_days_stand_above_their_records_and_a_prompt_above_its_answers(recorded_chain: ChainView) -> None:
    text = page(of(recorded_chain, "/records?order=oldest&limit=100"))
    days = {row.block_at.date() for row in walked(recorded_chain)[-100:]}
    assert text.count('scope="rowgroup"') == len(days)
    first = walked(recorded_chain)[-1]
    assert text.count(f'<a href="/prompts/{first.prompt_key.hex().upper()}">All of this prompt</a>') == 1
    assert re.search(r"\d+ of \d+ agree", text)


def test_over_several_chains_each_row_names_its_chain(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    text = page("/records?limit=100")
    for row in listing.page_of_all([recorded_chain, one_validator_chain]).rows:
        assert f'href="/chains/{row.rid}/records/{row.prompt_id}"' in text
    assert "ever written to 2 chains" in text
    assert 'href="/records" aria-current="page">Records</a>' in text
    assert 'href="/records">Records</a>' in page("/")
    assert f'href="{of(recorded_chain, "/records")}"' in page(of(recorded_chain, "/records/1"))


def test_a_chain_that_is_chosen_leads_to_its_list(recorded_chain: ChainView) -> None:
    response = get(f"/records?chain={recorded_chain.rid.lower()}&scout=3&model=")
    assert response.headers["Location"] == of(recorded_chain, "/records?scout=3")
    response = get("/records?chain=&scout=3")
    assert response.headers["Location"] == "/records?scout=3"
    page("/records?chain=AB", status=400)


def test_pages_lead_on_and_back(recorded_chain: ChainView, one_validator_chain: ChainView) -> None:
    text = page("/records?order=changed&limit=25")
    onwards = next(each["href"] for each in read(text).named("a") if each.get("rel") == "next")
    further = page(unescape(onwards or ""))
    back = next(each["href"] for each in read(further).named("a") if each.get("rel") == "prev")
    shown_rows = re.findall(r'scope="row"><a href="([^"]*)"', text)
    assert re.findall(r'scope="row"><a href="([^"]*)"', page(unescape(back or ""))) == shown_rows


def test_a_filtered_list_stays_out_of_search_engines(recorded_chain: ChainView, settings: Settings) -> None:
    settings.NOINDEX = False
    assert "X-Robots-Tag" not in get("/records").headers
    assert get("/records?status=edited").headers["X-Robots-Tag"] == "noindex"


def test_where_time_is_up_it_is_said_how_far_was_searched(
    recorded_chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "STEP", 3)
    monkeypatch.setattr(walk, "SECONDS", -1.0)
    monkeypatch.setattr(walk, "FEW", 1)
    monkeypatch.setattr(lanes, "FEW", 1)
    text = page(of(recorded_chain, "/records?model=*&until=2026-11-23T22:48:00Z"))
    assert "Nothing found so far" in text
    assert "Searched back to block" in text
    edge = walked(recorded_chain)[2]
    assert f'href="{of(recorded_chain, f"/blocks/{edge.height}")}"' in text
    assert f"before={edge.position}" in text
    assert "No record" not in text


def test_what_is_hidden_is_in_no_list_nor_in_its_gatherings(recorded_chain: ChainView) -> None:
    row = next(each for each in walked(recorded_chain) if each.prompt.text and each.answer.text)
    path = f"/records?prompt_key={row.prompt_key.hex().upper()}&limit=100"
    assert row.prompt.text[:30] in unescape(page(path))
    for key in (row.prompt_key, signed_hash(rell_json.quote(row.answer.text))):
        suppress(Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason="r", by="b")
    text = unescape(page(path))
    assert row.prompt.text[:30] not in text
    assert "hidden by the operator" in text


def test_a_list_that_is_asked_for_twice_is_not_sent_twice(recorded_chain: ChainView) -> None:
    first = get("/records?has=edit")
    again = Client().get("/records?has=edit", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_addresses_may_have_sixteen_thousand_bytes(recorded_chain: ChainView) -> None:
    page(f"/records?model={'x' * 12_000}")
    assert get(f"/records?model={'x' * 17_000}").status_code == 414


@pytest.mark.parametrize(
    "query",
    ["model=%00", "model=%FF%FE", "model='; DROP TABLE indexer_record; --", "provider=%25_\\",
     "seed=9" + "9" * 30,
     "scout=-9223372036854775809", "block=..", "since=0000-01-01", "until=9999-12-31T23:59:59.999Z",
     "changed=0001-01-01..", "changed=9999-12-31", "tx=" + "z" * 64, "writer=00", "cursor=%00",
     "model=%ED%A0%80"],
)  # fmt: skip
def test_whatever_is_asked_is_answered(recorded_chain: ChainView, query: str) -> None:
    assert get(f"/records?{query}").status_code in (200, 302, 400)
