"""A difference in short: where its first changes are, and how many words of how many. It holds no text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.diff.texts import Difference, Kind
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


def summary(found: Difference) -> Summary:
    """A difference in short."""
    changed = [each for each in found.operations if each.kind is not Kind.EQUAL]
    same = sum(tokens.count_words(each.a) for each in found.operations if each.kind is Kind.EQUAL)
    gone = sum(tokens.count_words(each.a) for each in changed)
    a, b = ("".join(getattr(each, of) for each in found.operations) for of in "ab")
    return Summary(
        spots=[each for each, _ in zip(_spots(found), range(MOST_SPOTS), strict=False)],
        changes=len(changed),
        gone=gone,
        come=sum(tokens.count_words(each.b) for each in changed),
        words=same + gone,
        is_line_diff=found.is_line_diff,
        is_white_space=is_white_space(a, b),
    )


def is_white_space(a: str, b: str) -> bool:
    """Whether two texts differ in white space alone: words and signs are the same, in the same order."""
    return a != b and "".join(a.split()) == "".join(b.split()) and _signs(a) == _signs(b)


def _spots(found: Difference) -> Iterator[Spot]:
    at = bt = 0
    for each in found.operations:
        if each.kind is not Kind.EQUAL:
            yield Spot(at, at + len(each.a), bt, bt + len(each.b))
        at, bt = at + len(each.a), bt + len(each.b)


def _signs(text: str) -> Sequence[str]:
    """All that is no white space, in its order."""
    return [each for each in tokens.each(text) if not tokens.is_blank(each)]
