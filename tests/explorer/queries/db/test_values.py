"""GTV values as a reader reads them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.queries.db import values
from indexer.postchain.gtv import MAX_DEPTH, BigInteger, Gtv


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("as it is \n\0<b>", "as it is \n\0<b>"),
        (b"\x00\xab", "00AB"),
        (b"", ""),
        (-(2**63), "-9223372036854775808"),
        (BigInteger(7), "7"),
        (None, "null"),
        ([], "[]"),
        ({}, "{}"),
        ([1, "a\n", b"\xff", None, BigInteger(2)], '[1,"a\\n","FF",null,2]'),
        ({"b": [{}], "a": {"c": []}}, '{"b":[{}],"a":{"c":[]}}'),
    ],
)
def test_a_value_is_shown_as_text(value: Gtv, shown: str) -> None:
    assert values.shown(value) == shown


def test_enormous_integers_are_hexadecimal() -> None:
    enormous = BigInteger(-(10**6_000))
    assert values.shown(enormous) == hex(enormous)
    assert json.loads(values.shown([enormous])) == [hex(enormous)]


def test_the_deepest_value_is_shown() -> None:
    deep: Gtv = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert values.shown(deep) == "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)


gtv_values = st.recursive(
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(st.lists(gtv_values))
def test_collections_are_json(value: list[Gtv]) -> None:
    assert json.loads(values.shown(value)) == _as_json(value)


def _as_json(value: Gtv) -> object:
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    return value.hex().upper() if isinstance(value, bytes) else value


def test_names_keep_their_order() -> None:
    assert values.named({"b": 1, "a": b"\x01"}) == [("b", "1"), ("a", "01")]
