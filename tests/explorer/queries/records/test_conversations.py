"""Messages as a conversation, and what of them a list shows; nothing that they hold raises anything."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devnet.scenarios.awkward import MESSAGES, RESULTS
from devnet.scenarios.hostile import HOSTILE
from explorer.queries.db.texts import Message, Snippet
from explorer.queries.records.conversations import (
    SNIPPET,
    asked,
    asked_in,
    conversation,
    last_asked,
    line,
)
from indexer.dapp import rell_json

USER = {"role": "user", "content": "Why?"}


def test_roles_and_contents_come_in_their_order() -> None:
    said = [{"role": "system", "content": "Be brief."}, USER, {"role": "assistant", "content": "Because."}]
    assert conversation(json.dumps(said)) == [
        Message("system", "Be brief."),
        Message("user", "Why?"),
        Message("assistant", "Because."),
    ]


def test_what_a_message_says_besides_is_json() -> None:
    said = '[{"role": "user", "name": "Ann", "content": "Why?", "n": 12345678901234567890123, "x": 1E400}]'
    (message,) = conversation(said) or ()
    assert (message.role, message.content) == ("user", "Why?")
    assert message.extra == '{"n":12345678901234567890123,"x":"Infinity","name":"Ann"}'


def test_parts_show_their_texts_and_json_of_the_others() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://x.invalid/a.png"}}
    parts = [{"type": "text", "text": "Look:"}, image, "and that", {"type": "text", "text": "b", "c": 1}]
    (message,) = conversation(json.dumps([{"role": "user", "content": parts}])) or ()
    assert message.content.split("\n") == [
        "Look:",
        "image at another address",
        "and that",
        "b",
    ]
    assert json.loads(message.extra) == {"content": [image, {"c": 1}]}


@pytest.mark.parametrize("content", [{}, {"content": None}])
@pytest.mark.parametrize("by", ["tool_calls", "function_call"])
def test_a_turn_that_only_calls_a_tool_is_a_turn(content: dict[str, None], by: str) -> None:
    function = {"name": "weather", "arguments": '{"city": "Bern"}'}
    call: Any = function if by == "function_call" else [{"id": "call_1", "function": function}]
    talk = json.dumps([USER, {"role": "assistant", by: call} | content, {"role": "tool", "content": "11"}])
    found = conversation(talk) or ()
    assert [each.role for each in found] == ["user", "assistant", "tool"]
    assert found[1].calls == ('weather(city="Bern")',)
    assert asked(rell_json.normalise(talk)) == "Why?"


def test_calls_that_cannot_be_read_are_named_and_raise_nothing() -> None:
    for calls in ("null", "5", '"x"', "{}", "[[]]", "[" * 5_000 + "]" * 5_000):
        talk = f'[{{"role":"assistant","tool_calls":{calls}}},{{"role":"user","content":"Why?"}}]'
        found = conversation(talk)
        assert found is None or found[-1].content == "Why?"


@pytest.mark.parametrize(
    ("image", "line"),
    [
        ("AAAA", "image, 3 bytes"),
        ("data:image/png;base64,AAAA", "image, 3 bytes"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}, "image, 3 bytes"),
        ("https://x.invalid/a.png", "image at another address"),
    ],
)
def test_pictures_beside_the_content_are_lines_too(image: Any, line: str) -> None:
    talk = [{"role": "user", "content": "What is it?", "images": [image]}]
    (message,) = conversation(json.dumps(talk)) or ()
    assert message.content == f"What is it?\n{line}"
    assert ("x.invalid" in message.extra) == ("another" in line)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
        {"type": "input_file", "file_data": "data:application/pdf;base64,AAAA"},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}},
        {"inline_data": {"mime_type": "application/pdf", "data": "AAAA"}},
    ],
)
def test_a_file_is_a_line(part: dict[str, Any]) -> None:
    (message,) = conversation(json.dumps([{"role": "user", "content": [part]}])) or ()
    assert message.content == "file, 3 bytes"


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "tool_result", "content": [{"type": "image", "source": {"data": "A" * 3_000}}]}],
        "![a](data:image/png;base64," + "A" * 3_000 + ") What is it?",
        {"inline_data": "A" * 3_000},
    ],
)
def test_a_list_never_shows_base64(content: Any) -> None:
    for talk in ([{"role": "user", "content": content}], [{"content": content}]):
        found = line(asked(rell_json.normalise(json.dumps(talk)))).text
        assert "AAAA" not in found
        assert ("What is it?" in found) == ("What is it?" in str(content))


RESULT = {"type": "tool_result", "tool_use_id": "t", "content": "42"}
USE = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (RESULT, "42"),
        ({**RESULT, "content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]}, "4\n2"),
        ({**RESULT, "content": [{"type": "image", "source": {"data": "AAAA"}}]}, "image, 3 bytes"),
        ({**RESULT, "content": [{"odd": 1}]}, '[{"odd":1}]'),
        ({"type": "tool_result", "tool_use_id": "t"}, ""),
    ],
)
def test_what_a_tool_gave_back_in_the_user_s_name_is_no_question(result: Any, text: str) -> None:
    talk = [USER, {"role": "assistant", "content": [USE]}, {"role": "user", "content": [result]}]
    normal = rell_json.normalise(json.dumps(talk))
    found = conversation(normal) or ()
    assert (found[1].content, found[1].calls) == ("", ("f(a=1)",))
    assert (found[2].content, json.loads(found[2].extra)["content"][0]["tool_use_id"]) == (text, "t")
    long = rell_json.normalise(json.dumps([{"role": "system", "content": "x" * 9_000}, *talk]))
    assert asked(normal) == asked_in(long[:4_096], long[-4_096:]) == "Why?"
    both = [*talk[:2], {"role": "user", "content": [result, {"type": "text", "text": "And now?"}]}]
    assert asked(rell_json.normalise(json.dumps(both))).endswith("And now?")


@pytest.mark.parametrize("role", ["User", "USER", "human"])
def test_a_user_is_one_by_other_names_too(role: str) -> None:
    talk = [{"role": role, "content": "Why?"}, {"role": "assistant", "content": "Because."}]
    assert asked(rell_json.normalise(json.dumps(talk))) == "Why?"


def test_a_long_run_of_base64_is_named_in_a_line_and_a_long_word_is_not() -> None:
    data = "QmFzZTY0IGlzIGxldHRlcnM0" * 100
    assert line(f"Decode {data} please").text == "Decode (2,400 letters of data) please"
    assert line("a" * 600).text == "a" * SNIPPET


@pytest.mark.parametrize("length", [300, 20_000])
def test_a_picture_is_a_line_and_its_question_a_text(length: int) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * length}}
    talk = [{"role": "user", "content": [image, {"type": "text", "text": "What is it?"}]}]
    assert asked(rell_json.normalise(json.dumps(talk))) == f"image, {length * 3 // 4:,} bytes\nWhat is it?"


@pytest.mark.parametrize("last", ["Second?", [{"type": "text", "text": "Second?"}]])
def test_of_long_messages_the_last_question_is_found_in_whatever_form(last: Any) -> None:
    fake = [{"role": "user", "content": "nested"}, {"role": "user", "content": "inner"}]
    talk = [USER, {"role": "assistant", "content": "x " * 9_000}, {"role": "user", "content": last}]
    for more in ([], [{"role": "tool", "content": fake}], [{"role": "tool", "content": json.dumps(fake)}]):
        text = rell_json.normalise(json.dumps([*talk, *more]))
        assert asked_in(text[:4_096], text[-4_096:]) == "Second?"


def test_an_older_question_never_stands_for_one_that_cannot_be_read() -> None:
    for said in (
        [USER, {"role": "user", "content": "x" * 9_000}],
        [{"role": "user", "content": "x" * 9_000}],
    ):
        text = rell_json.normalise(json.dumps(said))
        assert asked_in(text[:4_096], text[-4_096:]) is None
        assert asked_in(text[:4_096], "") is None
        assert asked(text) == "x" * 9_000


@pytest.mark.parametrize("cut", range(30, 160))
def test_of_messages_cut_anywhere_only_the_last_question_is_given(cut: int) -> None:
    said = [
        {"role": "user", "content": 'a"b\\c\x01d\ne,{"role":"user"'},
        {"role": "user", "content": 'x,{"y"}]'},
    ]
    text = rell_json.normalise(json.dumps(said))
    assert asked_in(text[:cut], text[-cut:]) in (None, 'x,{"y"}]')
    assert asked_in(text[:cut], "") is None


@pytest.mark.parametrize(
    ("content", "shown"), [(None, ""), (42, "42"), ({"a": 1}, '{"a":1}'), ([], ""), (True, "true"), ("", "")]
)
def test_a_content_that_is_no_text_is_json(content: Any, shown: str) -> None:
    assert conversation(json.dumps([{"role": "user", "content": content}])) == [Message("user", shown)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        "null",
        '"text"',
        "42",
        '[{"content":"no role"}]',
        '[{"role":"user"}]',
        '[{"role":5,"content":"x"}]',
        '[{"role":"user","content":"x"},7]',
        '[[{"role":"user","content":"nested"}]]',
        "\0",
        "\ud800",
    ],
)
def test_what_is_no_list_of_messages_is_no_conversation(text: str) -> None:
    assert conversation(text) is None


@pytest.mark.parametrize("text", ['[{"role":"user"}]', '[{"role":"user"},{"role":"assistant","name":"Ann"}]'])
def test_roles_alone_are_no_conversation_and_one_among_others_is_a_turn(text: str) -> None:
    assert conversation(text) is None
    found = conversation(text[:-1] + ',{"role":"user","content":"Why?"}]') or ()
    assert [found[0].content, found[-1].content] == ["", "Why?"]


def test_of_equal_keys_the_last_counts_and_what_follows_the_list_is_dropped_as_the_dapp_does() -> None:
    said = '[{"role":"user","role":"system","content":"a","content":"b"}] and then some'
    assert conversation(said) == [Message("system", "b")]
    assert conversation('[{"role":"user","content":"\\ud800 alone"}]') == [Message("user", "\ufffd alone")]


@pytest.mark.parametrize("depth", [100, 5_000, 30_000])
def test_depth_raises_nothing(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    inside = [f'[{{"role":"user","content":{deep}}}]', f'[{{"role":"user","x":{deep},"content":"a"}}]']
    for text in (deep, *inside):
        found = conversation(text)
        assert found is None or len(found) == 1
        assert asked(text)


@pytest.mark.parametrize("text", [*MESSAGES, *RESULTS, *HOSTILE.values()])
def test_awkward_and_hostile_texts_raise_nothing(text: str) -> None:
    conversation(text)
    asked(text)
    asked_in(text[:50], text[-50:])
    wrapped = json.dumps([{"role": "user", "content": text}])
    assert conversation(wrapped) == [Message("user", rell_json.normalise(json.dumps(text)) and text)]
    assert len(line(text).text) <= SNIPPET


@given(st.text(alphabet='[]{}",:\\u0d8 -1e9ntrole"user"content'))
def test_no_text_raises_anything(text: str) -> None:
    conversation(text)
    asked(text)
    asked_in(text, text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.fixed_dictionaries({"role": st.text(), "content": json_values}), min_size=1, max_size=4))
def test_every_list_of_messages_is_a_conversation(said: list[dict[str, Any]]) -> None:
    found = conversation(json.dumps(said))
    assert found is not None
    assert len(found) == len(said)


# Snippets


def test_what_is_asked_is_what_the_user_said_last() -> None:
    said = [USER, {"role": "assistant", "content": "Because."}, {"role": "user", "content": "And then?"}]
    assert asked(rell_json.normalise(json.dumps(said))) == "And then?"
    assert last_asked([Message("system", "Be brief."), Message("tool", "42")]) == "42"
    assert asked("no JSON") == "no JSON"


def test_what_is_asked_is_found_at_the_end_of_messages_too_long_to_be_read() -> None:
    turns = [{"role": "user", "content": f'{number}: "quoted" \\ and \n more'} for number in range(1_000)]
    text = rell_json.normalise(json.dumps(turns))
    assert asked_in(text[:4_096], text[-4_096:]) == turns[-1]["content"]


def test_without_anything_asked_the_beginning_stands_for_the_whole() -> None:
    assert asked_in("[1,2,3", "") == "[1,2,3"


@given(st.text())
def test_a_snippet_is_one_bounded_line_and_says_whether_there_is_more(text: str) -> None:
    found = line(text)
    assert len(found.text) <= SNIPPET
    assert found.text == found.text.strip()
    assert not {"\n", "\t", "  "} & set(found.text)
    joined = " ".join(text.split())
    assert joined.startswith(found.text[:1])
    if not found.cut and len(text) <= SNIPPET:
        assert "".join(found.text.split()) == "".join(text.split())


def test_a_snippet_of_nothing_is_empty_and_one_of_spaces_says_what_it_is() -> None:
    assert line("") == Snippet("", False)
    assert line(" \n\t") == Snippet("", False, note="white space alone")
    assert line("a", more=True) == Snippet("a", True)
    assert line("a" * 201) == Snippet("a" * 200, True)


@pytest.mark.parametrize(
    "text",
    [
        ";base64,data:a/" + "a" * 3_000_000,
        "data:" * 500_000 + ";base64,",
        ("a" * 511 + " ") * 6_000,
        "data:a/b;" + "charset=x;" * 300_000 + ";base64,",
    ],
)
def test_a_text_that_is_made_to_be_slow_is_read_as_any_other(text: str) -> None:
    assert line(text).cut
    assert len(asked_in(text, text[-4_096:]) or "") <= len(text)
