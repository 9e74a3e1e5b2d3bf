"""The API's comparison."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from explorer.queries.chain.chains import ChainView
from explorer.queries.compare import comparison
from explorer.queries.records.record import record
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.api.asking import ask, refused, told
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
ONE, TWO = "three things could explain it", "five things could explain it"
SECRET = "nobody may read this"


@pytest.fixture
def small() -> Iterator[ChainView]:
    """Record 1 was edited, 2 deleted, 3 calls a tool, 4 is no completion."""
    made = MadeChain()
    call = {"function": {"name": "weather", "arguments": "{}"}}
    calling = {"choices": [{"message": {"role": "assistant", "content": "I look", "tool_calls": [call]}}]}
    made.block(
        add(completion(ONE, id="1")), add(completion(TWO)), add(json.dumps(calling)), add('{"error": "busy"}')
    )
    made.block(update(1, completion(TWO, id="2")), delete(2))
    made.block(add(completion(SECRET)))
    yield shown.index_again(made)
    shown.forget()


def compared(chain: ChainView, a: str, b: str) -> dict[str, Any]:
    answer = ask(f"/compare?a={chain.rid}:{a}&b={chain.rid}:{b}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = json.loads(answer.content)
    return found


def test_it_says_what_became_of_one_to_have_the_other(small: ChainView) -> None:
    found = compared(small, "1.1", "1.2")
    assert (found["is_identical"], found["first_divergence"], found["changes"]) == (False, 0, 1)
    assert found["operations"] == [
        {"kind": "replace", "a": "three", "b": "five"},
        {"kind": "equal", "a": " things could explain it", "b": " things could explain it"},
    ]
    assert found["parts"] == []
    assert found["similarity"] == {
        "exact": False, "normalised": False, "common_words": 0, "word_match": 0.8, "jaccard_5": 0.0,
        "length_ratio": 0.9655,
    }  # fmt: skip
    assert [(each["path"], each["is_volatile"]) for each in found["json"]] == [
        ("/choices/0/message/content", False), ("/id", True),
    ]  # fmt: skip
    assert (found["messages_are_identical"], found["is_line_diff"]) == (True, False)
    assert [found[side]["record"] for side in "ab"] == [f"{small.rid}:1.1", f"{small.rid}:1.2"]


def test_what_says_the_same_is_identical(small: ChainView) -> None:
    found = compared(small, "1.2", "2")
    assert (found["is_identical"], found["first_divergence"], found["changes"]) == (True, None, 0)
    assert found["operations"] == [{"kind": "equal", "a": TWO, "b": TWO}]
    assert found["b"]["status"] == "deleted"


def test_what_is_more_than_one_text_has_operations_for_each(small: ChainView) -> None:
    found = compared(small, "1.1", "3")
    assert found["operations"] is None
    assert [each["name"] for each in found["parts"]] == ["answer", "calls"]
    for part, (a, b) in zip(found["parts"], ((ONE, "I look"), ("", "weather()")), strict=True):
        assert "".join(each["a"] for each in part["operations"]) == a
        assert "".join(each["b"] for each in part["operations"]) == b
    assert compared(small, "4", "4")["is_identical"]


def test_who_asks_for_nothing_is_told_what_can_be_compared(small: ChainView) -> None:
    found = told("/compare")
    assert (found["a"], found["b"], found["changes"]) == (None, None, None)
    assert "Two to 5 records word by word" in found["explanation"]["opening"][0]["text"]
    assert compared(small, "1.1", "3")["explanation"] is None
    (error,) = refused(f"/compare?a={small.rid}:1", 400, "bad-parameter")["errors"]
    assert (error["parameter"], error["code"]) == ("b", "missing")


def test_a_deletion_says_nothing_and_has_its_status(small: ChainView) -> None:
    found = compared(small, "2.2", "1.1")
    assert (found["is_identical"], found["operations"], found["a"]["status"]) == (None, None, "deleted")
    assert "deletion" in found["a"]["why"]


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
def test_a_withheld_side_is_withheld_here_too(small: ChainView, mode: Suppression.Mode) -> None:
    answer = record(small, 5).current.answer
    assert answer is not None
    suppress(Suppression.Subject.CONTENT, answer.hash, mode=mode, reason="it is private", by="the operator")
    found = refused(f"/compare?a={small.rid}:5&b={small.rid}:1.1", 451, "withheld")
    assert "it is private" in found["detail"]
    assert found["comparison"]["operations"] is None
    assert found["comparison"]["b"]["record"] == f"{small.rid}:1.1"
    assert SECRET not in json.dumps(found)
    if mode is Suppression.Mode.ERASE:  # with the transaction, in which the messages are
        assert found["comparison"]["messages_are_identical"] is None
        assert "its transaction was erased" in found["comparison"]["a"]["why_no_messages"].lower()
        return
    assert found["comparison"]["messages_are_identical"] is True
    suppress(Suppression.Subject.CONTENT, record(small, 5).prompt, mode=mode, reason="private too", by="me")
    found = refused(f"/compare?a={small.rid}:5&b={small.rid}:1.1", 451, "withheld")
    assert found["comparison"]["messages_are_identical"] is None
    for side in "ab":
        assert "withholds its messages: private too" in found["comparison"][side]["why_no_messages"]


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("77", "no record 77"),
        ("1.9", "no revision 9"),
        ("5@1", "was not there yet"),
        ("1@99", "not indexed yet"),
    ],
)
def test_one_that_is_not_there_is_explained(small: ChainView, named: str, why: str) -> None:
    assert why in refused(f"/compare?a={small.rid}:1&b={small.rid}:{named}", 404, "not-here")["detail"]


@pytest.mark.parametrize(
    "asked", ["a={rid}:1", "a={rid}:1&b=", "a={rid}:1&b=2", "a={rid}:1&b={rid}:1&c={rid}:1"]
)
def test_what_cannot_be_meant_is_refused(small: ChainView, asked: str) -> None:
    assert refused(f"/compare?{asked.format(rid=small.rid)}", 400, "bad-parameter")["errors"]


def test_a_third_side_and_more_are_too_many_and_the_pairs_are_to_be_asked_for(small: ChainView) -> None:
    sides = "&".join(f"{letter}={small.rid}:{at}" for at, letter in enumerate("abcdefg", 1))
    refusal = refused(f"/compare?{sides}", 400, "bad-parameter")
    assert [(each["parameter"], each["code"]) for each in refusal["errors"]] == [
        (letter, "too-many") for letter in "cdefg"
    ]
    assert "leave out c, d, e, f, g, and ask for each pair" in refusal["detail"]
    assert "at most 5" in refusal["detail"]


def test_limits_and_times_are_said(small: ChainView, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/compare?a={small.rid}:1.1&b={small.rid}:1.2"
    with monkeypatch.context() as patch:
        patch.setattr(comparison, "MOST_BYTES", 5)
        assert "5 bytes" in refused(path, 413, "too-large")["detail"]
    monkeypatch.setattr(comparison, "SECONDS", 0.0)
    assert refused(path, 503, "busy")
    assert int(ask(path).headers["Retry-After"]) > 0


def post(body: object, status: int = 200) -> dict[str, Any]:
    data = body if isinstance(body, str) else json.dumps(body)
    answer = Client(enforce_csrf_checks=True).post("/api/v1/compare", data, content_type="application/json")
    assert answer.status_code == status, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_texts_are_compared_too_and_kept_nowhere(small: ChainView) -> None:
    found = post({"a": {"text": ONE}, "b": {"record": f"{small.rid}:1.2"}})
    assert found["operations"][0] == {"kind": "replace", "a": "three", "b": "five"}
    assert (found["a"]["record"], found["a"]["status"], found["messages_are_identical"]) == (None, None, None)
    assert found["json"] == []
    assert post({"a": {"text": ""}, "b": {"text": ""}})["is_identical"]


@pytest.mark.parametrize(
    "a", ["\u0645\u0631\u062d\u0628\u0627 one", "\U0001f600\u200d", "a\x00b\r\n", "\u4eca\u5929"]
)
def test_operations_give_back_both_texts_as_they_were_sent(a: str) -> None:
    found = post({"a": {"text": a}, "b": {"text": f"{a} two"}})
    assert "".join(each["a"] for each in found["operations"]) == a
    assert "".join(each["b"] for each in found["operations"]) == f"{a} two"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "not-json"),
        ("[" * 100_000, "not-json"),
        ([], "not-json"),
        ({"a": {"text": "x"}}, "missing"),
        ({"a": {"text": "x"}, "b": {"text": "x"}, "f": {"text": "x"}}, "too-many"),
        ({"a": {"text": 1}, "b": {"text": "x"}}, "not-a-side"),
        ({"a": {"text": "x", "record": "y"}, "b": None}, "not-a-side"),
        ({"a": {"text": "x"}, "b": {"record": "1"}}, "not-a-record"),
    ],
    ids=range(8),
)
def test_a_body_that_cannot_be_meant_is_refused(body: object, code: str) -> None:
    found = post(body, 400)
    assert found["errors"][0]["code"] == code
    assert found["type"].rpartition("/")[2] == ("not-json" if code == "not-json" else "bad-parameter")


def test_more_than_may_be_sent_is_refused(small: ChainView) -> None:
    post({"a": {"text": "x" * 2_000_001}, "b": {"text": ""}}, 413)
    assert post({"a": {"text": "x" * 5_300_000}, "b": {"text": ""}}, 413)["type"].endswith("too-large")


def test_a_text_tells_nothing_of_what_is_withheld(small: ChainView) -> None:
    answer = record(small, 5).current.answer
    assert answer is not None
    suppress(Suppression.Subject.CONTENT, answer.hash, mode=Suppression.Mode.HIDE, reason="private", by="me")
    right, wrong = (
        post({"a": {"record": f"{small.rid}:5"}, "b": {"text": text}}, 451) for text in (SECRET, "guess")
    )
    assert right == wrong
