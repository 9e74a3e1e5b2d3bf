"""A difference in short: where its first changes are, and how many words of how many. It holds no text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.diff.aligned import Aligned, aligned
from explorer.diff.cleaning import Piece
from explorer.diff.effort import UNHURRIED, Effort
from indexer.words import tokens

MOST_SPOTS = 3
"""Changes that are told one by one."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A change: characters ``a`` to ``a_end`` of one text stand where ``b`` to ``b_end`` of the other do."""

    a: int
    a_end: int
    b: int
    b_end: int


@dataclass(frozen=True, slots=True)
class Summary:
    """``spots`` are the first of so many ``changes``. ``gone`` words of one text are in these, of ``words``
    that it has, and ``come`` words of the other. Where lines were compared, all words of these count.
    ``is_white_space`` is whether words and signs stayed, and only the space between them differs.
    """

    spots: Sequence[Spot]
    changes: int
    gone: int
    come: int
    words: int
    is_line_diff: bool
    is_white_space: bool = False

    @property
    def is_mostly_different(self) -> bool:
        """Whether more than half of the words are gone, so that single changes tell nothing."""
        return 2 * self.gone > self.words and self.changes > 1


def summary(a: str, b: str, *, effort: Effort = UNHURRIED) -> Summary:
    """What ``texts.compared`` would find, in short. Raises ``TookTooLong``."""
    if a == b:
        return Summary([], 0, 0, 0, tokens.count_words(a), is_line_diff=False)
    found = aligned(a, b, by_line=False, effort=effort)
    changed = [
        (each, spot) for each, spot in _spots(found) if a[spot.a : spot.a_end] != b[spot.b : spot.b_end]
    ]
    return Summary(
        spots=[spot for _, spot in changed[:MOST_SPOTS]],
        changes=len(changed),
        gone=sum(found.a.words(each.a, each.a_end) for each, _ in changed),
        come=sum(found.b.words(each.b, each.b_end) for each, _ in changed),
        words=found.a.words(0, len(found.a.tokens)),
        is_line_diff=found.is_line_diff,
        is_white_space=is_white_space(a, b),
    )


def is_white_space(a: str, b: str) -> bool:
    """Whether two texts differ in white space alone: words and signs are the same, in the same order."""
    return a != b and "".join(a.split()) == "".join(b.split()) and _signs(a) == _signs(b)


def _spots(found: Aligned) -> Iterator[tuple[Piece, Spot]]:
    """The pieces that are not equal, and where they stand in the texts."""
    at = bt = 0
    for each in found.pieces:
        a_end = at + len(found.a.text(each.a, each.a_end))
        b_end = bt + len(found.b.text(each.b, each.b_end))
        if not each.is_equal:
            yield each, Spot(at, a_end, bt, b_end)
        at, bt = a_end, b_end


def _signs(text: str) -> Sequence[str]:
    """All that is no white space, in its order."""
    return [each for each in tokens.each(text) if not tokens.is_blank(each)]
