"""An answer holds so much text and no more, unless it is asked for; what is left out is named."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client

from explorer.api import bounds
from explorer.queries.chain.chains import ChainView
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import of
from tests.indexer.made import MadeChain, add, completion, update

pytestmark = pytest.mark.django_db
LONG = bounds.MOST - 1_000


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What is rolled back is not remembered."""
    yield
    shown.forget()


def asking(words: str) -> str:
    return json.dumps([{"role": "user", "content": words}])


def indexed(*results: str, messages: str = asking("Why?")) -> ChainView:
    made = MadeChain()
    made.block(add(results[0], messages=messages))
    for each in results[1:]:
        made.block(update(1, each))
    return shown.index_made(made)


def record(chain: ChainView, query: str = "", *, status: int = 200) -> Any:
    answer = Client().get(f"/api/v1{of(chain, '/records/1')}{query}")
    assert answer.status_code == status
    found = answer.json()
    return found if status == 200 else found["record"]


def test_nothing_is_left_out_of_what_is_short() -> None:
    chain = indexed(completion("a"), completion("b" * 100_000))
    assert record(chain)["left_out"] == []
    assert record(chain) == record(chain, "?include=texts")


def test_what_stands_comes_first_and_what_does_not_fit_is_named_with_its_address() -> None:
    newest, messages = completion("b" * LONG), asking("c" * LONG)
    chain = indexed(completion("a" * LONG), newest, messages=messages)
    found = record(chain)
    assert (found["result"], len(found["answer"])) == (newest, LONG)
    assert (found["messages"], found["conversation"]) == (None, None)
    assert found["messages_sha256"] == sha256(messages.encode()).hexdigest().upper()
    assert [each["result"] for each in found["revisions"]] == [None, newest]
    assert [each["answer"] is None for each in found["revisions"]] == [True, False]
    assert [(each["field"], each["revision"]) for each in found["left_out"]] == [
        ("messages", 1),
        ("result", 1),
    ]
    for each in found["left_out"]:
        content = Client().get(each["url"]).content
        assert sha256(content).hexdigest().upper() == each["hash"]
        assert len(content.decode()) == each["length"]
    assert found["withheld"] == []


def test_a_newest_result_that_does_not_fit_is_left_out_in_every_form() -> None:
    chain = indexed(completion("d" * (bounds.MOST + 1)))
    found = record(chain)
    for name in ("result", "result_state", "answer", "said", "reported"):
        assert found[name] is None, name
    assert found["messages"] == asking("Why?")
    assert [each["field"] for each in found["left_out"]] == ["result"]
    assert len(json.dumps(found)) < 10_000


def test_all_of_it_is_given_where_it_is_asked_for() -> None:
    first, newest = completion("a" * LONG), completion("b" * LONG)
    found = record(indexed(first, newest), "?include=texts")
    assert [each["result"] for each in found["revisions"]] == [first, newest]
    assert found["left_out"] == []


def test_what_is_longer_than_any_answer_is_a_download_even_where_it_is_asked_for() -> None:
    newest = completion("b" * bounds.MOST_INCLUDED)
    found = record(indexed(completion("a"), newest), "?include=texts")
    assert [each["result"] for each in found["revisions"]] == [completion("a"), None]
    (left,) = found["left_out"]
    assert Client().get(left["url"]).content.decode() == newest


def test_a_transaction_holds_the_arguments_that_fit() -> None:
    chain = indexed(completion("a" * LONG), messages=asking("c" * LONG))
    rid = record(chain)["revisions"][0]["transaction"]
    path = f"/api/v1{of(chain, f'/transactions/{rid}')}"
    arguments = Client().get(path).json()["operations"][0]["arguments"]
    by_name = {each["name"]: each for each in arguments}
    assert by_name["messages"]["value"] == asking("c" * LONG)
    assert (by_name["result"]["value"], by_name["result"]["withheld"]) == (None, None)
    assert by_name["result"]["length"] == len(completion("a" * LONG))
    assert by_name["seed"]["value"] == "1"
    whole = Client().get(f"{path}?include=texts").json()["operations"][0]["arguments"]
    assert [each["value"] for each in whole if each["name"] == "result"] == [completion("a" * LONG)]


@pytest.mark.parametrize("query", ["?include=all", "?include=", "?include=texts&include=texts"])
def test_another_word_is_refused(query: str) -> None:
    assert Client().get(f"/api/v1{of(indexed(completion('a')), '/records/1')}{query}").status_code == 400


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
@pytest.mark.parametrize("query", ["", "?include=texts"])
def test_what_is_withheld_is_so_and_not_left_out(query: str, mode: Suppression.Mode) -> None:
    secret = "SECRET" + "s" * bounds.MOST
    chain = indexed(completion(secret), messages=asking("c" * LONG))
    key = signed_hash(rell_json.quote(secret))
    suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="because", by="the operator")
    found = record(chain, query, status=451)
    assert "SECRET" not in json.dumps(found)
    assert "result" not in {each["field"] for each in found["left_out"]}
    assert "result" in {each["field"] for each in found["withheld"]}
