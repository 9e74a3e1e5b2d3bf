"""Runs of five words: what two texts have in common, and by what texts that are much alike are found."""

import random

import pytest

from indexer.words import grams

WORDS = [f"{syllable}{at}" for at in range(300) for syllable in ("ka", "lo")]


def text(chance: random.Random, length: int) -> list[str]:
    return [chance.choice(WORDS) for _ in range(length)]


def measured(one: str, other: str) -> float:
    return grams.jaccard(*(grams.grams(grams.words_of(each)) for each in (one, other)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a b c d e f", "a b c d e f", 1.0),
        ("a b c d e f", "a b c d e g", 1 / 3),
        ("a, b; c - d\ne  f", "a b c d e f", 1.0),
        ("a b", "a b", 1.0),
        ("a b", "a b c d e", 0.0),
        ("", "...", 1.0),
        ("", "a", 0.0),
        ("区块一个接一个", "区块一个接一块", 0.5),
    ],
)
def test_what_is_measured_are_runs_of_words_in_both_of_those_in_either(
    one: str, other: str, expected: float
) -> None:
    assert measured(one, other) == pytest.approx(expected)
    assert measured(other, one) == measured(one, other)


@pytest.mark.parametrize("length", [35, 300])
@pytest.mark.parametrize("mark", ["", " é", "。"])
def test_texts_that_are_much_alike_nearly_always_share_a_band_and_others_do_not(
    length: int, mark: str
) -> None:
    chance, found = random.Random(5), []
    for _ in range(200):
        words = text(chance, length)
        other = [*words[: -length // 12], *text(chance, length // 12)]
        one, changed = (mark.join(["", " ".join(each), ""]) for each in (words, other))
        assert measured(one, changed) >= 0.8
        found.append(bool(set(grams.bands(one)) & set(grams.bands(changed))))
        assert not set(grams.bands(one)) & set(grams.bands(" ".join(text(chance, length))))
    assert sum(found) >= 190


@pytest.mark.parametrize(
    "said", ["", " \n", "。", "¿?", "a", "\ud800 b \udfff", "é" * 60_000, "x " * 20_000, "漢" * 500]
)
def test_any_text_has_the_same_bands_each_time_and_all_of_64_bits(said: str) -> None:
    bands = grams.bands(said)
    assert bands == grams.bands(said)
    assert len(bands) in (0, 3)
    assert all(-(2**63) <= each < 2**63 for each in bands)
