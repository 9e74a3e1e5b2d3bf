"""What the page of a record, and its JSON, say of results that are more than a text."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.test import Client

from explorer.queries.chain.chains import ChainView
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import of, page
from tests.indexer.dapp.test_completion import called, result
from tests.indexer.made import MadeChain, add, update

pytestmark = pytest.mark.django_db
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What is rolled back is not remembered."""
    yield
    shown.forget()


def indexed(*results: str, edited: str | None = None) -> ChainView:
    made = MadeChain()
    made.block(*(add(each) for each in results))
    if edited is not None:
        made.block(update(1, edited))
    return shown.index_made(made)


def apart(results: Iterable[str]) -> ChainView:
    """Records that answer so, each of a prompt of its own, so that none stands on the page of another."""
    made = MadeChain()
    asked = '[{"role": "user", "content": "Question %d?"}]'
    made.block(*(add(each, messages=asked % number) for number, each in enumerate(results)))
    return shown.index_made(made)


def record(chain: ChainView) -> Any:
    return json.loads(Client().get(f"/api/v1{of(chain, '/records/1')}").content)


NAMED = [
    (result(called('{"a": 2, "b": 2}', name="add"), reason="tool_calls"), "calls add(a=2, b=2)"),
    (result({"content": "", "refusal": "I will not."}), "refused: I will not."),
    (result({"content": None, "refusal": "I will not."}), "refused: I will not."),
    (result({"content": "Four.", "reasoning": "2+2=4"}), "<summary>Reasoning, 5 characters</summary>"),
    (result({"content": "", "reasoning": "2+2="}, reason="length"), "cut off (length)"),
    (result({"content": "The answer is"}, reason="length"), "cut off (length)"),
    (result({"content": "a"}, {"content": "It is five."}), "1 of 2 choices"),
    (result({"content": "a"}, {"content": "It is five."}), ">It is five.</div>"),
    (result({"content": [{"type": "text", "text": "Fo"}, {"type": "text", "text": "ur."}]}), ">Fo\nur.<"),
    (result({"content": "", "images": [IMAGE]}), "image, 8 bytes"),
    (result({"content": "a"}, model="gemma2:9b"), "the result names"),
    (result({"content": "a"}, usage={"total_tokens": 77}), "Reported by the provider"),
    ('{"choices":[{"message":{"content":"a\\ud83d b"}}]}', "a\ufffd b"),
]


def test_a_page_names_what_each_result_says() -> None:
    chain = apart(signed for signed, _ in NAMED)
    for prompt_id, (signed, words) in enumerate(NAMED, start=1):
        text = page(of(chain, f"/records/{prompt_id}"))
        assert words in text, signed
        assert "the text is empty" not in text, signed


def test_a_result_that_names_the_model_of_its_record_is_not_told_to_name_one() -> None:
    chain = apart([result({"content": "a"}, model="gemma2-9b-it")])
    assert "the result names" not in page(of(chain, "/records/1"))


def test_an_edit_of_a_call_is_another_answer() -> None:
    ann, bob = called('{"to": "ann", "amount": 10}'), called('{"to": "bob", "amount": 9000}')
    text = page(of(indexed(result(ann), edited=result(bob)), "/records/1"))
    assert "answer replaced" in text
    assert "The answer was replaced once" in text
    assert "calls pay(to=&quot;ann&quot;, amount=10)" in text
    assert "calls pay(to=&quot;bob&quot;, amount=9000)" in text


def test_an_edit_beside_the_answer_says_what_changed() -> None:
    before, after = (result({"content": None, "refusal": "No."}, id=each, created=1) for each in "ab")
    text = page(of(indexed(before, edited=after), "/records/1"))
    assert "result replaced, the same answer; only id changed" in text


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        (result({"content": "a"}), result({"content": "a"}, system_fingerprint="x"), "system_fingerprint"),
        (result({"content": "a"}, usage={"n": 1}), result({"content": "a"}, usage={"n": 2}), "usage.n"),
        (result({"content": "a"}), result({"content": "a", "reasoning": "x"}), "reasoning"),
        (result(called('{"a": 1}')), result(called('{"a":1}')), "how tool_calls is written"),
        (result(called('{"a": 1}')), result(called('{"a": 1}', id="2")), "ids in tool_calls"),
    ],
)
def test_an_edit_beside_the_answer_names_whatever_it_was(before: str, after: str, names: str) -> None:
    text = page(of(indexed(before, edited=after), "/records/1"))
    assert f"result replaced, the same answer; only {names} changed" in text


