"""Where in a text the words of a query stand, and a line around them with each place marked."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from explorer.search.tree import All, Any, Clause, Node, Not, Text
from indexer.words.cutting import Cut, cut, is_part
from indexer.words.private import FILL

LONGEST = 200
"""Characters of a line."""

LOOKED_THROUGH = 1 << 16
"""Characters of a text that is cut into words where its words cannot be looked up as they are."""

_BEFORE = 32  # characters before the hit, so that it is seen where a page cuts the line
_AROUND = 200  # characters around a place that are cut to see whether it is one
_PLACES = 50  # that are tried
_SPACE = re.compile(r"\s+")
_MASKED = re.compile(f"{FILL}+")


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a text on one line. ``marks`` are the places that were found in it, from where to where, in
    order and apart. ``is_begun`` and ``is_cut`` are whether the text has more before it, and behind.
    """

    text: str
    marks: Sequence[tuple[int, int]]
    is_begun: bool = False
    is_cut: bool = False


def sought(tree: Node, *, is_negated: bool = False) -> Iterator[Text]:
    """The words that are to be found, not those that must not be there."""
    if isinstance(tree, Text):
        if not is_negated:
            yield tree
    elif isinstance(tree, Not):
        yield from sought(tree.node, is_negated=not is_negated)
    elif isinstance(tree, All | Any):
        for each in tree.nodes:
            yield from sought(each, is_negated=is_negated)
    else:
        assert isinstance(tree, Clause)


def line_of(texts: Iterable[str], terms: Sequence[Text]) -> Line | None:
    """A line around the first place that is found in these texts; None where there is none."""
    for text in texts:
        for term in terms:
            found = _first(text, term)
            if found is not None:
                return _line(text, found, terms)
    return None


def marks_in(text: str, terms: Sequence[Text]) -> Sequence[tuple[int, int]]:
    """All places in a text, those that touch as one."""
    cuts = list(cut(text))
    places = sorted(place for term in terms for place in _places(cuts, term))
    merged: list[tuple[int, int]] = []
    for start, end in places:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _line(text: str, place: tuple[int, int], terms: Sequence[Text]) -> Line:
    start = _boundary(text, max(0, place[0] - _BEFORE), place[0])
    end = min(len(text), start + LONGEST)
    shown = _SPACE.sub(" ", _MASKED.sub("[…]", text[start:end])).strip()
    is_begun, is_cut = bool(text[:start].strip()), bool(text[end:].strip())
    return Line(shown, marks_in(shown, terms), is_begun, is_cut)


def _boundary(text: str, at: int, latest: int) -> int:
    """Where a word begins from here on, before ``latest``; here where none does."""
    if at == 0:
        return 0
    blank = _SPACE.search(text, at - 1, latest)
    return at if blank is None else blank.end()


def _first(text: str, term: Text) -> tuple[int, int] | None:
    """The first place that is found, looking for the longest word first: texts are long, hits are few."""
    needle = max(term.words, key=len)
    plain = text.lower()
    if len(plain) == len(text):
        reach = _AROUND + 4 * sum(map(len, term.words))
        for at in islice(_occurrences(plain, needle, term, text.isascii()), _PLACES):
            found = next(_near(text, at, reach, term), None)
            if found is not None:
                return found
        if text.isascii() and len(term.words) == 1:
            return None
    return next(_places(list(cut(text[:LOOKED_THROUGH])), term), None)


def _occurrences(plain: str, needle: str, term: Text, is_ascii: bool) -> Iterator[int]:
    """Where the word may stand: in plain letters between others that are none."""
    word = re.escape(needle)
    if is_ascii:
        is_open = term.is_prefix and needle == term.words[-1]
        word = f"(?<![a-z0-9]){word}" + ("" if is_open else "(?![a-z0-9])")
    return (found.start() for found in re.finditer(word, plain))


def _near(text: str, at: int, reach: int, term: Text) -> Iterator[tuple[int, int]]:
    """Places around here, but for words that are cut off at the ends."""
    start, end = max(0, at - reach), min(len(text), at + reach)
    cuts = [
        Cut(each.word, each.start + start, each.end + start)
        for each in cut(text[start:end])
        if (each.start > 0 or start == 0) and (each.end + start < end or end == len(text))
    ]
    return _places(cuts, term)


def _places(cuts: Sequence[Cut], term: Text) -> Iterator[tuple[int, int]]:
    """Where these words stand one after another."""
    *before, last = term.words
    for at in range(len(before), len(cuts)):
        found = cuts[at]
        fits = found.word.startswith(last) if term.is_prefix else found.word == last
        first = at - len(before)
        if fits and all(cuts[first + each].word == word for each, word in enumerate(before)):
            is_one = term.is_prefix and is_part(last)
            yield cuts[first].start, min(found.start + 1, found.end) if is_one else found.end
