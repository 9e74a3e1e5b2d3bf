"""What an edit changed that leaves what was said as it was."""

import json
from typing import Any

import pytest

from indexer.dapp.beside import changed_beside
from tests.indexer.dapp.test_completion import called, result


def of_choice(**members: Any) -> str:
    return json.dumps({"choices": [{"message": {"content": "a"}, **members}]})


ARGUMENTS = '{"a": 1, "b": 2}'


PLAIN = {"content": "a"}
REFUSED = {"content": None, "refusal": "No."}


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        (result(PLAIN, id="x", created=1), result(PLAIN, id="y", created=2), ["created", "id"]),
        (result(PLAIN, usage={"a": 1, "b": 2}), result(PLAIN, usage={"a": 3, "b": 2}), ["usage.a"]),
        (result(PLAIN), result(PLAIN, system_fingerprint="fp"), ["system_fingerprint"]),
        (result(PLAIN, reason="length"), result(PLAIN), ["finish_reason"]),
        (of_choice(logprobs=None), of_choice(logprobs={"content": [1]}), ["logprobs"]),
        (of_choice(content_filter_results={}), of_choice(), ["content_filter_results"]),
        (result({**PLAIN, "reasoning": "x"}), result({**PLAIN, "reasoning": "y"}), ["reasoning"]),
        (result({**PLAIN, "annotations": [1]}), result(PLAIN), ["annotations"]),
        (result(called(ARGUMENTS)), result(called(ARGUMENTS, id="2")), ["ids in tool_calls"]),
        (result(called(ARGUMENTS)), result(called('{"b":2,"a":1}')), ["how tool_calls is written"]),
        (result(REFUSED), result({**REFUSED, "content": ""}), ["how content is written"]),
        ('{"choices": []}', '{"choices":[]}', ["how it is written"]),
        ("<html>", "<html> ", ["how it is written"]),
        ("[" * 50_000 + "]" * 50_000, '{"a":' * 50_000 + "1" + "}" * 50_000, ["how it is written"]),
    ],
)
def test_it_is_named(before: str, after: str, names: list[str]) -> None:
    assert changed_beside(before, after) == names


def test_depth_is_no_matter() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    one, other = (
        f'{{"choices":[{{"message":{{"content":"a"}}}}],"usage":{deep},"id":{each}}}' for each in "12"
    )
    assert changed_beside(one, other) in (["id"], ["how it is written"])
