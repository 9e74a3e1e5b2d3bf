"""How alike two texts are: several measures, each by its name, and never one number for all of it.

One number ranks an answer with two negations put in above an honest one of another provider.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from explorer.diff.effort import UNHURRIED, Effort
from indexer.words import tokens
from indexer.words.grams import grams, jaccard

MOST_WORDS = 20_000
"""Words of a side up to which their order is compared."""

MOST_COUNTED = 50_000
"""Words of a side up to which runs of them are."""

_LINE_ENDS, _BLANKS = re.compile(r"\r\n|\r"), re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """``is_exact``: character for character. ``is_normalised``: after Unicode NFC, with ends of lines made
    one, runs of white space one space, and none at the ends; ``normalised`` names what that changed in either
    text. ``common_words``: whole words that agree from the beginning on. ``word_match``: twice the longest
    common subsequence of words, of all words of both. ``jaccard``: runs of five words that are in both, of
    those in either. ``length_ratio``: characters of the shorter, of those of the longer. ``words`` counts
    those of each side. What would be too many words is None; two empty texts have 1.
    """

    is_exact: bool
    is_normalised: bool
    normalised: Sequence[str]
    common_words: int | None
    words: tuple[int | None, int | None]
    word_match: float | None
    jaccard: float | None
    length_ratio: float


def likeness(a: str, b: str, *, effort: Effort = UNHURRIED) -> Likeness:
    """Every measure of two texts. Raises ``TookTooLong``."""
    one, other = (tokens.words(each, most=MOST_COUNTED) for each in (a, b))
    effort.go_on()
    (first, changed), (second, changed_too) = normalised(a), normalised(b)
    both = (one, other) if one is not None and other is not None else None
    return Likeness(
        is_exact=a == b,
        is_normalised=first == second,
        normalised=list(dict.fromkeys([*changed, *changed_too])),
        common_words=_common(*both) if both else None,
        words=(None if one is None else len(one), None if other is None else len(other)),
        word_match=_word_match(*both) if both else None,
        jaccard=jaccard(grams(both[0]), grams(both[1])) if both else None,
        length_ratio=_ratio(min(len(a), len(b)), max(len(a), len(b))),
    )


def normalised(text: str) -> tuple[str, Sequence[str]]:
    """The text after each step, and the names of those that changed it."""
    steps = (
        ("Unicode composition", lambda each: unicodedata.normalize("NFC", each)),
        ("ends of lines", lambda each: _LINE_ENDS.sub("\n", each)),
        ("runs of white space", lambda each: _BLANKS.sub(_folded, each)),
        ("white space at the ends", str.strip),
    )
    changed = []
    for name, step in steps:
        after = step(text)
        if after != text:
            changed.append(name)
        text = after
    return text, changed


def _folded(run: re.Match[str]) -> str:
    """A run of white space as the end of a line, where it holds one, else as one space."""
    return "\n" if "\n" in run[0] else " "


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def _word_match(one: Sequence[str], other: Sequence[str]) -> float | None:
    if max(len(one), len(other)) > MOST_WORDS:
        return None
    both = set(one) & set(other)  # all else matches nothing
    ours, theirs = ([word for word in side if word in both] for side in (one, other))
    return _ratio(2 * LCSseq.similarity(ours, theirs), len(one) + len(other))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