def test_what_else_a_message_holds_is_folded_and_in_the_json() -> None:
    chain = indexed(
        result({"content": "see", "annotations": [{"url": "https://a"}]}),
        result({"content": "", "other": [1]}),
    )
    text = page(of(chain, "/records/1"))
    assert text.index("What else the message holds") < text.index("https://a")
    assert json.loads(record(chain)["said"][0]["extra"]) == {"annotations": [{"url": "https://a"}]}
    text = page(of(chain, "/records/2"))
    assert "No words: nothing but other." in text
    assert "the text is empty" not in text


def test_base64_in_what_else_is_held_is_counted_on_the_page() -> None:
    chain = indexed(result({"content": "", "parts": [{"data": "QUJD" * 500}]}))
    text = page(of(chain, "/records/1"))
    assert "(2,000 letters of data)" in text
    assert "QUJDQUJD" not in text
    assert "QUJDQUJD" in record(chain)["said"][0]["extra"]


def test_a_picture_within_an_answer_is_a_line_and_its_json_has_it() -> None:
    picture = "data:image/png;base64," + "A" * 30_000
    chain = indexed(result({"content": f"![a]({picture}) A cat."}))
    text = page(of(chain, "/records/1"))
    assert "(image/png in base64, 30,022 letters)) A cat." in text
    assert "AAAAAAAA" not in text
    assert picture in record(chain)["answer"]
    assert "AAAAAAAA" in page(of(chain, "/records/1?view=raw"))


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
@pytest.mark.parametrize(
    "signed",
    [
        result({"content": "a", "annotations": ["SECRET"]}),
        result({"content": [{"type": "tool_use", "name": "f", "input": {"a": "SECRET"}}]}),
        result({"content": "", "thinking_blocks": [{"thinking": "SECRET"}]}),
    ],
)
def test_what_stands_beside_what_is_withheld_is_withheld_too(signed: str, mode: Any) -> None:
    chain = indexed(signed)
    assert "SECRET" in page(of(chain, "/records/1"))
    asked = "/api/v1/records?q=SECRET"
    assert len(json.loads(Client().get(asked).content)["results"]) == 1
    key = bytes.fromhex(record(chain)["said_key"])
    suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="because", by="the operator")
    assert "SECRET" not in page(of(chain, "/records/1"), status=451)
    assert b"SECRET" not in Client().get(f"/api/v1{of(chain, '/records/1')}").content
    assert json.loads(Client().get(asked).content)["results"] == []


def test_white_space_is_not_called_empty() -> None:
    chain = indexed(result({"content": " \n "}))
    assert "White space alone, 3 characters." in page(of(chain, "/records/1"))
    assert "white space alone" in page(of(chain, "/records"))


def test_an_end_is_told_as_the_provider_and_its_router_report_it() -> None:
    choice = {"message": {"content": "a"}, "finish_reason": "stop", "native_finish_reason": "SAFETY"}
    chain = indexed(json.dumps({"choices": [choice]}))
    text = page(of(chain, "/records/1"))
    assert "ended by the provider\u2019s filter" in text
    assert "native_finish_reason" in text
    assert record(chain)["said"][0]["native_finish_reason"] == "SAFETY"


def test_the_json_names_all_that_was_said() -> None:
    found = record(indexed(result(called("{}"), {"content": "a"}, model="m")))
    assert [each["calls"] for each in found["said"]] == [[{"name": "pay", "arguments": "{}"}], []]
    assert found["said_key"] == found["revisions"][0]["said_key"] != found["answer_key"]
    assert found["reported"] == [{"name": "model", "value": "m"}]


def test_a_plain_answer_has_one_key_and_what_is_no_completion_says_nothing() -> None:
    found = record(indexed(result({"content": "a"})))
    assert found["said_key"] == found["answer_key"]


