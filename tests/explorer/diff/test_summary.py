"""A difference in short: it gives back the changes, and holds no text."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.diff.summary import MOST_SPOTS, Spot, Summary, summary
from explorer.diff.texts import Kind, compared
from indexer.words.tokens import count_words

SAID = st.lists(
    st.sampled_from(
        ["a", "b", "c", "no", " ", "  ", "\n", ",", "“", "\u2019", "三", "e\u0301", "don't", "3.14"]
    ),
    max_size=40,
).map("".join)
WORDS = st.lists(st.sampled_from(["a", "b", "c", "no", ",", "三", "\n"]), max_size=30).map(" ".join)


def of(a: str, b: str) -> Summary:
    return summary(a, b)


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
    short = of(a, b)
    assert [(a[each.a : each.a_end], b[each.b : each.b_end]) for each in short.spots] == changed[:MOST_SPOTS]
    assert short.gone <= short.words
    assert (short.changes == 0) is (a == b)


@settings(max_examples=300)
@given(SAID, SAID)
def test_its_numbers_are_those_of_the_comparison_told_in_full(a: str, b: str) -> None:
    found, short = compared(a, b), of(a, b)
    changed = [each for each in found.operations if each.kind is not Kind.EQUAL]
    assert (short.changes, short.is_line_diff) == (found.changes, found.is_line_diff)
    assert short.words == sum(count_words(each.a) for each in found.operations)
    assert short.gone == sum(count_words(each.a) for each in changed)
    assert short.come == sum(count_words(each.b) for each in changed)


def test_of_more_tokens_than_words_are_compared_of_all_words_of_a_changed_line_count() -> None:
    a = "".join(f"line {each} of many\n" for each in range(6_000))
    found = of(a, a.replace("line 77 of", "line 78 of"))
    assert (found.is_line_diff, found.changes, found.gone, found.words) == (True, 1, 4, 24_000)


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
