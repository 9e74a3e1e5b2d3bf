"""Feeds: whole for a parser whatever strangers wrote, stable, and without a word that was taken back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import cast
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView
from explorer.queries.groups.naming import part_of
from explorer.queries.lists import lanes, walk
from explorer.queries.records.record import record
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import DerivationCheckpoint, Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.conftest import Tables
from tests.explorer.pages.asking import get
from tests.indexer.made import (
    OWNER,
    SECOND_OWNER,
    MadeChain,
    add,
    call,
    change_owner,
    completion,
    delete,
    update,
)

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = (
    "\x00\x01\x0b\x1b NUL and controls",
    "\ud800 half \udfff",
    "\ufffe\uffff\U0001ffff no characters",
    "\u202eevil\u202c \u2066isolated\u2069",
    "]]> <script>alert(1)</script> &amp; &#0; <img src=x onerror=alert(1)>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "\U0001f44d\U0001f3fd \u6a21\u578b a\r\nb\u2028c \x85",
    "x" * 12_000,
)
NAMES = ("a/b:c", "a/feed", "  ", "", "ü模👍", "x" * 12_000, "\u202eevil", "<b>&\x00", "..", "50%25?a=1#b")
TAKEN_BACK = ("the replaced words", "the deleted question", "the hidden words", "the erased question")
NEVER = "1970-01-01T00:00:00+00:00"
UNSEEN = re.compile("[\x00-\x08\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, as a reader of feeds has it."""

    id: str
    title: str
    link: str
    updated: str
    words: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, as a reader of feeds has it."""

    title: str
    id: str
    links: Mapping[str, str]
    updated: str
    entries: list[Entry]


def read(response: HttpResponse) -> Feed:
    """The feed in an answer, which must be one."""
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert response.headers["X-Robots-Tag"] == "noindex"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{ATOM}feed"
    links = {each.get("rel", ""): each.get("href", "") for each in root.findall(f"{ATOM}link")}
    entries = [_entry(each) for each in root.iter(f"{ATOM}entry")]
    return Feed(_text(root, "title"), _text(root, "id"), links, _text(root, "updated"), entries)


def _entry(found: ElementTree.Element) -> Entry:
    (link,) = found.findall(f"{ATOM}link")
    texts = [_text(found, name) for name in ("updated", "summary")]
    return Entry(_text(found, "id"), _text(found, "title"), link.get("href", ""), *texts)


def _text(found: ElementTree.Element, name: str) -> str:
    (element,) = found.findall(f"{ATOM}{name}")
    return element.text or ""


def feed(path: str) -> Feed:
    return read(get(path))


def asked(text: str) -> str:
    return json.dumps([{"role": "user", "content": text}])


def made() -> MadeChain:
    """Records 1 to 4 say what is taken back, others are as hostile as they can be."""
    found = MadeChain()
    replaced, deleted, hidden, erased = TAKEN_BACK
    found.block(
        call(add(completion(replaced), messages=asked("one"))),
        call(add(completion("two"), messages=asked(deleted))),
        call(add(completion(hidden), messages=asked("three"))),
        call(add(completion("four"), messages=asked(erased))),
    )
    found.block(call(update(1, completion("the present words"))), call(delete(2)))
    found.block(*(call(add(completion(each), messages=asked(each))) for each in HOSTILE))
    found.block(*(call(add(completion("named"), model=each, provider=each)) for each in NAMES))
    found.block(call(change_owner(SECOND_OWNER), keys=(OWNER, SECOND_OWNER)))
    return found


@pytest.fixture(scope="module")
def chain(_tables: Tables) -> ChainView:
    return _tables.hold("feeds", lambda: shown.index_made(made(), is_kept=True))


def withhold(mode: Suppression.Mode) -> None:
    for text in (rell_json.quote(TAKEN_BACK[2]), rell_json.normalise(asked(TAKEN_BACK[3]))):
        suppress(
            Suppression.Subject.CONTENT, signed_hash(text), mode=mode, reason="secret reason", by="a test"
        )


def paths(chain: ChainView) -> list[str]:
    """The pages of which there is a feed, some of each kind."""
    of = f"/chains/{chain.rid}"
    key = signed_hash(rell_json.normalise(asked(TAKEN_BACK[3]))).hex().upper()
    parts = [quote(part_of(each), safe="/:") for each in NAMES]
    names = [f"/{kind}/{part}" for kind in ("models", "providers") for part in parts]
    lists = (
        "/records", "/records?order=changed", "/records?q=words", "/records?status=deleted", "/ledger",
        "/ledger?kind=edit", "/blocks", "/prompts", f"/prompts?chain={chain.rid}", "/models", "/providers",
        "/scouts", "/configurations", "/challenges", "/challenges?status=open",
    )  # fmt: skip
    of_chain = (
        "/records", "/records?has=edit", "/ledger", "/scouts", "/scouts/7", "/missing",
        "/configurations", "/blocks", "/blocks?kind=all",
        *(f"/records/{each}" for each in (1, 2, 3, 4, 5)),
    )  # fmt: skip
    return [*lists, *(f"{of}{each}" for each in of_chain), *names, f"/prompts/{key}"]


def feeds(chain: ChainView) -> list[str]:
    return [f"/feeds{each}" for each in paths(chain)]


def test_every_feed_is_whole_whatever_strangers_wrote(chain: ChainView) -> None:
    for path in feeds(chain):
        found = feed(path)
        assert len(found.entries) <= 50, path
        # Nobody challenges anything here, nor sets another configuration: see test_challenges.py, and below.
        assert bool(found.entries) is not bool(re.search("/challenges|/configurations", path)), path
        assert len({each.id for each in found.entries}) == len(found.entries), path
        assert found.updated == max((each.updated for each in found.entries), default=NEVER), path
        assert found.links["self"] == f"http://testserver{path}"
        assert found.id == f"tag:localhost,2026-01-01:{path}"
        page_of = found.links["alternate"].removeprefix("http://testserver")
        assert get(page_of).status_code in (200, 410), path
        for each in found.entries:
            assert each.link.startswith("http://testserver/"), path
            assert each.id.startswith("tag:localhost,2026-01-01:/"), path
            assert len(each.title) <= 200, path
            assert len(each.words) <= 3_000, path
            assert not UNSEEN.search(each.title + each.words), path
            assert not LexborHTMLParser(each.words).css("script, img, a, iframe, style"), path


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
def test_no_feed_holds_a_word_that_was_replaced_deleted_hidden_or_erased(
    mode: Suppression.Mode, chain: ChainView
) -> None:
    before = "".join(get(each).content.decode() for each in feeds(chain))
    assert [each in before for each in TAKEN_BACK] == [False, False, True, True]
    withhold(mode)
    for path in feeds(chain):
        text = unescape(unescape(get(path).content.decode()))
        assert not any(each in text for each in (*TAKEN_BACK, "secret reason")), path
    words = {each.title: each.words for each in feed("/feeds/records").entries}
    assert "the present words" in words["Record #1, edited once: one"]
    assert words["Record #2, deleted"].count("<p>") == 1
    assert "by the operator" in words["Record #4"]
    assert feed("/feeds/records?q=hidden").entries == []


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
def test_no_feed_holds_a_word_of_a_transaction_that_is_withheld(
    mode: Suppression.Mode, chain: ChainView
) -> None:
    for each in (3, 4):
        rid = record(chain, each).revisions[0].transaction_rid
        suppress(Suppression.Subject.TRANSACTION, rid, mode=mode, reason="secret reason", by="a test")
    for path in feeds(chain):
        text = unescape(unescape(get(path).content.decode()))
        assert not any(each in text for each in (*TAKEN_BACK, "secret reason")), path


def test_the_feed_of_a_record_has_each_of_its_events(chain: ChainView) -> None:
    def titles(prompt_id: int) -> list[str]:
        return [each.title for each in feed(f"/feeds/chains/{chain.rid}/records/{prompt_id}").entries]

    assert titles(1) == ["Record #1 edited, the text changed", "Record #1 written"]
    assert titles(2) == ["Record #2 deleted", "Record #2 written"]
    assert titles(3) == ["Record #3 written"]


def test_the_ledger_says_who_signed(chain: ChainView) -> None:
    found = {each.title: each.words for each in feed("/feeds/ledger").entries}
    assert next(iter(found)).endswith("another key may write")
    assert "signed by " in found["Record #2 deleted"]
    assert "the key allowed to write at that time is " in found["Record #2 deleted"]


def test_blocks_say_what_they_did(chain: ChainView) -> None:
    titles = [each.title for each in feed(f"/feeds/chains/{chain.rid}/blocks").entries]
    assert titles[-2:] == ["Block 1: edited #1, deleted #2", "Block 0: wrote 4"]


@override_settings(ALLOWED_HOSTS=["*.records.example", "localhost", "127.0.0.1"])
def test_an_entry_is_the_same_by_whichever_name_the_site_is_asked(chain: ChainView) -> None:
    asked = [Client().get("/feeds/records", headers={"host": each}) for each in ("localhost", "127.0.0.1")]
    local, by_number = map(read, cast("list[HttpResponse]", asked))
    assert local.entries[0].link != by_number.entries[0].link
    assert local.id == by_number.id == "tag:records.example,2026-01-01:/feeds/records"
    assert [each.id for each in local.entries] == [each.id for each in by_number.entries]


def test_what_is_not_new_is_not_sent_again(chain: ChainView) -> None:
    first = get("/feeds/records")
    again = Client().get("/feeds/records", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "Cookie" not in first.headers["Vary"]


def test_what_cannot_be_meant_is_a_problem(chain: ChainView) -> None:
    for path, status in (
        ("/records?modle=x", 400),
        ("/records?q=modle:x", 400),
        ("/records?limit=5", 400),
        ("/records?order=best&q=words", 400),
        ("/records?since=2026-02-30", 400),
        ("/ledger?kind=x", 400),
        (f"/chains/{chain.rid}/records/9999", 404),
        (f"/chains/{'0' * 64}/records", 404),
        (f"/prompts/{'0' * 64}", 404),
        ("/models/none-is-called-so", 404),
    ):
        response = get(f"/feeds{path}")
        assert response.status_code == status, path
        assert response.headers["Content-Type"] == "application/problem+json", path
        assert json.loads(response.content)["status"] == status
    assert json.loads(get("/feeds/records?q=modle:x").content)["line"] == "modle:x"


def test_a_feed_of_nothing_is_a_feed_too(chain: ChainView) -> None:
    found = feed("/feeds/records?model=none-is-called-so")
    assert (found.entries, found.updated[:10]) == ([], "1970-01-01")


def test_an_address_that_is_written_otherwise_leads_to_the_one(chain: ChainView) -> None:
    lower = get(f"/feeds/chains/{chain.rid.lower()}/records")
    assert (lower.status_code, lower.headers["Location"]) == (301, f"/feeds/chains/{chain.rid}/records")
    chosen = get(f"/feeds/records?chain={chain.rid}&model=a*")
    assert chosen.headers["Location"] == f"/feeds/chains/{chain.rid}/records?model=a*"
    named = get(f"/feeds/models/{'0' * 63}%41")
    assert named.status_code == 404


def test_a_feed_whose_address_is_too_long_for_a_link_is_led_to_all_the_same(chain: ChainView) -> None:
    name = quote("ü" * 2_330)
    led = get(f"/feeds/records?chain={chain.rid}&model={name}")
    assert led.headers["Location"] == f"/feeds/chains/{chain.rid}/records?model={name}"
    assert feed(led.headers["Location"]).entries == []


@pytest.mark.parametrize("path", [f"/records?said_key={'0' * 64}", "/ledger?wording=same"])
def test_where_time_is_up_before_anything_is_found_it_is_not_said_that_there_is_nothing(
    path: str, chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    DerivationCheckpoint.objects.filter(name=DerivationCheckpoint.Of.WORDINGS).delete()  # edits are compared
    assert feed(f"/feeds{path}").entries == []
    monkeypatch.setattr(walk, "STEP", 1)
    monkeypatch.setattr(walk, "SECONDS", -1.0)
    monkeypatch.setattr(walk, "FEW", 0)
    monkeypatch.setattr(lanes, "FEW", 0)
    refused = get(f"/feeds{path}")
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert json.loads(refused.content)["type"].endswith("/too-slow")


def link(path: str) -> str:
    """Where a page says that its feed is: for programs, and for people."""
    found = LexborHTMLParser(get(path).content.decode())
    (address,) = (each.attributes["href"] or "" for each in found.css('link[type="application/atom+xml"]'))
    assert [each.attributes["href"] for each in found.css("footer a[type]")] == [address], path
    return address


def test_every_page_with_a_feed_says_where_it_is(chain: ChainView) -> None:
    for path in paths(chain):
        assert read(get(link(path))).links["alternate"] == f"http://testserver{path}"
    assert link("/") == f"/feeds/chains/{chain.rid}/records"


def test_a_list_s_feed_has_its_filters_and_neither_its_order_nor_its_size(chain: ChainView) -> None:
    assert link("/records?model=a*&limit=25") == "/feeds/records?model=a*"
    assert link("/records?q=words&order=best") == "/feeds/records?q=words"
    assert link("/records?status=edited") == "/feeds/records?status=edited"
    assert link("/records?status=edited&order=oldest") == "/feeds/records?status=edited&order=newest"


def test_the_query_that_is_asked_for_is_words_in_the_title(chain: ChainView) -> None:
    assert feed("/feeds/records?q=%3Cb%3E%26%E2%80%AE").title.startswith("Records: ")
