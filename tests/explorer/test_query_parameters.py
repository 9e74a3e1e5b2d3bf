"""Parameters of a query: read, or refused by name."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from explorer.queries.db.errors import BadQuestion
from explorer.queries.records.records import Status
from explorer.query_parameters import LARGEST, OF_LISTS, PAGE, STATUSES, Asked, BadParameters, Fault


def asked(query: str, *known: str) -> Asked:
    return Asked(QueryDict(query), known=known)


def faults(found: Asked) -> list[Fault]:
    with pytest.raises(BadParameters) as caught:
        found.check()
    assert isinstance(caught.value, BadQuestion)
    assert str(caught.value) == " ".join(each.why for each in caught.value.faults)
    return list(caught.value.faults)


def test_what_is_given_is_read() -> None:
    found = asked("before=7&order=oldest", "before", "after", "order")
    assert (found.number("before"), found.number("after")) == (7, None)
    assert found.choice("order", {"newest": False, "oldest": True}) is True
    found.one_of("before", "after")
    found.check()


def test_what_a_word_stands_for_may_be_false() -> None:
    assert asked("kind=all", "kind").choice("kind", {"all": False}) is False


def test_height_0_is_a_number() -> None:
    assert asked("before=0", "before").number("before") == 0


def test_the_largest_number_is_that_of_the_database() -> None:
    assert asked(f"before={LARGEST}", "before").number("before") == LARGEST
    found = asked(f"before={LARGEST + 1}", "before")
    assert found.number("before") is None
    assert [each.code for each in faults(found)] == ["out-of-range"]


@pytest.mark.parametrize("value", ["", "-1", "+1", "1.0", "1e3", "0x1", "٣", "1_0", " 1", "1%0A", "NaN"])
def test_only_digits_are_a_number(value: str) -> None:
    found = asked(f"before={value.replace('+', '%2B')}", "before")
    assert found.number("before") is None
    assert [each.code for each in faults(found)] == ["not-a-number"]


def test_a_number_of_any_length_is_refused_in_a_short_sentence() -> None:
    found = asked(f"before={'9' * 100_000}", "before")
    assert found.number("before") is None
    (fault,) = faults(found)
    assert len(fault.why) < 300


def test_an_unknown_parameter_is_told_which_there_are() -> None:
    (fault,) = faults(asked("stauts=live", "status", "limit"))
    assert (fault.parameter, fault.code) == ("stauts", "unknown")
    assert fault.why == "There is no parameter “stauts”. Did you mean status? There are: limit, status."


def test_an_address_without_parameters_says_so() -> None:
    (fault,) = faults(asked("x=1"))
    assert fault.why == "There is no parameter “x”. This address takes none."


def test_a_parameter_that_is_given_twice_is_refused() -> None:
    (fault,) = faults(asked("limit=1&limit=1", "limit"))
    assert (fault.parameter, fault.code) == ("limit", "repeated")


def test_a_word_that_is_no_choice_is_told_which_are() -> None:
    found = asked("order=up", "order")
    assert found.choice("order", {"oldest": 1, "newest": 2}) is None
    assert [each.why for each in faults(found)] == ["order is one of newest, oldest, not “up”."]


def test_what_excludes_another_is_refused_with_it() -> None:
    found = asked("before=1&after=2", "before", "after")
    found.one_of("before", "after")
    assert [(each.parameter, each.code) for each in faults(found)] == [("after", "not-together")]


def test_a_part_of_a_list_is_from_the_newest_unless_asked_otherwise() -> None:
    part = asked("", *OF_LISTS).part()
    assert (part.before, part.after, part.limit, part.oldest_first) == (None, None, PAGE, False)
    part = asked("after=7&limit=3&order=oldest", *OF_LISTS).part()
    assert (part.before, part.after, part.limit, part.oldest_first) == (None, 7, 3, True)


def test_a_part_that_cannot_be_meant_is_told_with_all_that_is_at_fault() -> None:
    with pytest.raises(BadParameters) as caught:
        asked("before=1&after=2&limit=101&order=up", *OF_LISTS).part()
    assert {each.parameter for each in caught.value.faults} == {"after", "limit", "order"}


def test_any_status_is_none_in_particular() -> None:
    assert asked("status=any", "status").choice("status", STATUSES) is None
    assert asked("status=live", "status").choice("status", STATUSES) is Status.LIVE


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5))
def test_nothing_unknown_is_ignored(query: dict[str, str]) -> None:
    asked_for = QueryDict(mutable=True)
    asked_for.update(query)
    found = Asked(asked_for, known=("limit",))
    if set(query) - {"limit"}:
        assert {each.code for each in faults(found)} == {"unknown"}
    else:
        found.check()
