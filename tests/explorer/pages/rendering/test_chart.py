"""Bars by day."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.pages.rendering.chart import BOTTOM, LEAST, TOP, WIDTH, Chart, chart_of
from explorer.queries.groups.days import Day

DAYS = st.lists(st.tuples(*[st.integers(0, 10**9)] * 3), min_size=1, max_size=30)


def days(*numbers: tuple[int, int, int]) -> Sequence[Day]:
    return [Day(date(2026, 1, 1) + timedelta(days=ago), *each) for ago, each in enumerate(numbers)]


def drawn(*numbers: tuple[int, int, int]) -> Chart:
    found = chart_of(days(*numbers))
    assert found is not None
    return found


def heights(path: str) -> list[float]:
    return [float(each) for each in re.findall(r"v([\d.]+)h", path)]


def test_where_nothing_happened_there_is_none() -> None:
    assert chart_of(days((0, 0, 0), (0, 0, 0))) is None
    assert chart_of(()) is None


def test_what_was_changed_is_drawn_to_the_scale_of_what_was_written() -> None:
    found = drawn((200, 0, 0), (0, 60, 40), (100, 0, 1))
    (most, half), (same, least) = heights(found.written), heights(found.changed)
    assert half == pytest.approx(most / 2, abs=0.1)
    assert same == pytest.approx(half, abs=0.1)
    assert least == LEAST
    assert [line.number for line in found.lines] == [100, 200, 100]


@pytest.mark.parametrize(
    ("numbers", "lines"),
    [
        ((1, 0, 0), [1]),
        ((225, 7, 104), [200, 400]),
        ((0, 3, 0), [2]),
        ((1, 0, 1_000), [500, 500, 1_000]),
    ],
)
def test_lines_have_whole_numbers(numbers: tuple[int, int, int], lines: list[int]) -> None:
    assert [line.number for line in drawn(numbers).lines] == lines


@pytest.mark.parametrize(
    ("most", "labels"),
    [
        (1, ["1"]),
        (3_900, ["2,000", "4,000"]),
        (15_000, ["10\N{NO-BREAK SPACE}k", "20\N{NO-BREAK SPACE}k"]),
        (620_000, ["500\N{NO-BREAK SPACE}k", "1\N{NO-BREAK SPACE}M"]),
        (10**9, ["500\N{NO-BREAK SPACE}M", "1000\N{NO-BREAK SPACE}M"]),
    ],
)
def test_numbers_have_room_beside_the_axis(most: int, labels: list[str]) -> None:
    assert [line.label for line in drawn((most, 0, 0), (1, 0, 0)).lines] == labels


def test_it_says_what_there_was_in_all_and_the_most_on_one_day() -> None:
    found = drawn((5, 1, 0), (0, 2, 2), (1, 0, 3))
    assert (found.total, found.total_changed) == (6, 8)
    assert (found.most_changed.day, found.most_changed.changed) == (date(2026, 1, 2), 4)
    assert (found.first, found.last) == (date(2026, 1, 1), date(2026, 1, 3))


@given(DAYS)
def test_all_of_it_stays_within_the_picture(numbers: list[tuple[int, int, int]]) -> None:
    found = chart_of(days(*numbers))
    if found is None:
        return
    assert all(found.base - height >= TOP - 1 for height in heights(found.written))
    assert all(found.base + height <= BOTTOM + 1 for height in heights(found.changed))
    assert all(TOP - 1 <= line.y <= BOTTOM + 1 for line in found.lines)
    ys = sorted([found.base, *(line.y for line in found.lines)])
    assert all(lower - upper > 12 for upper, lower in pairwise(ys))
    for x in re.findall(r"M([\d.]+) ", found.written + found.changed):
        assert float(x) < WIDTH


def test_days_on_which_something_was_seen_first_are_marked_but_for_the_very_first() -> None:
    of = days((5, 0, 0), (5, 0, 0), (5, 0, 0))
    first, second, third = (each.day for each in of)
    found = chart_of(of, seen_first=[first, third, third])
    assert found is not None
    assert [(each.day, each.count) for each in found.marked] == [(third, 2)]
    assert found.marks.count("M") == 1
    before = chart_of(of, seen_first=[first - timedelta(days=90), second])
    assert before is not None
    assert [each.day for each in before.marked] == [second]
    assert drawn((5, 0, 0)).marks == ""
