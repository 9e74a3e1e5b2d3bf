"""The variable parts of addresses."""

import pytest

from explorer.api import addresses
from explorer.queries.db.errors import NotHere


def test_rids_are_written_in_upper_case_and_numbers_without_leading_zeros() -> None:
    assert addresses.canonical("ab" * 32) == "AB" * 32
    assert addresses.canonical("007") == "7"
    assert addresses.canonical("000") == "0"
    assert addresses.canonical("1" * 64) == "1" * 64


@pytest.mark.parametrize("part", ["", "x", "AB" * 31, "AB" * 33, "-1", "0x1", "٣", "bad-parameter", "\x00"])
def test_what_is_neither_is_left_as_it_is(part: str) -> None:
    assert addresses.canonical(part) == part


def test_a_rid_is_32_bytes() -> None:
    assert addresses.rid("0f" * 32, of="chain") == b"\x0f" * 32
    with pytest.raises(NotHere, match="A chain is named by its RID"):
        addresses.rid("0f" * 31, of="chain")


def test_a_number_is_of_19_digits_at_most() -> None:
    assert addresses.number("0", of="height") == 0
    assert addresses.number("9" * 19, of="height") == 10**19 - 1
    for part in ("9" * 20, "", "+1", "1 ", "1\n", "1.0", "٣"):
        with pytest.raises(NotHere, match="A height is a whole number"):
            addresses.number(part, of="height")


def test_what_is_both_hex_and_digits_is_a_rid() -> None:
    assert addresses.height_or_rid("1" * 64) == b"\x11" * 32
    assert addresses.height_or_rid("11") == 11


def test_a_message_shows_the_beginning_of_what_was_asked() -> None:
    with pytest.raises(NotHere) as caught:
        addresses.rid("é" * 5_000, of="chain")
    assert len(str(caught.value)) < 200
