"""The list of records that a query line finds, as a page and as JSON."""

import json
import re
from html import unescape
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from explorer.queries.chain.chains import ChainView
from explorer.queries.lists import walk
from explorer.queries.lists.search import decided
from tests.explorer.shown import index_again, index_made
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db

FINDING = ("changed:0001-01-01..9999-12-31", "block:..0", "\u202eheron")
HOSTILE = '<script>alert("heron")</script> <img src=x onerror=alert(1)> heron \u202e end'


@pytest.fixture
def chain() -> ChainView:
    made = MadeChain()
    asked = json.dumps([{"role": "user", "content": "Which bird is it?"}])
    made.block(add(completion("a heron stands"), messages=asked), add(completion(HOSTILE)))
    made.block(update(1, completion("an egret stands")))
    return index_again(made)


def page(client: Client, line: str, more: str = "") -> str:
    answer = client.get(f"/records?q={quote(line)}{more}", follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_hit_is_marked_and_its_place_named(client: Client, chain: ChainView) -> None:
    shown = page(client, "heron bird")
    assert "in the answer first written:" in shown
    assert "a <mark>heron</mark> stands" in shown
    assert "Which <mark>bird</mark> is it?" in shown


def test_what_a_stranger_wrote_stays_text_in_a_hit(client: Client, chain: ChainView) -> None:
    shown = page(client, "heron alert")
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "<mark>heron</mark>" in shown
    assert "\u202e" not in shown


def test_what_is_private_is_not_found_and_not_shown_beside_a_hit(client: Client) -> None:
    made = MadeChain()
    made.block(add(completion("the heron writes to ann@example.com or +41 44 668 18 00 today")))
    index_made(made)
    shown = page(client, "heron today")
    assert "the <mark>heron</mark> writes to […] or […] <mark>today</mark>" in shown
    assert "ann@" not in shown
    for line in ("ann", "example.com", "668"):
        assert "<mark>" not in page(client, line)


def test_where_only_what_stands_is_searched_replaced_and_deleted_texts_are_not_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MadeChain()
    made.block(*(add(completion(f"a {bird} stands")) for bird in ("heron", "egret", "stork")))
    made.block(update(1, completion("a bittern stands")), delete(3))
    index_made(made)
    assert numbers(client, "stands") == [3, 2, 1]
    monkeypatch.setattr(decided, "SEARCHES_DELETED", False)
    assert numbers(client, "stands") == [2, 1]
    assert numbers(client, "bittern") == numbers(client, "said:now bittern") == [1]
    assert numbers(client, "heron") == numbers(client, "stork") == []
    assert numbers(client, "status:deleted") == [3]
    assert numbers(client, "-bittern") == [2]
    refused = client.get("/api/v1/records", {"q": "said:ever heron"})
    assert refused.status_code == 400
    assert "as they stand alone" in refused.json()["detail"]


def test_the_page_of_a_long_text_says_that_its_end_is_not_searched(client: Client) -> None:
    made = MadeChain()
    made.block(add(completion("the same word, " * 300)), add(completion("a few words")))
    chain = index_made(made)
    long, short = (client.get(f"/chains/{chain.rid}/records/{each}").content.decode() for each in (1, 2))
    assert "What was answered is too long to be searched to its end." in long
    assert "messages are too long" not in long
    assert "too long to be searched" not in short


def numbers(client: Client, line: str) -> list[int]:
    """The records that a line finds."""
    return [each["prompt_id"] for each in client.get("/api/v1/records", {"q": line}).json()["results"]]


def test_each_part_of_the_line_can_be_taken_off(client: Client, chain: ChainView) -> None:
    shown = page(client, "heron said:first", "&seed=1")
    assert 'href="/records?q=said:first&amp;seed=1"' in shown
    assert 'href="/records?q=heron&amp;seed=1"' in shown


def test_a_line_leads_to_the_one_address_that_means_it(client: Client, chain: ChainView) -> None:
    answer = client.get("/records", {"q": "  (heron) AND “a bird”", "model": ""})
    assert answer.status_code in (301, 302)
    assert answer.headers["Location"] == "/records?q=heron%20%22a%20bird%22"
    assert client.get("/records", {"q": " "}).headers["Location"] == "/records"


def test_what_cannot_be_meant_is_marked_and_both_ways_on_are_links(client: Client, chain: ChainView) -> None:
    answer = client.get("/records", {"q": "heron modle:<b>x</b>", "status": "live"})
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert "heron <mark>modle:&lt;b&gt;x&lt;/b&gt;</mark>" in shown
    assert 'href="/records?q=heron+model%3A%3Cb%3Ex%3C%2Fb%3E&amp;status=live"' in shown
    assert "Did you mean model:?" in shown
    assert "&quot;heron modle:&lt;b&gt;x&lt;/b&gt;&quot;" in shown


def test_what_else_is_wrong_is_told_too_and_no_offer_repeats_it(client: Client, chain: ChainView) -> None:
    answer = client.get("/records", {"q": "modle:x", "status": "live", "scout": "zz", "cursor": "?"})
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert "Did you mean model:?" in shown
    assert "scout is a whole number" in shown
    assert "cursor is what a page" in shown
    assert 'href="/records?q=model%3Ax&amp;status=live"' in shown
    assert '<input type="hidden" name="status" value="live">' in shown
    assert 'type="hidden" name="scout"' not in shown
    assert client.get("/records?q=model%3Ax&status=live", follow=True).status_code == 200


def test_the_rest_of_an_address_is_offered_without_what_cannot_be_meant(
    client: Client, chain: ChainView
) -> None:
    shown = client.get("/records?q=heron&since=2026-02-30&cursor=x&seed=1").content.decode()
    assert 'href="/records?q=heron&amp;seed=1"' in shown


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("scout: 5", "a blank parts the key from its value"),
        ("chain:DEADBEEF", 'a RID that begins with <bdi class="mono">DEADBEEF</bdi>'),
    ],
)
def test_where_something_else_was_meant_the_list_says_so(
    client: Client, chain: ChainView, line: str, words: str
) -> None:
    shown = page(client, line)
    assert "No match for “<bdi>" in shown
    assert words in shown


