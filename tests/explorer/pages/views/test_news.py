"""The line of first pages that leads to the newest, and the part that says how many came since."""

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from selectolax.lexbor import LexborHTMLParser, LexborNode

from explorer.queries.chain.chains import ChainView
from explorer.queries.ledger import missing
from explorer.queries.lists import listing, walk
from tests.explorer.pages.asking import get, of, page

pytestmark = pytest.mark.django_db

LISTS = (
    "/records",
    "/records?q=what&limit=25",
    "/records?status=edited",
    "/records?q=what&order=best",
    "/ledger",
    "/ledger?kind=edit",
    "/prompts",
    "/prompts?order=answers",
    "/models",
    "/providers",
    "/scouts",
    "/configurations",
)
OF_CHAIN = (
    "",
    "/records?model=gemma*",
    "/ledger",
    "/blocks",
    "/blocks?kind=all",
    "/scouts",
    "/scouts/15",
    "/missing",
    "/configurations",
)


def watch(path: str) -> LexborNode:
    """The line of a page."""
    (found,) = LexborHTMLParser(page(path)).css(".watch")
    return found


def asked(path: str) -> str:
    """Where a page asks for news."""
    return watch(path).attributes["hx-get"] or ""


def polled(path: str, **headers: str) -> HttpResponse:
    """What a page is told that asks there."""
    return Client().get(path, headers={"HX-Request": "true", **headers})  # type: ignore[return-value]


def since(path: str, seen: int) -> str:
    """What is told whoever saw a page when the chain was that high."""
    told = polled(f"{asked(path).rpartition('=')[0]}={seen}").content.decode()
    return LexborHTMLParser(told).text().strip()


def test_every_first_page_leads_to_itself_and_asks_for_what_came_since(recorded_chain: ChainView) -> None:
    height = recorded_chain.freshness.height
    key = listing.latest([recorded_chain])[0].prompt_key.hex().upper()
    others = (f"/prompts/{key}", "/models/m", "/providers/p")
    for path in (*LISTS, *(of(recorded_chain, each) for each in OF_CHAIN), *others):
        line = watch(path)
        (link,) = line.css("a")
        assert link.text() in ("Newest", "Load again"), path
        assert get(link.attributes["href"] or "").status_code == 200, path
        assert f"as of block {height:,}, " in line.text()
        news = line.attributes["hx-get"] or ""
        assert news.startswith("/news/"), path
        assert news.endswith(f"seen={height}"), path
        nothing = polled(news)
        assert (nothing.status_code, nothing.content) == (204, b""), path
        # A reader who opens it is led to the list.
        led = get(news)
        assert (led.status_code, get(led.headers["Location"]).status_code) == (302, 200), path


def test_it_says_how_many_came_since(recorded_chain: ChainView) -> None:
    newest = listing.latest([recorded_chain])[0]
    before = newest.height - 1
    for path in ("", "/records", "/scouts"):
        assert since(of(recorded_chain, path), before) == "1 new record: show"
    assert since(of(recorded_chain, f"/scouts/{newest.scout}"), before) == "1 new record: show"
    assert since(of(recorded_chain, "/records?model=m"), before) == ""
    height = recorded_chain.freshness.height
    assert since(of(recorded_chain, "/blocks?kind=all"), height - 6) == "6 new blocks: show"
    assert since(of(recorded_chain, "/blocks"), before) != "0 new blocks: show"


def test_changes_are_told_as_such(recorded_chain: ChainView) -> None:
    assert since("/ledger", 54) == "2 new changes: show"
    assert since("/records?status=edited", -1).endswith("new changes: show")
    assert since("/configurations", -1) == "3 new changes: show"


def test_of_missing_ids_it_says_how_many_deletions_came(recorded_chain: ChainView) -> None:
    path = of(recorded_chain, "/missing")
    heights = [each.height for each in missing.page(recorded_chain).rows if each.height is not None]
    assert since(path, max(heights)) == ""
    assert since(path, max(heights) - 1).endswith((" new changes: show", " new change: show"))


def test_of_more_than_a_hundred_it_says_so_and_asks_no_more(recorded_chain: ChainView) -> None:
    told = polled("/news/records?seen=-1")
    assert told.status_code == 286
    assert "More than 100 new records: show" in told.content.decode()
    assert polled("/news/records").status_code == 286  # to whoever has seen nothing


def test_what_cannot_be_counted_in_time_may_be_and_is_counted_again_soon(
    recorded_chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "LOOKED_AT", 1)
    told = polled(f"/news/records?seen=-1&said_key={'0' * 64}")
    assert "There may be new records: show" in told.content.decode()
    assert (told.status_code, told.is_late) == (286, True)  # type: ignore[attr-defined]
    assert not polled("/news/ledger?seen=54").is_late  # type: ignore[attr-defined]


def test_only_a_first_page_watches_and_none_that_begins_with_the_oldest(recorded_chain: ChainView) -> None:
    path = of(recorded_chain, "/records")
    for query in ("?before=99999999", "?order=oldest", "?after=1"):
        assert not LexborHTMLParser(page(path + query)).css(".watch")
    assert not LexborHTMLParser(page("/ledger?order=oldest")).css(".watch")


def test_what_is_asked_wrongly_is_refused(recorded_chain: ChainView) -> None:
    for query in ("seen=x", "seen=1,", "seen=1&seen=2", "seen=-2", "seen=1&unknown=1", "seen=1&q=modle:x"):
        assert polled(f"/news/records?{query}").status_code == 400, query
    for path in ("/news/ledger?limit=x", "/news/prompts?order=oldest", "/news/models?limit=1"):
        assert polled(path).status_code == 400, path
    assert polled(f"/news/chains/{'0' * 64}/records?seen=1").status_code == 404


def test_it_asks_few_queries_and_those_of_what_did_not_grow_none(recorded_chain: ChainView) -> None:
    height = recorded_chain.freshness.height
    for path, most in (
        ("/records", 1),
        ("/records?status=edited&model=m", 3),
        ("/ledger", 2),
        ("/models", 1),
    ):
        news = asked(path).rpartition("=")[0]
        with CaptureQueriesContext(connection) as known:
            polled(f"{news}={height}")
        with CaptureQueriesContext(connection) as counted:
            polled(f"{news}={height - 5}")
        assert len(counted) - len(known) <= most, path


def test_the_part_is_no_page_and_is_not_sent_again(recorded_chain: ChainView) -> None:
    newest = listing.latest([recorded_chain], count=3)[2]
    told = polled(f"/news/records?seen={newest.height - 1}")
    assert (told.status_code, b"<html" in told.content) == (200, False)
    assert "HX-Request" in told.headers["Vary"]
    assert told.headers["Cache-Control"] == "no-cache"
    again = polled(f"/news/records?seen={newest.height - 1}", **{"If-None-Match": told.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
