"""JSON laid out over lines."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.pages.rendering.layout import laid_out

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_it_says_what_it_said_and_is_laid_out_as_usual(value: Any, ascii_only: bool) -> None:
    dense = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    expected = json.dumps(value, ensure_ascii=ascii_only, indent=2)
    assert laid_out(dense, most=1_000_000) == expected
    assert laid_out(expected, most=1_000_000) == expected


def test_every_token_stays_as_it_was_written() -> None:
    text = '{"a":1.10,"b":1E999,"a":-0,"s":"\\u00e9\\ud800 [,{:","n":' + "9" * 5_000 + "}"
    lines = (laid_out(text, most=10_000) or "").split("\n")
    assert lines[1:4] == ['  "a": 1.10,', '  "b": 1E999,', '  "a": -0,']
    assert lines[4] == '  "s": "\\u00e9\\ud800 [,{:",'
    assert lines[5] == '  "n": ' + "9" * 5_000


@pytest.mark.parametrize("text", ["", "{", '{"a":}', "NaN", "[1 2]", "[1] 2", "hello", "\x00", "[" * 100_000])
def test_what_is_no_json_is_not_laid_out(text: str) -> None:
    assert laid_out(text, most=1_000_000) is None


def test_neither_a_large_text_nor_one_that_grows_large_is_laid_out() -> None:
    assert laid_out(json.dumps("a" * 99), most=100) is None
    deep = "[" * 400 + "]" * 400
    assert laid_out(deep, most=1_000) is None
    assert laid_out(deep, most=1_000_000) is not None