def test_a_hint_keeps_what_else_is_asked_for(client: Client, chain: ChainView) -> None:
    assert 'href="/records?q=scout:5&amp;status=edited"' in page(client, "scout: 5", "&status=edited")


@pytest.mark.parametrize(
    ("line", "lede"),
    [
        ("heron", "also where that answer was replaced or deleted since"),
        ("heron said:now", "or whose present answer says so"),
        ("heron said:first", "when it was first written"),
        ("said:first seed:1", "those that match every filter below"),
        ("seed:1", "Of 2 records ever written to the chain that is followed here, those that match"),
    ],
)
def test_a_list_says_what_it_is_of_and_its_title_what_was_asked(
    client: Client, chain: ChainView, line: str, lede: str
) -> None:
    shown = page(client, line)
    assert lede in shown
    assert f"<title>{line}, Records" in shown


def test_a_count_of_what_was_asked_for_is_said_to_be_exact(client: Client, chain: ChainView) -> None:
    assert "Exactly 1 record<" in page(client, "bird")
    assert ">2 records<" in client.get("/records").content.decode()


def test_a_count_says_whether_there_are_more_than_are_counted_or_time_was_up(
    client: Client, chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/records?since=1970-01-01&limit=1"
    assert "Exactly 2 records<" in client.get(path).content.decode()
    with monkeypatch.context() as patched:
        patched.setattr(walk, "COUNTED", 1)
        assert "More than 1 record<" in client.get(path).content.decode()
    monkeypatch.setattr(walk, "LOOKED_AT", 1)
    assert "At least 1 record<" in client.get(path).content.decode()


def test_a_text_stands_once_with_the_hit_marked_where_its_beginning_has_it(client: Client) -> None:
    made = MadeChain()
    asked = json.dumps([{"role": "user", "content": "Which heron is it?"}])
    told = "a heron stands", f"{'on and on ' * 30}a heron", f"{'on and on ' * 30}an egret"
    made.block(*(add(completion(each), messages=asked) for each in told))
    index_made(made)
    shown = page(client, "heron")
    assert shown.count("<mark>heron</mark> is it?") == 1
    assert shown.count("Which <mark>") == 1
    assert shown.count("stands") == 1
    assert shown.count("on and on") > shown.count("a <mark>heron</mark></bdi>") == 1


@pytest.mark.parametrize(
    "line",
    [
        "block:0..1",
        "block:9..3",
        "heron block:0..1",
        "(block:0..1 OR scout:7)",
        "-block:0..1",
        "tx:ABCDEF12 bird",
    ],
)
def test_the_search_box_takes_what_has_a_key_for_a_search(
    client: Client, chain: ChainView, line: str
) -> None:
    assert client.get("/find", {"q": line})["Location"] == f"/records?{urlencode({'q': line})}"


def test_the_search_page_shows_each_key_with_what_is_here(client: Client, chain: ChainView) -> None:
    shown = client.get("/find").content.decode()
    for line in ("scout:", "seed:1", "block:", "status:edited", "has:edit", "changed:", "model:"):
        assert f'href="/records?q={line}' in shown
    for url in re.findall(r'href="(/records\?q=[^"]+)"', shown):
        assert client.get(unescape(url)).status_code == 200


def test_json_says_where_the_words_stand(client: Client, chain: ChainView) -> None:
    answer = client.get("/api/v1/records", {"q": "egret OR bird"}).json()
    assert answer["count"] == {"value": 1, "is_exact": True}
    (row,) = answer["results"]
    assert row["matches"] == [
        {"text": "prompt", "revision": 1, "snippet": "Which bird is it?", "marks": [[6, 10]]},
        {"text": "answer", "revision": 2, "snippet": "an egret stands", "marks": [[3, 8]]},
    ]
    of_chain = client.get(f"/api/v1/chains/{chain.rid}/records", {"q": "heron"}).json()
    assert [each["prompt_id"] for each in of_chain["results"]] == [2, 1]
    assert client.get("/api/v1/records").json()["results"][0]["matches"] == []


def test_a_problem_names_the_places_and_what_may_have_been_meant(client: Client, chain: ChainView) -> None:
    answer = client.get("/api/v1/records", {"q": "heron (modle:x"})
    assert answer.status_code == 400
    told = answer.json()
    assert [(each["code"], each["start"], each["end"], each["nearest"]) for each in told["errors"]] == [
        ("open-parenthesis", 6, 7, None),
        ("unknown-key", 7, 14, "model"),
    ]
    assert told["line"] == "heron (modle:x"
    assert told["corrected"] == "heron model:x"
    assert told["quoted"] == '"heron (modle:x"'


@pytest.mark.parametrize(
    "line",
    [
        *("*", "-heron", '"', "(" * 60 + "a" + ")" * 60, "a " * 500, "a" * 4_096, "%00", "\x00"),
        *("'; DROP TABLE x; --", "a <-> b:*", "seed:9223372036854775808", "chain:00000000", "!a & b"),
        *("\ud83d", "model:%", "x" * 4_097, "since:9999-12-31", "changed:0001-01-01..9999-12-31"),
        *("\u202eheron", "block:..0", "tx:00000000"),
    ],
)  # fmt: skip
def test_no_line_is_an_error_of_this_site_or_gives_an_unfiltered_list(
    client: Client, chain: ChainView, line: str
) -> None:
    for address in ("/api/v1/records", f"/api/v1/chains/{chain.rid}/records"):
        answer = client.get(f"{address}?q={quote(line, errors='surrogatepass')}")
        assert answer.status_code in (200, 400)
        if answer.status_code == 200 and line not in FINDING:
            assert answer.json()["results"] == []
