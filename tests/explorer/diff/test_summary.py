"""A difference in short: it gives back the changes, and holds no text."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from explorer.diff.summary import MOST_SPOTS, Spot, Summary, summary
from explorer.diff.texts import Kind, compared

WORDS = st.lists(st.sampled_from(["a", "b", "c", "no", ",", "三", "\n"]), max_size=30).map(" ".join)


def of(a: str, b: str) -> Summary:
    return summary(compared(a, b))


def test_it_counts_the_words_that_are_gone_of_those_there_were() -> None:
    found = of("three could explain it.", "five could explain it.")
    assert (found.gone, found.come, found.words, found.changes) == (1, 1, 4, 1)
    assert found.spots == [Spot(0, 5, 0, 4)]


def test_words_that_are_put_in_leave_none_gone() -> None:
    found = of("it does work", "it does not work")
    assert (found.gone, found.come, found.words) == (0, 1, 3)
    (spot,) = found.spots
    assert spot.a == spot.a_end


def test_signs_alone_change_no_word() -> None:
    found = of("yes, sir", "yes; sir")
    assert (found.gone, found.come, found.words, found.changes) == (0, 0, 2, 1)


def test_it_tells_a_few_changes_and_counts_the_others() -> None:
    many = " same words here ".join("abcdefgh")
    found = of(many, many.upper().replace("SAME WORDS HERE", "same words here"))
    assert len(found.spots) == MOST_SPOTS
    assert found.changes == 8


def test_other_words_are_mostly_different_and_one_word_is_not() -> None:
    assert of("one two three four", "five six seven four eight").changes == 1
    assert of("a x b y c z d", "1 x 2 y 3 z 4").is_mostly_different or of("a b", "c d").changes == 1
    assert not of("yes", "no").is_mostly_different


@given(WORDS, WORDS)
def test_its_offsets_cut_the_changes_out_of_the_texts(a: str, b: str) -> None:
    found = compared(a, b)
    changed = [(each.a, each.b) for each in found.operations if each.kind is not Kind.EQUAL]
    short = summary(found)
    assert [(a[each.a : each.a_end], b[each.b : each.b_end]) for each in short.spots] == changed[:MOST_SPOTS]
    assert short.gone <= short.words
    assert (short.changes == 0) is (a == b)


@given(WORDS, WORDS)
def test_it_holds_numbers_alone(a: str, b: str) -> None:
    def values(found: object) -> list[object]:
        if dataclasses.is_dataclass(found):
            return [
                inner for each in dataclasses.fields(found) for inner in values(getattr(found, each.name))
            ]
        if isinstance(found, list):
            return [inner for each in found for inner in values(each)]
        return [found]

    assert all(isinstance(each, int) for each in values(of(a, b)))
