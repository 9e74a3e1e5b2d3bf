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
        '{"type":"image_url","image_url":{"url":"https://x.invalid/a.png"}}',
        "and that",
        '{"c":1,"text":"b","type":"text"}',
    ]


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


def test_of_equal_keys_the_last_counts_and_what_follows_the_list_is_dropped_as_the_dapp_does() -> None:
    said = '[{"role":"user","role":"system","content":"a","content":"b"}] and then some'
    assert conversation(said) == [Message("system", "b")]
    assert conversation('[{"role":"user","content":"\\ud800 alone"}]') == [Message("user", "? alone")]


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


def test_what_is_asked_is_found_at_the_beginning_where_it_goes_on_to_the_end() -> None:
    text = rell_json.normalise(json.dumps([{"role": "user", "content": "Say " + 'this "thing" \n' * 10_000}]))
    assert asked_in(text[:4_096], text[-4_096:]).startswith('Say this "thing" \nthis "thing"')


def test_without_anything_asked_the_beginning_stands_for_the_whole() -> None:
    assert asked_in("[1,2,3", "") == "[1,2,3"


@pytest.mark.parametrize("cut", range(30, 60))
def test_a_question_cut_anywhere_is_shown_as_far_as_it_goes(cut: int) -> None:
    text = '[{"role":"user","content":"a\\"b\\\\c\\u0001d\\ne"}]'
    assert asked_in(text[:cut], "").startswith("a")


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


def test_a_snippet_of_spaces_or_of_nothing_is_empty() -> None:
    assert line("") == Snippet("", False)
    assert line(" \n\t") == Snippet("", False)
    assert line("a", more=True) == Snippet("a", True)
    assert line("a" * 201) == Snippet("a" * 200, True)
