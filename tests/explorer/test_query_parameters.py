"""Parameters of a query: read, or refused by name."""

from dataclasses import dataclass, field

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.filters import Filter, declared
from explorer.queries.db.kinds import LARGEST, Choice, Number, Pattern, Words
from explorer.queries.db.pagination import PAGE, Cursor, PageRequest
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.states import Status
from explorer.query_parameters import BadParameters, Fault, QueryParameters, parameters_of, query_of, tidied

OF_RECORDS = parameters_of(RecordFilter)


@dataclass(frozen=True, slots=True)
class Typed(Filter):
    seed: int | None = field(default=None, metadata=declared(Number(-9), label="Seed", about="The seed."))
    name: str | None = field(default=None, metadata=declared(Words(9), label="Name", about="Its name."))
    kind: int | None = field(
        default=None, metadata=declared(Choice({"all": None, "one": 1}), label="Kind", about="Which.")
    )
    exact: str | None = field(
        default=None, metadata=declared(Pattern(9), label="Exact", about="Letter for letter.")
    )


def asked(query: str, *known: str) -> QueryParameters:
    return QueryParameters(QueryDict(query), known=known)


def faults(found: QueryParameters) -> list[Fault]:
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


def test_a_page_of_a_list_is_of_the_newest_unless_asked_otherwise() -> None:
    assert asked("", *OF_RECORDS).page() == PageRequest(limit=PAGE)
    found = asked("after=7&limit=3&order=oldest", *OF_RECORDS).page(both_ways=False)
    assert found == PageRequest(after=7, limit=3, oldest_first=True, both_ways=False)


def test_a_page_that_cannot_be_meant_is_told_with_all_that_is_at_fault() -> None:
    with pytest.raises(BadParameters) as caught:
        asked("before=1&after=2&limit=101&order=up", *OF_RECORDS).page()
    assert {each.parameter for each in caught.value.faults} == {"after", "limit", "order"}


def test_a_list_of_one_chain_takes_no_cursor() -> None:
    with pytest.raises(BadParameters) as caught:
        asked("before=1&cursor=x", *OF_RECORDS).page()
    assert [(each.parameter, each.code) for each in caught.value.faults] == [("cursor", "unknown")]


def test_a_list_that_takes_a_cursor_goes_on_with_it() -> None:
    cursor = Cursor(b"8 bytes.", (3, -1, 2**63 - 1), is_downwards=True)
    found = asked(f"cursor={cursor}&limit=5", "cursor", "limit", "order").page()
    assert found == PageRequest(cursor=cursor, limit=5)
    with pytest.raises(BadParameters, match="all of it, not “gone”") as caught:
        asked("cursor=gone", "cursor", "limit", "order").page()
    assert [(each.parameter, each.code) for each in caught.value.faults] == [("cursor", "not-a-cursor")]


def test_another_page_keeps_all_else_that_is_asked_for() -> None:
    query = QueryDict("before=9&status=live&limit=5")
    assert query_of(query, PageRequest(after=12)) == "status=live&limit=5&after=12"
    cursor = Cursor(b"8 bytes.", (1, 2), is_downwards=False)
    assert query_of(QueryDict("cursor=x&a=1"), PageRequest(cursor=cursor)) == f"a=1&cursor={cursor}"


def test_a_filter_is_read_by_its_declaration() -> None:
    assert asked("status=any", *OF_RECORDS).filter(RecordFilter()) == RecordFilter()
    assert asked("status=live", *OF_RECORDS).filter(RecordFilter()) == RecordFilter(Status.LIVE)
    found = asked("status=gone", *OF_RECORDS)
    assert found.filter(RecordFilter()) == RecordFilter()
    assert [each.code for each in faults(found)] == ["not-a-choice"]


def test_what_is_empty_is_no_value_unless_a_form_sends_it() -> None:
    found = asked("seed=&kind=", "seed", "name", "kind")
    assert found.filter(Typed()) == Typed()
    assert {(each.parameter, each.code) for each in faults(found)} == {
        ("seed", "not-a-number"),
        ("kind", "not-a-choice"),
    }
    sent = tidied(QueryDict("seed=+-7+&name=&kind=&name=+a+&name=a&exact=++"), Typed)
    assert sent.urlencode() == "seed=-7&name=a&exact=++"


def test_what_is_not_given_is_as_the_list_has_it() -> None:
    filled, known = BlockFilter(BlockKind.WITH_TRANSACTIONS), parameters_of(BlockFilter)
    assert asked("", *known).filter(filled) == filled
    assert asked("kind=all", *known).filter(filled) == BlockFilter()


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5))
def test_nothing_unknown_is_ignored(query: dict[str, str]) -> None:
    asked_for = QueryDict(mutable=True)
    asked_for.update(query)
    found = QueryParameters(asked_for, known=("limit",))
    if set(query) - {"limit"}:
        assert {each.code for each in faults(found)} == {"unknown"}
    else:
        found.check()
