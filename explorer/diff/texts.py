"""Two texts compared: what must be done to one to have the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from explorer.diff.cleaning import Piece, cleaned
from explorer.diff.effort import UNHURRIED, Effort
from explorer.diff.matching import Run, matches
from indexer.words import tokens

_COUNTED = 100_000  # characters in which words are counted

MOST_TOKENS = 20_000
"""Tokens of a side up to which words are compared; of longer ones lines are."""


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
    if (len(a), a) > (len(b), b):
        return _mirrored(compared(b, a, by_line=by_line, effort=effort))
    effort.go_on()
    is_line_diff = by_line or any(tokens.are_more_than(MOST_TOKENS, each) for each in (a, b))
    pieces = _by_line(a, b, effort) if is_line_diff else _by_word(a, b, effort)
    first = _beginning(a, b)
    return Difference(_operations(pieces), first, _whole_words(a, b, first), is_line_diff)


def _by_word(a: str, b: str, effort: Effort) -> Iterator[Piece]:
    return cleaned(_pieces(tokens.cut(a), tokens.cut(b), effort), effort)


def _by_line(a: str, b: str, effort: Effort) -> Iterator[Piece]:
    return _pieces(tokens.lines(a), tokens.lines(b), effort)


def _pieces(a: Sequence[str], b: Sequence[str], effort: Effort) -> Iterator[Piece]:
    """What is equal and what is between, from the beginning to the end."""
    numbers: dict[str, int] = {}
    one, other = ([numbers.setdefault(each, len(numbers)) for each in side] for side in (a, b))
    at = bt = 0
    for run in [*matches(one, other, effort), Run(len(a), len(b), 0)]:
        if run.a > at or run.b > bt:
            yield Piece(a[at : run.a], b[bt : run.b], is_equal=False)
        at, bt = run.a + run.length, run.b + run.length
        if run.length:
            yield Piece(a[run.a : at], b[run.b : bt], is_equal=True)


def _operations(pieces: Iterable[Piece]) -> Sequence[Operation]:
    found: list[tuple[list[str], list[str], bool]] = []
    for each in pieces:
        if found and found[-1][2] == each.is_equal:
            found[-1][0].extend(each.a)
            found[-1][1].extend(each.b)
        else:
            found.append((list(each.a), list(each.b), each.is_equal))
    return [_operation("".join(a), "".join(b), is_equal=is_equal) for a, b, is_equal in found]


def _operation(a: str, b: str, *, is_equal: bool) -> Operation:
    if is_equal or a == b:
        return Operation(Kind.EQUAL, a, b)
    return Operation(Kind.REPLACE if a and b else Kind.DELETE if a else Kind.INSERT, a, b)


_MIRRORED = {Kind.INSERT: Kind.DELETE, Kind.DELETE: Kind.INSERT}


def _mirrored(found: Difference) -> Difference:
    operations = [Operation(_MIRRORED.get(each.kind, each.kind), each.b, each.a) for each in found.operations]
    return Difference(operations, found.first_divergence, found.first_word, found.is_line_diff)


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


def _beginning(a: str, b: str) -> int:
    """How many characters agree from the first one on."""
    least, most = 0, min(len(a), len(b))
    while least < most:
        middle = (least + most + 1) // 2
        if a[least:middle] == b[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least
