"""Two texts compared: what must be done to one to have the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from explorer.diff.aligned import Aligned, aligned
from explorer.diff.cleaning import Piece
from explorer.diff.effort import UNHURRIED, Effort
from explorer.diff.matching import alike
from indexer.words import tokens

_COUNTED = 100_000  # characters in which words are counted


class Kind(Enum):
    """What an operation does."""

    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Operation:
    """A stretch of both texts: ``a`` becomes ``b``. Either may be empty, not both."""

    kind: Kind
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All ``a`` of the operations joined are one text, all ``b`` the other; no two that follow each other are
    of the same kind. ``first_divergence`` is how many characters agree from the beginning on, and
    ``first_word`` how many whole words, None where these are very many; both None where the texts are
    identical. ``is_line_diff`` is whether whole
    lines were compared, for words would be too many.
    """

    operations: Sequence[Operation]
    first_divergence: int | None
    first_word: int | None
    is_line_diff: bool

    @property
    def is_identical(self) -> bool:
        """Whether the texts are the same, character for character."""
        return self.first_divergence is None

    @property
    def changes(self) -> int:
        """How many places differ."""
        return sum(each.kind is not Kind.EQUAL for each in self.operations)


def compared(a: str, b: str, *, by_line: bool = False, effort: Effort = UNHURRIED) -> Difference:
    """What differs, by words, or by lines where there are more than ``MOST_TOKENS`` on a side, or these are
    asked for. The other way round it is the same, mirrored. Raises ``TookTooLong``.
    """
    if a == b:
        same = [Operation(Kind.EQUAL, a, b)] if a else []
        return Difference(same, None, None, is_line_diff=by_line)
    found = aligned(a, b, by_line=by_line, effort=effort)
    first = alike(a, b)
    operations = [_operation(found, each) for each in found.pieces]
    return Difference(operations, first, _whole_words(a, b, first), found.is_line_diff)


def _operation(found: Aligned, piece: Piece) -> Operation:
    a, b = found.a.text(piece.a, piece.a_end), found.b.text(piece.b, piece.b_end)
    if a == b:
        return Operation(Kind.EQUAL, a, b)
    return Operation(Kind.REPLACE if a and b else Kind.DELETE if a else Kind.INSERT, a, b)


def _whole_words(a: str, b: str, first: int) -> int | None:
    """How many words of the common beginning, of so many characters, are whole in both texts."""
    if first > _COUNTED:
        return None
    count = at = 0
    last = ""
    for last in tokens.each(a[:first]):
        count += tokens.is_word(last)
        at += len(last)
    if not last or not tokens.is_word(last):
        return count
    goes_on = any(next(tokens.each(text[at - len(last) :])) != last for text in (a, b))
    return count - 1 if goes_on else count
