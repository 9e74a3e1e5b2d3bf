"""Which tokens of two texts go together: what all that tells a difference goes by."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from explorer.diff.cleaning import Coded, Piece, between, cleaned
from explorer.diff.coding import Side
from explorer.diff.effort import Effort
from explorer.diff.matching import Elements, Run, matches
from indexer.words import tokens

MOST_TOKENS = 20_000
"""Tokens of a side up to which words are compared; of longer ones lines are."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """Two texts from the beginning to the end, in pieces of which no two that follow each other are both
    equal, or both not. ``is_line_diff`` is whether the tokens are lines.
    """

    a: Side
    b: Side
    pieces: Sequence[Piece]
    is_line_diff: bool

    def mirrored(self) -> "Aligned":
        """The same the other way round."""
        pieces = [Piece(each.b, each.b_end, each.a, each.a_end, each.is_equal) for each in self.pieces]
        return Aligned(self.b, self.a, pieces, self.is_line_diff)


def aligned(a: str, b: str, *, by_line: bool, effort: Effort) -> Aligned:
    """Two texts that differ, by words, or by lines where there are more than ``MOST_TOKENS`` on a side, or
    these are asked for. The other way round it is the same, mirrored. Raises ``TookTooLong``.
    """
    if (len(a), a) > (len(b), b):
        return aligned(b, a, by_line=by_line, effort=effort).mirrored()
    effort.go_on()
    if by_line or any(_has_many_tokens(each) for each in (a, b)):
        return _by_line(tokens.lines(a), tokens.lines(b), effort)
    return _by_word(tokens.cut(a), tokens.cut(b), effort)


def _has_many_tokens(text: str) -> bool:
    return len(text) > MOST_TOKENS and tokens.are_more_than(MOST_TOKENS, text)


def _by_word(a: Sequence[str], b: Sequence[str], effort: Effort) -> Aligned:
    coded = Coded.of(a, b)
    pieces = cleaned(coded, matches(coded.a.codes, coded.b.codes, effort), effort)
    return Aligned(coded.a, coded.b, _joined(pieces), is_line_diff=False)


def _by_line(a: Sequence[str], b: Sequence[str], effort: Effort) -> Aligned:
    numbers: dict[str, int] = {}
    one, other = ([numbers.setdefault(each, len(numbers)) for each in side] for side in (a, b))
    pieces = between(_changes(one, other, effort), len(a), len(b))
    return Aligned(Side(a), Side(b), list(pieces), is_line_diff=True)


def _changes(a: Elements, b: Elements, effort: Effort) -> Iterator[Piece]:
    """What is between two runs that are equal, before the first and behind the last."""
    at = bt = 0
    for run in (*matches(a, b, effort), Run(len(a), len(b), 0)):
        if run.a > at or run.b > bt:
            yield Piece(at, run.a, bt, run.b)
        at, bt = run.a + run.size, run.b + run.size


def _joined(pieces: Iterable[Piece]) -> Sequence[Piece]:
    found: list[Piece] = []
    for each in pieces:
        if found and found[-1].is_equal == each.is_equal:
            found[-1] = found[-1]._replace(a_end=each.a_end, b_end=each.b_end)
        else:
            found.append(each)
    return found
