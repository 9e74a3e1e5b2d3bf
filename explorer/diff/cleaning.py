"""A comparison as a person would mark it: without what is equal by chance between larger changes.

What is equal and no longer than the changes on both sides of it, or no word, becomes part of them: one pass
with a stack, for diff-match-patch's own begins again with each. Its semantic clean-up then moves changes to
the ends of lines, sentences and words, on codes for tokens, so that no word is cut; in stretches, since its
time grows faster than what it is given.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, Self

from diff_match_patch import diff_match_patch

from explorer.diff.coding import LETTER, Codes, Side
from explorer.diff.effort import Effort
from explorer.diff.matching import Run

_EQUAL, _DELETE, _INSERT = 0, -1, 1
_STRETCH = 2_000
"""Tokens of a stretch, about."""

_GLUE = 3  # tokens between two words, such as a comma and a space


class Piece(NamedTuple):
    """Tokens ``a`` to ``a_end`` of one text, and ``b`` to ``b_end`` of the other: equal, or in the place of
    each other.
    """

    a: int
    a_end: int
    b: int
    b_end: int
    is_equal: bool = False


@dataclass(frozen=True, slots=True)
class Coded:
    """Two texts in tokens, and in characters of these ``codes``."""

    a: Side
    b: Side
    codes: Codes

    @classmethod
    def of(cls, a: Sequence[str], b: Sequence[str]) -> Self:
        """These tokens with a character for each."""
        codes = Codes()
        return cls(Side(a, codes.written(a)), Side(b, codes.written(b)), codes)


def cleaned(coded: Coded, runs: Iterable[Run], effort: Effort) -> Iterator[Piece]:
    """The pieces that a person would see, from the beginning to the end, by the runs that are equal. Raises
    ``TookTooLong``.
    """
    for stretch in _stretches(between(_merged(coded, runs), len(coded.a.tokens), len(coded.b.tokens))):
        effort.go_on()
        if len(stretch) == 1:
            yield stretch[0]
        else:
            yield from _cleaned(coded, stretch)


def between(changes: Iterable[Piece], a_end: int, b_end: int) -> Iterator[Piece]:
    """The changes and what is equal before, between and behind them, up to these ends."""
    at = bt = 0
    for each in changes:
        if each.a > at:
            yield Piece(at, each.a, bt, each.b, is_equal=True)
        yield each
        at, bt = each.a_end, each.b_end
    if a_end > at:
        yield Piece(at, a_end, bt, b_end, is_equal=True)


def _merged(coded: Coded, runs: Iterable[Run]) -> Sequence[Piece]:
    """What is between the runs, with those that are equal by chance: one pass, of many runs in few pieces."""
    found: list[tuple[int, int, int, int]] = []
    at = bt = 0
    for each in chain(runs, [Run(len(coded.a.tokens), len(coded.b.tokens), 0)]):
        a, b = each.a, each.b
        if a > at or b > bt:
            while found:
                before, before_end, before_b, before_b_end = found[-1]
                room = at - before_end
                is_small = (room <= before_end - before or room <= before_b_end - before_b) and (
                    room <= a - at or room <= b - bt
                )
                if not is_small and (room > _GLUE or not _is_glue(coded.a, before_end, at)):
                    break
                at, bt = before, before_b
                found.pop()
            found.append((at, a, bt, b))
        at, bt = a + each.size, b + each.size
    return [Piece(*each) for each in found]


def _is_glue(side: Side, first: int, end: int) -> bool:
    """Whether a few tokens are signs and spaces within a line: two words replaced are then one change."""
    if LETTER.search(side.codes, first, end):
        return False
    return not any(token[-1] in "\r\n" for token in side.tokens[first:end])


def _stretches(pieces: Iterable[Piece]) -> Iterator[Sequence[Piece]]:
    """The pieces in stretches, each of which but the last ends with an equal one; long ones of these are cut
    in two.
    """
    stretch: list[Piece] = []
    size = 0
    for each in pieces:
        room = each.a_end - each.a if each.is_equal else 0
        if room > _STRETCH:
            a, b = each.a + room // 2, each.b + room // 2
            yield [*stretch, Piece(each.a, a, each.b, b, is_equal=True)]
            stretch, size = [Piece(a, each.a_end, b, each.b_end, is_equal=True)], 0
            continue
        stretch.append(each)
        size += each.a_end - each.a + each.b_end - each.b
        if each.is_equal and size > _STRETCH:
            yield stretch
            stretch, size = [], 0
    if stretch:
        yield stretch


def _cleaned(coded: Coded, stretch: Sequence[Piece]) -> Iterator[Piece]:
    diffs = [
        (kind, codes)
        for each, (a, b) in zip(stretch, _written(coded, stretch), strict=True)
        for kind, codes in ([(_EQUAL, a)] if each.is_equal else [(_DELETE, a), (_INSERT, b)])
        if codes
    ]
    diff_match_patch().diff_cleanupSemantic(diffs)
    return _pieces(diffs, stretch[0].a, stretch[0].b)


def _written(coded: Coded, stretch: Sequence[Piece]) -> Iterator[tuple[str, str]]:
    """Both sides of each piece in characters; in others, where those of the whole do not tell white space."""
    if not coded.codes.has_blanks_as_signs:
        a_codes, b_codes = coded.a.codes, coded.b.codes
        return ((a_codes[each.a : each.a_end], b_codes[each.b : each.b_end]) for each in stretch)
    own, a, b = Codes(), coded.a.tokens, coded.b.tokens
    return ((own.written(a[each.a : each.a_end]), own.written(b[each.b : each.b_end])) for each in stretch)


def _pieces(diffs: Iterable[tuple[int, str]], a: int, b: int) -> Iterator[Piece]:
    """What is deleted and inserted between two equal runs is one piece; the first begins at these tokens."""
    at, bt = a, b
    for kind, codes in diffs:
        if kind == _DELETE:
            at += len(codes)
        elif kind == _INSERT:
            bt += len(codes)
        elif codes:
            if at > a or bt > b:
                yield Piece(a, at, b, bt)
            a, b = at + len(codes), bt + len(codes)
            yield Piece(at, a, bt, b, is_equal=True)
            at, bt = a, b
    if at > a or bt > b:
        yield Piece(a, at, b, bt)
