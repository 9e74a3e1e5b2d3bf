"""Results, messages and numbers that the dapp takes and no reader expects: JSON that is no completion."""

import json
from collections.abc import Sequence


def _choice(**fields: object) -> str:
    return json.dumps({"choices": [fields]})


RESULTS: Sequence[str] = (
    '{ "b" : 1 , "a" : 2 , "aa" : 3, "B": 4, "\u00e9": 5, "\u20ac": 6, "z": [ 1, 2 , 3 ] }',
    '{"a":1,"a":2,"b":{"x":1,"x":null}}',
    '{"v":[2.50,1e2,0.0001,12345678.5,1E7,1e22,-0.0,4.9E-324,1.7976931348623157e308]}',
    '{"v":[1e400,-1e400]}',
    '{"n":123456789012345678901234567890,"m":-0}',
    '{"s":"a\\/b \\u00e9 \\u2028 \\u007f \\u001f \\b\\t\\n\\f\\r \\" \\\\ \\ud83d\\ude00"}',
    '{"s":"\\ud800 alone"}',
    '{"ok":true} and then some',
    '"just a text"',
    "42",
    "true",
    "null",
    "{}",
    "[]",
    "[" * 60 + "1" + "]" * 60,
    '{"error":{"message":"rate limited","type":"tokens","code":429}}',
    '{"id":"chatcmpl-0","object":"chat.completion","choices":[]}',
    '{"id":"chatcmpl-0","object":"chat.completion","choices":null}',
    _choice(),
    _choice(message=None),
    _choice(message={}),
    _choice(message={"role": "assistant", "content": None}),
    _choice(message={"role": "assistant", "content": ""}),
    _choice(message={"role": "assistant", "content": " \n\t"}),
    _choice(message={"role": "assistant", "content": 42}),
    _choice(message={"role": "assistant", "content": [{"type": "text", "text": "in parts"}]}),
    _choice(message={"role": "user", "content": "the question, given back"}),
    _choice(message={"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}),
    _choice(delta={"content": "a piece of a stream"}),
    json.dumps({"choices": [{"message": {"content": "first"}}, {"message": {"content": "second"}}]}),
    json.dumps(
        {
            "choices": [{"message": {"content": "counted oddly"}, "finish_reason": "length"}],
            "usage": {"prompt_tokens": -1, "completion_tokens": 10**15, "total_tokens": 0},
            "created": -1,
            "model": 5,
        }
    ),
    json.dumps({"": "an empty key", " ": "a space", "__proto__": {"polluted": True}, "choices": "text"}),
)
"""Texts that the dapp takes as `result`."""

MESSAGES: Sequence[str] = (
    "[]",
    "{}",
    '"text"',
    "null",
    '[{"role":"user","content":""}]',
    '[{"content":"no role"}]',
    '[{"role":"tool","content":null,"tool_call_id":"x"}]',
    '[{"role":"user","content":[{"type":"text","text":"part"},{"type":"image_url","image_url":{"url":"https://x.invalid/a.png"}}]}]',
    '[ { "role" : "user" , "content" : "spaced \\u0041" } ]',
    '[[{"role":"user","content":"nested"}]]',
)
"""Texts that the dapp takes as `messages`."""

INTEGERS: Sequence[int] = (0, -1, 2**63 - 1, -(2**63), 2**53 + 1, 2**32)
"""Scouts and seeds at the edges."""