def test_what_is_no_completion_is_shown_whole() -> None:
    chain = indexed('{"candidates":[{"content":"once"}]}')
    found = record(chain)
    assert (found["said"], found["said_key"], found["reported"]) == (None, None, None)
    assert "all of it is shown" in page(of(chain, "/records/1"))


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
@pytest.mark.parametrize(
    "signed",
    [
        result({"content": "a"}, {"content": "SECRET"}),
        result({"content": "a", "refusal": "SECRET"}),
        result({"content": "a", "reasoning": "SECRET"}),
        result({"content": [{"type": "text", "text": "SECRET"}]}),
        result(called("SECRET")),
    ],
)
def test_a_text_that_is_withheld_is_in_no_result_that_holds_it(signed: str, mode: Any) -> None:
    chain = indexed(signed)
    key = signed_hash(rell_json.quote("SECRET"))
    suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="because", by="the operator")
    for query in ("", "?view=json", "?view=raw"):
        assert "SECRET" not in page(of(chain, f"/records/1{query}"), status=451)
    answer = Client().get(f"/api/v1{of(chain, '/records/1')}")
    assert (answer.status_code, b"SECRET" in answer.content) == (451, False)


MEASURED = [
    (result(called("{}")), "1 call"),
    (result({"content": "", "refusal": "No."}), "a refusal"),
    (result({"content": "Four."}, {"content": "Five."}), "5 characters, 1 of 2 choices"),
    (result({"content": "", "images": [IMAGE]}), "1 image"),
    (result({"content": "", "reasoning": "2+2"}), "reasoning of 3 characters"),
    (result({"content": "F"}), "1 character"),
    (result({"content": ""}), "0 characters"),
    ('{"candidates":[]}', "17 characters"),
]


def test_a_page_says_how_much_was_answered() -> None:
    chain = apart(signed for signed, _ in MEASURED)
    for prompt_id, (_, measure) in enumerate(MEASURED, start=1):
        text = page(of(chain, f"/records/{prompt_id}"))
        assert f"<div><dt>Answer</dt><dd>{measure}</dd></div>" in text


def test_how_the_provider_says_that_a_call_ended_stands_beside_it() -> None:
    chain = indexed(result(called("{}"), reason="tool_calls"), result({"content": "a"}))
    assert "finish_reason: tool_calls" in page(of(chain, "/records/1"))
    assert "finish_reason:" not in page(of(chain, "/records/2"))


def test_the_key_that_compares_is_named_where_it_is_not_the_answer_s() -> None:
    chain = indexed(result(called("{}")), result({"content": "a"}))
    key = record(chain)["said_key"]
    assert "Key of what was said" in page(of(chain, "/records/1"))
    assert f'data-full="{key}"' in page(of(chain, "/records/1"))
    assert "Key of what was said" not in page(of(chain, "/records/2"))


def test_a_list_of_what_is_no_text_says_what_it_is_and_never_that_it_is_empty() -> None:
    chain = indexed(result(called('{"a": 2}', name="add")), result({"content": None, "refusal": "No."}))
    text = page(of(chain, "/records"))
    assert "calls add(a=2)" in text
    assert "refused: No." in text
    assert ">empty<" not in text
    rows = json.loads(Client().get(f"/api/v1{of(chain, '/records')}").content)["results"]
    assert [each["answer"]["note"] for each in rows] == ["refused: No.", "calls add(a=2)"]


def test_half_a_character_is_marked_in_a_list_and_is_no_question_mark_among_peers() -> None:
    half, asked = (f'{{"choices":[{{"message":{{"content":"a{each} b"}}}}]}}' for each in ("\\ud83d", "?"))
    chain = indexed(half, asked, half)
    rows = json.loads(Client().get(f"/api/v1{of(chain, '/records')}").content)["results"]
    assert [each["answer"]["text"] for each in rows] == ["a\ufffd b", "a? b", "a\ufffd b"]
    assert [each["first"] for each in record(chain)["peers"]] == ["A", "B", "A"]
    assert "a\ufffd b" in page(of(chain, "/records"))
