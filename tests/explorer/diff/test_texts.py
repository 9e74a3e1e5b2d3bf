"""Two texts compared: the operations lead from one to the other, and the same both ways."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from explorer.diff import cleaning, matching
from explorer.diff.effort import Effort, TookTooLong
from explorer.diff.texts import Difference, Kind, Operation, compared

_SCIENTIST, _MAN = "\U0001f469\u200d\U0001f52c", "\U0001f468\u200d\U0001f52c"
_TODAY, _VERY, _NOT = "\u4eca\u5929\u5929\u6c14", "\u5f88", "\u4e0d"
_THIS_DAY, _THAI_NOT, _GOOD = "\u0e27\u0e31\u0e19\u0e19\u0e35\u0e49", "\u0e44\u0e21\u0e48", "\u0e14\u0e35"
_WORDS = [
    *("the", "lamp", "turns", "once", "a", "Three", "five", " ", " ", "  ", "\n", "\r\n", ".", ","),
    *(
        _TODAY,
        "\u0e01\u0e34",
        "e\u0301",
        _SCIENTIST,
        "\ufffd",
        "<script>",
        "\u202e",
        "\u0645\u0631\u062d",
        "\x00",
    ),
]
a_text = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_WORDS), max_size=60).map("".join))


def joined(found: Difference) -> tuple[str, str]:
    return "".join(each.a for each in found.operations), "".join(each.b for each in found.operations)


@settings(max_examples=300)
@given(a_text, a_text, st.booleans())
@example("", "", False)
@example("a", "", False)
def test_the_operations_lead_from_one_text_to_the_other_and_back(a: str, b: str, by_line: bool) -> None:
    found = compared(a, b, by_line=by_line)
    assert joined(found) == (a, b)
    for each in found.operations:
        assert (each.a == each.b) is (each.kind is Kind.EQUAL)
        assert (bool(each.a), bool(each.b)) == (each.kind is not Kind.INSERT, each.kind is not Kind.DELETE)
    assert all(
        (one.kind is Kind.EQUAL) is not (other.kind is Kind.EQUAL)
        for one, other in pairwise(found.operations)
    )


@settings(max_examples=300)
@given(a_text, a_text, st.booleans())
def test_the_other_way_round_it_is_the_same_mirrored(a: str, b: str, by_line: bool) -> None:
    found, other = compared(a, b, by_line=by_line), compared(b, a, by_line=by_line)
    assert [(each.a, each.b) for each in found.operations] == [(each.b, each.a) for each in other.operations]
    assert (found.is_identical, found.first_divergence, found.first_word, found.changes) == (
        other.is_identical, other.first_divergence, other.first_word, other.changes,
    )  # fmt: skip
    assert compared(a, b, by_line=by_line) == found


@given(a_text, a_text)
def test_the_first_divergence_is_where_the_texts_part(a: str, b: str) -> None:
    found = compared(a, b)
    assert found.is_identical is (a == b)
    if found.first_divergence is not None:
        at = found.first_divergence
        assert a[:at] == b[:at]
        assert a[at : at + 1] != b[at : at + 1]


def are_equal_and_in_order(found: Sequence[matching.Run], a: Sequence[int], b: Sequence[int]) -> None:
    for run in found:
        assert a[run.a : run.a + run.size] == b[run.b : run.b + run.size]
    for one, other in pairwise(found):
        assert one.a + one.size <= other.a
        assert one.b + one.size <= other.b


@settings(max_examples=200)
@given(st.lists(st.integers(0, 8), max_size=40), st.lists(st.integers(3, 11), max_size=40))
@example([0, 1, 0, 2, 0, 3], [1, 7, 2, 8, 3, 9])
def test_a_table_that_is_halved_and_what_is_on_one_side_alone_left_out_finds_as_much(
    a: Sequence[int], b: Sequence[int]
) -> None:
    whole = sum(each.size for each in matching.matches(a, b, Effort()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_TABLE", 8)
        found = matching.matches(a, b, Effort())
    assert sum(each.size for each in found) == whole
    are_equal_and_in_order(found, a, b)


@settings(max_examples=200)
@given(st.lists(st.integers(0, 9), max_size=40), st.lists(st.integers(0, 9), max_size=40))
def test_what_is_anchored_is_equal_and_in_order(a: Sequence[int], b: Sequence[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_MOST_CELLS", 20)
        found = matching.matches(a, b, Effort())
    are_equal_and_in_order(found, a, b)


@settings(max_examples=200)
@given(a_text, a_text)
def test_what_is_cleaned_in_stretches_is_still_the_same_texts(a: str, b: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaning, "_STRETCH", 4)
        assert joined(compared(a, b)) == (a, b)


def changed(a: str, b: str) -> list[tuple[str, str]]:
    return [(each.a, each.b) for each in compared(a, b).operations if each.kind is not Kind.EQUAL]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("one, two, three", "one, two, five", [("three", "five")]),
        ("It cost 3.14 then", "It cost 3.15 then", [("3.14", "3.15")]),
        ("I don't know", "I do know", [("don't", "do")]),
        ("the primarily good", "the primary good", [("primarily", "primary")]),
        (f"{_TODAY}{_VERY}.", f"{_TODAY}{_NOT}.", [(_VERY, _NOT)]),
        (f"{_THIS_DAY}{_GOOD}", f"{_THIS_DAY}{_THAI_NOT}{_GOOD}", [("", _THAI_NOT)]),
        ("x = 1\ny = 2\nz = 3\n", "x = 1\nz = 3\n", [("y = 2\n", "")]),
        (f"so {_SCIENTIST} went", f"so {_MAN} went", [(_SCIENTIST, _MAN)]),
        ("a na\u0308ive b", "a naive b", [("na\u0308ive", "naive")]),
    ],
)
def test_words_are_whole_and_scripts_without_spaces_go_by_character(
    a: str, b: str, expected: list[tuple[str, str]]
) -> None:
    assert changed(a, b) == expected


def test_a_text_that_is_another_one_is_one_change() -> None:
    a = " ".join(f"x{each}" for each in range(200))
    b = " ".join(f"y{each}" for each in range(200))
    assert changed(a, b) == [(a, b)]


def test_words_are_counted_that_are_whole_in_both() -> None:
    assert compared("one two three", "one two threefold").first_word == 2
    assert compared("one two three", "one two three four").first_word == 3
    assert compared("one two, three", "one two; three").first_word == 2


def test_more_tokens_than_a_side_may_have_are_compared_by_line() -> None:
    a = "".join(f"line {each}\n" for each in range(6_000))
    found = compared(a, a.replace("line 77\n", "line 78\n"))
    assert not compared(a[:1_000], a[:999]).is_line_diff
    assert found.is_line_diff
    assert [each for each in found.operations if each.kind is not Kind.EQUAL] == [
        Operation(Kind.REPLACE, "line 77\n", "line 78\n")
    ]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("a" * 1_000_000, "a" * 999_999),
        (" ".join(f"x{each}" for each in range(10_000)), " ".join(f"y{each}" for each in range(10_000))),
        ("a\n" * 300_000, "b\n" * 300_000 + "a\n"),
        ("! ? " * 4_900, "? ; ! " * 3_300),
    ],
    ids=["one letter", "nothing in common", "many lines", "signs"],
)
def test_what_nobody_would_compare_has_an_answer(a: str, b: str) -> None:
    assert joined(compared(a, b)) == (a, b)


def test_the_work_grows_with_the_text_and_not_with_its_square() -> None:
    looked: list[int] = []

    class Counting(Effort):
        def go_on(self) -> None:
            looked.append(1)

    def looks(count: int) -> int:
        looked.clear()
        compared(
            "".join(f"{each} a\n" for each in range(count)),
            "".join(f"{each} b\n" for each in range(count)),
            effort=Counting(),
        )
        return len(looked)

    assert looks(16_000) <= 10 * looks(4_000)  # a square would be 16 times


def test_whoever_has_no_time_left_hears_so() -> None:
    clock = iter(range(100))
    effort = Effort.within(3, clock=lambda: float(next(clock)))
    a, b = ("".join(f"{each} {side}{each % 7}\n" for each in range(4_000)) for side in "xy")
    with pytest.raises(TookTooLong):
        compared(a, b, effort=effort)
