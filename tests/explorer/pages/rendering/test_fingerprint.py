"""A hash as sixteen bars."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.pages.rendering.fingerprint import bars

# As the house style draws them.
DRAWN = {
    "DD76B3DC16057938F48591F23A6E50AF479EDEFD7A8F5F3960553930F024C93E": (
        "M1 3v10M4 0v13M7 5v11M10 7v2M13 5v11M16 3v10M19 7v4M22 7v2M25 3v8M28 0v9M31 3v10M34 0v9M37 0v13"
        "M40 5v8M43 3v10M46 3v6"
    ),
    "9DBBE905395847351BA4507830FAFEF51E8678B457D5F880B9237637DEEDB505": (
        "M1 3v6M4 7v9M7 3v6M10 3v6M13 5v11M16 3v13M19 3v13M22 3v8M25 3v6M28 3v8M31 7v4M34 5v11M37 0v16"
        "M40 7v4M43 5v8M46 0v9"
    ),
    # A key: the fingerprint is of its last 32 bytes.
    "0200A79D082680F0D50E1EAFF08A4C058A0E61ADC4E0F8B9EE80884011257AC4D8": (
        "M1 7v9M4 0v11M7 7v2M10 0v16M13 0v11M16 5v8M19 5v8M22 7v6M25 3v13M28 3v8M31 0v16M34 0v9M37 3v13"
        "M40 7v4M43 0v9M46 5v4"
    ),
}


@pytest.mark.parametrize("digits", DRAWN)
def test_it_is_drawn_as_the_house_style_draws_it(digits: str) -> None:
    assert bars(bytes.fromhex(digits)) == DRAWN[digits]


@given(st.binary(max_size=70))
def test_whatever_the_length_it_is_sixteen_bars_within_the_box(value: bytes) -> None:
    drawn = [tuple(map(int, each)) for each in re.findall(r"M(\d+) (\d+)v(\d+)", bars(value))]
    assert [x for x, _, _ in drawn] == list(range(1, 48, 3))
    assert all(0 <= top < 8 < top + height <= 16 for _, top, height in drawn)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=8))
def test_what_stands_before_the_last_32_bytes_does_not_matter(value: bytes, before: bytes) -> None:
    assert bars(before + value) == bars(value)
