"""Feeds while a chain grows, and where there are several."""

import pytest

from tests.explorer import shown
from tests.explorer.pages.asking import get
from tests.explorer.pages.views.test_feeds import asked, feed, read
from tests.indexer.made import VALIDATORS, MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db


def test_an_entry_stays_the_same_one_when_its_record_changes() -> None:
    made, entries = MadeChain(), []
    for more in (add(completion("first"), messages=asked("one")), update(1, completion("second")), delete(1)):
        made.block(more)
        shown.index_made(made)
        entries += feed("/feeds/records").entries
    assert len(entries) == 3
    assert len({each.id for each in entries}) == 1
    times = [each.updated for each in entries]
    assert times == sorted(set(times))


def test_what_is_private_in_a_text_is_not_told() -> None:
    made = MadeChain()
    made.block(add(completion("I am alice@example.com"), messages=asked("write to bob@example.org now")))
    shown.index_made(made)
    (entry,) = feed("/feeds/records").entries
    assert "example" not in entry.title + entry.words
    assert "[" in entry.title


def test_what_is_private_in_the_name_of_a_model_or_provider_is_in_no_feed() -> None:
    made = MadeChain()
    made.block(add(model="by jane@doe.example", provider="via jane@doe.example"))
    shown.index_made(made)
    for path in ("/records", "/models", "/providers", "/models/by%20jane@doe.example"):
        response = get(f"/feeds{path}")
        found = read(response)
        assert len(found.entries) == 1, path
        named = found.title + found.entries[0].title + found.entries[0].words
        assert "jane" not in named + found.entries[0].link + found.entries[0].id, path
        assert "[e-mail address]" in named, path
        page = get(found.entries[0].link.removeprefix("http://testserver"))
        assert page.status_code in (200, 301), path


def test_where_several_chains_are_an_entry_says_which() -> None:
    for validators in (VALIDATORS[:1], VALIDATORS[1:2]):
        made = MadeChain(validators=validators)
        made.block(add(messages=asked("one")))
        made.block(delete(1))
        chain = shown.index_made(made)
    for path in ("/feeds/records", "/feeds/ledger", "/feeds/prompts", "/feeds/scouts", "/feeds/blocks"):
        found = feed(path).entries
        assert len({each.id for each in found}) == len(found) >= 2
        assert any(f" on chain {chain.rid[:8]}" in each.title for each in found), path
    assert " on chain" not in feed(f"/feeds/chains/{chain.rid}/records").entries[0].title
