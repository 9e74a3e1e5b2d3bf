"""What is searched of messages and results: all that was said, each text by itself."""

import json
from typing import Any

import pytest

from indexer.dapp import rell_json, texts
from indexer.dapp.completion import completion_of


def asked(*messages: Any) -> list[str]:
    return [each for each in texts.of_messages(rell_json.normalise(json.dumps(messages))) if each]


def said(*choices: Any, **more: Any) -> list[str]:
    read = completion_of(json.dumps({"choices": choices, **more}))
    assert read is not None
    return [each for each in texts.of_completion(read) if each]


def test_messages_of_every_role_are_texts() -> None:
    assert asked(
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "call_9", "type": "function", "function": {"name": "add", "arguments": '{"a": "x y"}'}}
            ],
        },
        {"role": "tool", "content": "4", "tool_call_id": "call_9"},
    ) == ["Be brief.", "one\ntwo", 'add(a="x y")', "4", '{"tool_call_id":"call_9"}']


def test_of_pictures_there_is_a_line_and_no_data() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "QUJD" * 300}}
    (found,) = asked({"role": "user", "content": [{"type": "text", "text": "see"}, picture]})
    assert found == "see\nimage, 900 bytes"


def test_of_sounds_beside_a_content_there_is_no_data() -> None:
    sound = {"id": "audio_1", "data": "QUJD" * 300}
    content, beside = asked({"role": "assistant", "content": "heard", "audio": sound})
    assert content == "heard"
    assert "audio_1" in beside
    assert "QUJD" not in beside
    assert len(beside) > 1_200


@pytest.mark.parametrize("normal", ['["a b"]', "[]", '"text"', '[{"content":"a b"}]'])
def test_what_is_no_conversation_is_one_text(normal: str) -> None:
    assert list(texts.of_messages(normal)) == [normal]


def test_of_a_result_all_choices_calls_refusals_reasoning_and_errors_are_texts() -> None:
    call = {"type": "function", "function": {"name": "look_up", "arguments": '{"city": "S\\u00e3o\\nPaulo"}'}}
    assert said(
        {"message": {"content": "first", "reasoning_content": "thought"}},
        {"message": {"content": None, "refusal": "No.", "tool_calls": [call]}},
        {"message": {"content": "cut"}, "error": {"message": "overloaded"}},
    ) == ["first", "thought", 'look_up(city="São  Paulo")', "No.", "cut", "overloaded"]


def test_long_arguments_are_whole() -> None:
    call = {"function": {"name": "save", "arguments": json.dumps({"text": "x " * 4_000 + "end"})}}
    (found,) = said({"message": {"tool_calls": [call]}})
    assert found.endswith('end")')


def test_a_result_that_is_kept_whole_is_read_where_it_can_be() -> None:
    assert "No." in list(texts.of_whole('{"choices":[{"message":{"refusal":"No."}}]}'))
    assert list(texts.of_whole('{"error":"too\\nmany"}')) == ['{"error":"too  many"}']
    assert list(texts.of_whole("<html>C:\\new</html>")) == ["<html>C:\\new</html>"]


def test_escapes_leave_everything_where_it_stands() -> None:
    source = '{"a":"one\\ntwo\\u0000three\\\\four"}'
    found = texts.of_json(source)
    assert len(found) == len(source)
    assert found.index("three") == source.index("three")
    assert "\\" not in found
