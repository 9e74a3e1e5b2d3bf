"""Kinds of values: what is read is what was written, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.queries.db.kinds import (
    DAY,
    LARGEST,
    Choice,
    Hex,
    Misread,
    Moment,
    Number,
    Pattern,
    Period,
    Range,
    Span,
    Times,
    Words,
    exactly,
    pieces,
)

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
        (Hex(2, 2), "abc", "not-hex", "is 4 hex digits"),
        (Hex(2, 2), "abcdef", "out-of-range", "is 4 hex digits"),
        (Hex(1, 2), "", "not-hex", "is 2 to 4 hex digits"),
        (Pattern(3), "", "out-of-range", "has 1 to 3 characters"),
        (Pattern(3), "abcd", "out-of-range", "has 1 to 3 characters"),
        (Range(0, 9), "3..1", "upside-down", "goes from the lower to the higher: 1..3"),
        (Range(0, 9), "..", "not-a-range", "is a whole number from 0 to 9, or a range as 100..200"),
        (Range(0, 9), "1-3", "not-a-range", "is a whole number from 0 to 9, or a range as 100..200"),
        (Range(0, 9), "1..2..3", "not-a-range", "is a whole number from 0 to 9, or a range as 100..200"),
        (Range(0, 9), "1..10", "out-of-range", "is a whole number from 0 to 9, or a range as 100..200"),
        (Moment(), "2026-02-29", "no-such-time", "is a day and a time that exist"),
        (Moment(), "2026-13-01", "no-such-time", "is a day and a time that exist"),
        (Moment(), "0000-01-01", "no-such-time", "is a day and a time that exist"),
        (Moment(), "2026-10-01T25:00", "no-such-time", "is a day and a time that exist"),
        (Times(), "2026-02-30..2026-03-01", "no-such-time", "is a day and a time that exist"),
        (
            Times(),
            "2026-11-01..2026-10-01",
            "upside-down",
            "goes from the earlier to the later: 2026-10-01..2026-11-01",
        ),
        (
            Times(),
            "2026-10-01..2026-10-01",
            "upside-down",
            "goes from the earlier to the later: 2026-10-01..2026-10-01",
        ),
    ],
)
def test_anything_else_is_told_what_it_must_be(kind: Any, text: str, code: str, rule: str) -> None:
    with pytest.raises(Misread) as caught:
        kind.read(text)
    assert (caught.value.code, caught.value.rule) == (code, rule)


@given(st.binary(min_size=2, max_size=4))
def test_bytes_are_read_in_hex_of_any_case(value: bytes) -> None:
    kind = Hex(2, 4)
    assert kind.read(kind.write(value)) == kind.read(value.hex()) == value


@given(st.text(st.sampled_from("ab*\\ %"), min_size=1, max_size=8))
def test_a_name_is_the_only_one_that_fits_it_exactly(name: str) -> None:
    assert pieces(exactly(name)) == [name]
    assert Pattern(99).read(exactly(name)) == exactly(name)


@pytest.mark.parametrize(
    ("pattern", "between"),
    [("a*b", ["a", "b"]), ("*", ["", ""]), ("a\\*b", ["a*b"]), ("a\\b", ["a\\b"]), ("a\\\\*", ["a\\", ""])],
)
def test_a_star_parts_a_pattern(pattern: str, between: list[str]) -> None:
    assert pieces(pattern) == between


@given(st.none() | st.integers(0, 99), st.none() | st.integers(0, 99))
def test_a_range_is_read_as_it_was_written(first: int | None, last: int | None) -> None:
    if (first is None and last is None) or (first is not None and last is not None and first > last):
        return
    assert Range(0, 99).read(Range(0, 99).write(Span(first, last))) == Span(first, last)


times = st.integers(-62_135_596_800_000, 253_402_300_799_999)


@given(times)
def test_a_time_is_read_as_it_was_written(at: int) -> None:
    assert Moment().read(Moment().write(at)) == at


@given(st.none() | times, st.none() | times)
def test_a_period_is_read_as_it_was_written(first: int | None, end: int | None) -> None:
    if (first is None and end is None) or (first is not None and end is not None and first >= end):
        return
    assert Times().read(Times().write(Period(first, end))) == Period(first, end)


def test_a_day_is_its_beginning_and_as_a_period_all_of_it() -> None:
    last = Times().read("9999-12-31")  # after which no moment can be written
    assert Times().write(last) == "9999-12-31"
    first = Moment().read("2026-10-01")
    assert first == Moment().read("2026-10-01T00:00") == Moment().read("2026-10-01T00:00:00.000Z")
    assert Times().read("2026-10-01") == Period(first, first + DAY)
    assert Moment().write(first + 1) == "2026-10-01T00:00:00.001Z"
