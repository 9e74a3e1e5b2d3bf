"""Kinds of values: what is read is what was written, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.queries.db.kinds import LARGEST, Choice, Misread, Number, Words

SIGNED = Number(-LARGEST - 1, LARGEST)
COLOURS = Choice({"any": None, "red": 1, "green": 0})


@given(st.integers(-LARGEST - 1, LARGEST))
def test_a_number_is_read_as_it_was_written(number: int) -> None:
    assert SIGNED.read(SIGNED.write(number)) == number


@pytest.mark.parametrize("value", [None, 1, 0])
def test_a_choice_is_read_as_it_was_written(value: int | None) -> None:
    assert COLOURS.read(COLOURS.write(value)) == value


@given(st.text(max_size=30))
def test_a_text_is_read_without_the_spaces_around_it(text: str) -> None:
    assert Words(30).read(f" {text}\n") == Words(30).write(text.strip())


@pytest.mark.parametrize(
    ("kind", "text", "code", "rule"),
    [
        (Number(0, 5), "-1", "not-a-number", "is a whole number from 0 to 5"),
        (Number(0, 5), "6", "out-of-range", "is a whole number from 0 to 5"),
        (Number(-5, 5), "-6", "out-of-range", "is a whole number from -5 to 5"),
        (Number(-5, 5), "--5", "not-a-number", "is a whole number from -5 to 5"),
        (Number(-5, 5), "-", "not-a-number", "is a whole number from -5 to 5"),
        (SIGNED, "9" * 100_000, "out-of-range", f"is a whole number from {-LARGEST - 1} to {LARGEST}"),
        (COLOURS, "blue", "not-a-choice", "is one of any, green, red"),
        (COLOURS, "", "not-a-choice", "is one of any, green, red"),
        (Words(3), "abcd", "out-of-range", "has at most 3 characters"),
    ],
)
def test_anything_else_is_told_what_it_must_be(kind: Any, text: str, code: str, rule: str) -> None:
    with pytest.raises(Misread) as caught:
        kind.read(text)
    assert (caught.value.code, caught.value.rule) == (code, rule)
