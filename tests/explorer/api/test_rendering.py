"""JSON that every parser reads, whatever the texts hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.api.rendering import as_json, fingerprint

ANY = st.text(st.characters(codec=None, exclude_categories=()))


VALUES = st.recursive(
    ANY | st.none() | st.booleans() | st.integers(),
    lambda each: st.lists(each) | st.dictionaries(ANY, each),
)


@given(VALUES)
def test_whatever_is_given_is_json_in_utf8(data: object) -> None:
    json.loads(as_json(data).decode())


@given(ANY)
def test_a_text_comes_back_as_it_was_but_for_halves_of_characters(text: str) -> None:
    expected = "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in text)
    assert json.loads(as_json(text)) == expected


def test_control_characters_are_escapes() -> None:
    assert as_json("\x00\x1b\u2028\x85é") == '"\\u0000\\u001b\u2028\x85é"\n'.encode()


def test_half_a_character_is_a_replacement_character() -> None:
    assert as_json({"\ud800": "a\udfffb"}) == '{\n "\ufffd": "a\ufffdb"\n}\n'.encode()


def test_a_fingerprint_is_of_all_that_is_said() -> None:
    assert fingerprint({"a": "\ud800"}) == fingerprint({"a": "\ud800"})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})


def test_what_json_has_no_number_for_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        as_json(float("nan"))
