"""Between which shares the true one may lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.pages.rendering.interval import wilson
from explorer.pages.rendering.tags import interval


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [  # as R's prop.test(part, whole, correct = FALSE) has it
        (94, 100, 0.8752, 0.9722),
        (1, 10, 0.0179, 0.4042),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_it_is_that_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.0001)


@given(st.integers(1, 10**12), st.data())
def test_the_share_lies_within_it_and_more_records_make_it_narrower(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found, more = wilson(part, whole), wilson(100 * part, 100 * whole)
    assert found is not None
    assert more is not None
    assert 0 <= found.low <= found.share <= found.high <= 1
    assert more.high - more.low <= found.high - found.low
    assert 0 <= found.ends[0] <= found.bar <= found.ends[1] <= 120


def test_of_nothing_there_is_none() -> None:
    assert wilson(0, 0) is None
    assert wilson(2, 1) is None
    assert wilson(-1, 1) is None
    assert interval(0, 0) == ""


def test_it_reads_as_words() -> None:
    assert interval(94, 100) == "87.5 to 97.2\xa0%"
    assert interval(10, 10) == "72.2 to 100\xa0%"
    assert interval(0, 10) == "0 to 27.8\xa0%"
