"""How alike two texts are: several measures, each with its name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.diff import likeness as measures
from explorer.diff.likeness import likeness

_PLAIN = " ".join(f"word{each}" for each in range(237))
_NEGATED = _PLAIN.replace("word140 ", "word140 not ").replace("word180 ", "word180 not ")


@given(st.text(max_size=80), st.text(max_size=80))
def test_every_measure_is_the_same_both_ways(a: str, b: str) -> None:
    one, other = likeness(a, b), likeness(b, a)
    assert replace(one, words=one.words[::-1], normalised=()) == replace(other, normalised=())
    assert set(one.normalised) == set(other.normalised)


@given(st.text(max_size=80))
def test_a_text_is_altogether_like_itself(text: str) -> None:
    found = likeness(text, text)
    assert found.is_exact
    assert (found.word_match, found.jaccard, found.length_ratio) == (1, 1, 1)


def test_two_negations_are_hardly_seen_by_any_measure() -> None:
    found = likeness(_PLAIN, _NEGATED)
    assert found.common_words == 141
    assert round(found.word_match or 0, 3) == 0.996
    assert round(found.jaccard or 0, 3) == 0.926
    assert not found.is_exact


@pytest.mark.parametrize(
    ("a", "b", "names"),
    [
        ("one\r\ntwo", "one\ntwo", ["ends of lines"]),
        ("one  two", "one two", ["runs of white space"]),
        (" one ", "one", ["white space at the ends"]),
        ("e\u0301t\u00e9", "\u00e9t\u00e9", ["Unicode composition"]),
    ],
)
def test_what_normalising_changed_is_named(a: str, b: str, names: list[str]) -> None:
    found = likeness(a, b)
    assert not found.is_exact
    assert found.is_normalised
    assert found.normalised == names


def test_too_many_words_are_not_measured_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "MOST_WORDS", 2)
    assert likeness("a b c", "a b d").word_match is None
    assert likeness("a b c", "a b d").jaccard is not None
    monkeypatch.setattr(measures, "MOST_COUNTED", 2)
    found = likeness("a b c", "a b d")
    assert (found.word_match, found.jaccard, found.common_words) == (None, None, None)
    assert found.length_ratio == 1
