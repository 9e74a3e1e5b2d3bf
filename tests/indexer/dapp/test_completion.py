"""One reading of a result, and the key of what was said."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.dapp import rell_json
from indexer.dapp.choice import Call
from indexer.dapp.completion import Completion, Heard, completion_of, heard, part_keys, said_key
from indexer.dapp.operations import signed_hash


def result(*messages: dict[str, Any], reason: str = "stop", **more: Any) -> str:
    choices = [
        {"index": index, "message": {"role": "assistant", **message}, "finish_reason": reason}
        for index, message in enumerate(messages)
    ]
    return json.dumps({"choices": choices, **more})


def called(arguments: Any, *, name: str = "pay", id: str = "call_1") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"content": "", "tool_calls": [{"id": id, "type": "function", "function": function}]}


def read(text: str) -> Completion:
    found = completion_of(text)
    assert found is not None
    return found


def key(text: str) -> bytes:
    return said_key(read(text))


@pytest.mark.parametrize("content", ["", "Four.", 'ünï\n"', "a? b", "\u0000"])
def test_a_plain_answer_keeps_the_key_of_its_text(content: str) -> None:
    text = result({"content": content}, id="x", usage={"total_tokens": 3})
    assert key(text) == signed_hash(rell_json.quote(content))
    assert rell_json.content_of(text).content == content


def test_a_call_is_read_and_written_as_code() -> None:
    (choice,) = read(result(called('{"a": 2, "b": 2}', name="add"), reason="tool_calls")).choices
    assert choice.calls == [Call("add", '{"a":2,"b":2}')]
    assert choice.beside_text == ["calls add(a=2, b=2)"]


def test_calls_that_differ_are_not_the_same_and_ids_and_spelling_do_not_matter() -> None:
    ann = key(result(called('{"to": "ann", "amount": 10}')))
    assert ann != key(result(called('{"to": "bob", "amount": 9000}')))
    assert ann != key(result({"content": ""}))
    assert ann == key(result(called('{"amount":10,"to":"ann"}', id="other"), id="x"))
    assert ann == key(result(called({"to": "ann", "amount": 10})))
    old = {"content": None, "function_call": {"name": "pay", "arguments": '{"to": "ann", "amount": 10}'}}
    assert ann == key(result(old))


def test_refusals_with_content_null_agree_whatever_their_ids() -> None:
    first, second = (result({"content": None, "refusal": "No."}, id=each, created=1) for each in "ab")
    assert key(first) == key(second) == key(result({"content": "", "refusal": "No."}))
    assert key(first) != key(result({"content": "No."}))
    assert read(first).choices[0].beside_text == ["refused: No."]


@pytest.mark.parametrize(
    ("message", "reasoning"),
    [
        ({"reasoning": "2+2=4", "reasoning_details": [{"type": "reasoning.text", "text": "2+2=4"}]}, "2+2=4"),
        ({"reasoning_content": "so"}, "so"),
        ({"reasoning_details": [{"text": "one"}, {"text": "two"}]}, "one\ntwo"),
        ({"thinking": "hm"}, "hm"),
    ],
)
def test_reasoning_is_read_and_is_not_said(message: dict[str, Any], reasoning: str) -> None:
    text = result({"content": "Four.", **message})
    assert read(text).choices[0].reasoning == reasoning
    assert key(text) == key(result({"content": "Four."}))


def test_parts_of_text_are_joined_as_prompts_are_and_thoughts_are_apart() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    parts = [thought, {"type": "text", "text": "Fo"}, {"type": "text", "text": "ur."}]
    (choice,) = read(result({"content": parts})).choices
    assert (choice.text, choice.reasoning) == ("Fo\nur.", "hm")
    assert key(result({"content": parts})) == key(result({"content": "Fo\nur."}))


@pytest.mark.parametrize(
    ("reason", "more", "words"),
    [
        ("length", {}, "cut off (length)"),
        ("content_filter", {}, "ended by the provider\u2019s filter"),
        ("error", {"error": {"message": "overloaded"}}, "ended by the provider\u2019s error: overloaded"),
        ("stop", {}, ""),
        ("tool_calls", {}, ""),
    ],
)
def test_an_end_that_was_none_of_its_own_is_named_and_is_not_said(
    reason: str, more: dict[str, Any], words: str
) -> None:
    text = result({"content": "The answer is"}, reason=reason, **more)
    assert read(text).choices[0].ended == words
    assert key(text) == key(result({"content": "The answer is"}))


def test_all_choices_are_read_in_the_order_of_their_index() -> None:
    text = result({"content": "Four."}, {"content": "It is five."})
    turned = json.loads(text)
    turned["choices"].reverse()
    assert [each.text for each in read(text).choices] == ["Four.", "It is five."]
    assert key(text) == key(json.dumps(turned)) != key(result({"content": "Four."}))
    assert key(text) != key(result({"content": "Four."}, {"content": "It is six."}))


def test_images_and_sound_are_named_with_their_size() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    (choice,) = read(result({"content": "", "images": [image]})).choices
    assert choice.beside_text == ["image, 8 bytes"]
    assert choice.media[0].type == "image/png"
    assert key(result({"content": "", "images": [image]})) == key(result({"content": [image]}))
    elsewhere = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    assert read(result({"content": [elsewhere]})).choices[0].beside_text == ["image at another address"]
    sound = {"id": "a", "data": "AAAA", "transcript": "hello"}
    (heard,) = read(result({"content": None, "audio": sound})).choices
    assert (heard.text, heard.beside_text) == ("hello", ["audio, 3 bytes"])


def test_half_a_character_is_marked_and_is_no_question_mark() -> None:
    text = '{"choices":[{"index":0,"message":{"content":"a\\ud83d b"},"finish_reason":"stop"}]}'
    assert read(text).choices[0].text == "a\ufffd b"
    assert key(text) != key(result({"content": "a? b"}))
    assert rell_json.content_of(text).content == "a? b"
    old = signed_hash(rell_json.quote("a? b"))
    assert old in set(part_keys(read(text)))
    assert read(result({"content": "😀"})).choices[0].text == "😀"


@pytest.mark.parametrize(
    "text",
    [
        "<html>",
        "",
        "null",
        "[]",
        "{}",
        '{"error":{"message":"no"}}',
        '{"choices":[]}',
        '{"choices":[{"text":"once upon a time"}]}',
        '{"choices":[{"message":{"content":"a"}},null]}',
        '{"choices":[{"message":{"content":{"a":1}}}]}',
        '{"choices":[{"message":{"content":5}}]}',
        '{"type":"message","content":[{"type":"text","text":"a"}]}',
        '{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}',
        '{"object":"response","output":[]}',
    ],
)
def test_other_shapes_are_no_completion(text: str) -> None:
    assert completion_of(text) is None


def test_what_the_provider_reports_is_named() -> None:
    scout = {"provider": "groq", "model": "b"}
    found = read(result({"content": "a"}, model="m", scout=scout, usage={"total_tokens": 3}))
    assert found.model == "m"
    assert {each.name: each.value for each in found.reported} == {
        "model": "m",
        "scout.provider": "groq",
        "scout.model": "b",
        "usage.total_tokens": "3",
    }


def test_what_a_message_holds_besides_is_json_and_is_not_said() -> None:
    more = {"annotations": [{"url": "https://a"}], "tool_calls": [], "refusal": None, "prefix": False, "n": 0}
    (choice,) = read(result({"content": "see", **more})).choices
    assert json.loads(choice.extra) == {"annotations": [{"url": "https://a"}], "n": 0}
    assert key(result({"content": "see", **more})) == key(result({"content": "see"}))
    assert heard(result({"content": "see", **more}), content="see") == Heard(None, noted=False)
    assert read(result({"content": "see", "refusal": None, "images": []})).choices[0].extra == ""
    cited = {"type": "text", "text": "see", "annotations": [1]}
    assert read(result({"content": [cited]})).choices[0].extra == '{"content":[{"annotations":[1]}]}'


def test_what_says_nothing_but_holds_something_names_it() -> None:
    found = read(result({"content": "", "multi_mod_content": [1], "other": 2}))
    assert found.note == "nothing but other, multi_mod_content"
    assert found.measures == ["nothing but other, multi_mod_content"]
    assert heard(result({"content": "", "other": 2}), content="") == Heard(None, noted=True)


@pytest.mark.parametrize(
    ("message", "reasoning"),
    [
        ({"reasoning_details": [{"type": "reasoning.summary", "summary": "sum"}]}, "sum"),
        ({"reasoning_details": [{"type": "reasoning.encrypted", "data": "QUJD"}]}, "(encrypted, 4 letters)"),
        ({"reasoning": {"text": "hm", "effort": "low"}}, "hm"),
        ({"reasoning": {"effort": "low"}}, '{"effort":"low"}'),
        ({"thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "x"}]}, "hm"),
        ({"reasoning": "hm", "thinking_blocks": [{"type": "thinking", "thinking": "hm"}]}, "hm"),
        ({"content": [{"type": "redacted_thinking", "data": "xyz"}]}, "(encrypted, 3 letters)"),
        ({"content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}]}]}, "s"),
        ({"reasoning_content": ""}, ""),
    ],
)
def test_reasoning_is_read_however_it_is_written(message: dict[str, Any], reasoning: str) -> None:
    (choice,) = read(result({"content": "", **message})).choices
    assert (choice.reasoning, choice.text, choice.extra) == (reasoning, "", "")
    assert key(result({"content": "", **message})) == key(result({"content": ""}))


def test_parts_that_call_are_calls_and_references_are_beside() -> None:
    use = {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}
    assert key(result({"content": [use]})) == key(result(called('{"a":1}', name="f")))
    parts = [{"type": "text", "text": "see"}, {"type": "reference", "reference_ids": [0]}]
    (choice,) = read(result({"content": parts})).choices
    assert (choice.text, json.loads(choice.extra)["content"]) == ("see", parts[1:])


def test_calls_without_arguments_are_the_same_however_that_is_written() -> None:
    written: list[Any] = [None, "", " ", "{}", {}]
    assert len({key(result(called(each))) for each in written}) == 1
    assert key(result(called(""))) != key(result(called("[]")))


def test_a_choice_of_which_a_filter_or_an_error_left_nothing_is_one() -> None:
    def emptied(**choice: Any) -> str:
        return json.dumps({"choices": [{"index": 0, **choice}]})

    filtered = read(emptied(finish_reason="content_filter", content_filter_results={}))
    assert (filtered.note, filtered.text) == ("ended by the provider\u2019s filter", "")
    failed = read(emptied(message=None, error={"message": "died"}))
    assert failed.note == "ended by the provider\u2019s error: died"
    assert completion_of(emptied(finish_reason="stop", message=None)) is None
    assert completion_of(emptied(finish_reason="length", text="once upon")) is None


def test_an_end_is_known_by_its_native_reason_too() -> None:
    def read_of(reason: Any, native: str) -> str:
        message = {"content": "a"}
        choice = {"message": message, "finish_reason": reason, "native_finish_reason": native}
        return read(json.dumps({"choices": [choice]})).choices[0].ended

    assert read_of("stop", "SAFETY") == "ended by the provider\u2019s filter"
    assert read_of(None, "MAX_TOKENS") == "cut off (length)"
    assert read_of("stop", "STOP") == read_of("stop", "whatever") == ""
    assert read_of({"type": "length", "length": 20}, "") == "cut off (length)"


def test_what_a_sound_says_stands_beside_a_content_that_is_other_words() -> None:
    sound = {"data": "AAAA", "transcript": "hello"}
    assert read(result({"content": "hi", "audio": sound})).text == "hi\nhello"
    assert read(result({"content": "hello", "audio": sound})).text == "hello"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "text",
                    "image_url",
                    "url",
                    "data",
                    "function",
                    "name",
                    "arguments",
                    "thinking",
                    "file",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
MEMBERS = [
    "content", "tool_calls", "function_call", "refusal", "reasoning", "reasoning_content",
    "reasoning_details", "images", "audio", "error", "thinking_blocks", "other",
]  # fmt: skip
MESSAGES = st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=5)


@given(MESSAGES, VALUES, VALUES, VALUES)
def test_any_types_anywhere_raise_nothing_and_read_the_same_twice(
    message: dict[str, Any], reason: Any, usage: Any, index: Any
) -> None:
    choice = {"message": message, "finish_reason": reason, "index": index}
    text = json.dumps({"choices": [choice], "usage": usage, "model": usage, "error": reason})
    found = completion_of(text)
    assert found == completion_of(text)
    if found is None:
        return
    said_key(found)
    for each in found.choices:
        "\n".join([each.ended, *each.beside_text, each.text]).encode()
    assert said_key(found) == key(rell_json.normalise(text))


@pytest.mark.parametrize("depth", [500, 5_000, 100_000])
@pytest.mark.parametrize("member", ["content", "tool_calls", "images", "reasoning", "refusal", "error"])
def test_depth_is_no_matter(depth: int, member: str) -> None:
    deep = "[" * depth + "]" * depth
    found = completion_of(f'{{"choices":[{{"message":{{"content":"a","{member}":{deep}}}}}],"usage":{deep}}}')
    if found is not None:
        said_key(found)


def test_numbers_of_many_digits_and_what_follows_the_first_value_are_no_matter() -> None:
    assert key(result({"content": "a"})[:-1] + ',"created":' + "9" * 10_000 + "} tail") == key(
        result({"content": "a"})
    )
