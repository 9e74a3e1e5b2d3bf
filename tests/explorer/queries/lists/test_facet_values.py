"""Which values of what records have in common are told, in which order, and what choosing one asks for."""

from dataclasses import replace
from datetime import date

import pytest

from explorer.queries.db.kinds import DAY, Moment, Times
from explorer.queries.lists.facets import Of, choosing, facets, without
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.states import Status
from tests.explorer.shown import index_made
from tests.indexer.made import MadeChain, add

pytestmark = pytest.mark.django_db


def test_the_commonest_come_first_ties_by_name_and_the_chosen_one_wherever_it_stands() -> None:
    made = MadeChain()
    for number in range(14):
        made.block(*(add(model=f"m{number:02}", seed=each) for each in range(3 if number == 13 else 1)))
    chain = index_made(made)
    (models,) = (each for each in facets([chain], RecordFilter()) if each.of is Of.MODEL)
    assert [each.what for each in models.values] == ["m13", *(f"m{each:02}" for each in range(9))]
    assert models.has_more
    (models,) = (each for each in facets([chain], RecordFilter(model="m12")) if each.of is Of.MODEL)
    assert [each.what for each in models.values] == ["m13", *(f"m{each:02}" for each in range(8)), "m12"]
    assert [each.what for each in models.values if each.is_chosen] == ["m12"]


def test_a_chosen_day_is_told_however_old_it_is() -> None:
    made = MadeChain()
    begin = Moment().read("2026-01-01")
    for number in range(15):
        made.block(add(), at=begin + number * DAY)
    chain = index_made(made)
    wanted = RecordFilter(since=begin, until=begin + DAY)
    for each in (wanted, replace(wanted, status=Status.LIVE)):
        days = facets([chain], each)[-1]
        assert len(days.values) == 11
        assert (days.values[-1].what, days.values[-1].is_chosen) == (date(2026, 1, 1), True)
        assert days.has_more


def test_times_that_no_calendar_has_are_the_nearest_day() -> None:
    made = MadeChain()
    for at in (-(2**62), 0, 2**62):
        made.block(add(), at=at)
    chain = index_made(made)
    for wanted in (RecordFilter(), RecordFilter(seed=1)):
        days = facets([chain], wanted)[-1]
        assert [each.what for each in days.values] == [date.max, date(1970, 1, 1), date.min]
        assert choosing(wanted, Of.DAY, date.max) is None


def test_a_time_that_is_no_day_and_a_pattern_stay_in_force() -> None:
    period = Times().read("2026-10-01..2026-10-03")
    wanted = RecordFilter(since=period.first, until=period.end, model="gpt*")
    assert without(wanted, Of.DAY) == without(wanted, Of.MODEL) == wanted
