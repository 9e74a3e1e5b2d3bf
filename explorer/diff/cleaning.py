"""A comparison as a person would mark it: without what is equal by chance between larger changes.

What is equal and no longer than the changes on both sides of it, or no word, becomes part of them: one pass
with a stack, for diff-match-patch's own begins again with each. Its semantic clean-up then moves changes to
the ends of lines, sentences and words, on codes for tokens, so that no word is cut; in stretches, since its
time grows faster than what it is given.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from diff_match_patch import diff_match_patch

from explorer.diff.effort import Effort
from indexer.words.tokens import is_blank, is_word

_EQUAL, _DELETE, _INSERT = 0, -1, 1
_STRETCH = 2_000
"""Tokens of a stretch, about."""

_GLUE = 3  # tokens between two words, such as a comma and a space
_WORDS = ((0x4E00, 0x9FA5), (0x20000, 0x2A6D6))  # letters, which clean-up takes for such
_SIGNS = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))  # neither letters nor spaces
_SPACES = "\t\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
_AS_THEY_ARE = {"\n": "\n", "\r\n": "\r", " ": " "}


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands on both sides, where these are equal, or in the place of each other."""

    a: Sequence[str]
    b: Sequence[str]
    is_equal: bool


def cleaned(pieces: Iterable[Piece], effort: Effort) -> Iterator[Piece]:
    """The pieces that a person would see; on each side they hold the same tokens. Raises ``TookTooLong``."""
    for stretch in _stretches(_merged(pieces)):
        effort.go_on()
        if len(stretch) == 1:
            yield stretch[0]
        else:
            yield from _cleaned(stretch)


def _merged(pieces: Iterable[Piece]) -> Sequence[Piece]:
    """The pieces without what is equal by chance."""
    found: list[_Growing] = []
    for each in pieces:
        found.append(_Growing([each], each.is_equal, len(each.a), len(each.b)))
        while len(found) > 2 and not found[-1].is_equal and _is_chance(*found[-3:]):
            last, equal = found.pop(), found.pop()
            found[-1].take(equal, last)
    return [each.whole() for each in found]


@dataclass(slots=True)
class _Growing:
    """A piece of pieces, joined when nothing more comes to it. ``a`` and ``b`` count its tokens."""

    parts: list[Piece]
    is_equal: bool
    a: int
    b: int

    def take(self, *others: "_Growing") -> None:
        """Have these behind it."""
        for each in others:
            self.parts += each.parts
            self.a, self.b = self.a + each.a, self.b + each.b

    def whole(self) -> Piece:
        """All of it."""
        if len(self.parts) == 1:
            return self.parts[0]
        a = [token for part in self.parts for token in part.a]
        b = [token for part in self.parts for token in part.b]
        return Piece(a, b, is_equal=False)


def _is_chance(before: _Growing, equal: _Growing, behind: _Growing) -> bool:
    return equal.a <= min(max(before.a, before.b), max(behind.a, behind.b)) or _is_glue(equal)


def _is_glue(equal: _Growing) -> bool:
    """Whether it is a few signs and spaces within a line: two words replaced are then one change."""
    if equal.a > _GLUE:
        return False
    return not any(is_word(token) or token[-1] in "\r\n" for part in equal.parts for token in part.a)


def _stretches(pieces: Iterable[Piece]) -> Iterator[Sequence[Piece]]:
    """The pieces in stretches, each of which but the last ends with an equal one; long ones of these are cut
    in two.
    """
    stretch: list[Piece] = []
    size = 0
    for each in pieces:
        room = len(each.a) if each.is_equal else 0
        if room > _STRETCH:
            half = room // 2
            yield [*stretch, Piece(each.a[:half], each.b[:half], is_equal=True)]
            stretch, size = [Piece(each.a[half:], each.b[half:], is_equal=True)], 0
            continue
        stretch.append(each)
        size += len(each.a) + len(each.b)
        if each.is_equal and size > _STRETCH:
            yield stretch
            stretch, size = [], 0
    if stretch:
        yield stretch


def _cleaned(stretch: Sequence[Piece]) -> Iterator[Piece]:
    codes = _Codes()
    diffs: list[tuple[int, str]] = []
    for each in stretch:
        if each.is_equal:
            diffs.append((_EQUAL, codes.written(each.a)))
        else:
            diffs += [
                (kind, codes.written(side)) for kind, side in ((_DELETE, each.a), (_INSERT, each.b)) if side
            ]
    diff_match_patch().diff_cleanupSemantic(diffs)
    yield from _pieces((kind, codes.read(text)) for kind, text in diffs)


def _pieces(diffs: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Piece]:
    """What is deleted and inserted between two equal runs is one piece."""
    a: list[str] = []
    b: list[str] = []
    for kind, tokens in diffs:
        if kind == _DELETE:
            a += tokens
        elif kind == _INSERT:
            b += tokens
        elif tokens:
            if a or b:
                yield Piece(a, b, is_equal=False)
            a, b = [], []
            yield Piece(tokens, tokens, is_equal=True)
    if a or b:
        yield Piece(a, b, is_equal=False)


class _Codes:
    """A character for each token: of the kind that it is, since the clean-up prefers ends of lines and of
    sentences.
    """

    def __init__(self) -> None:
        self._codes = dict(_AS_THEY_ARE)
        self._tokens = {code: token for token, code in _AS_THEY_ARE.items()}
        self._words, self._signs, self._spaces = _free(_WORDS), _free(_SIGNS), iter(_SPACES)

    def written(self, tokens: Iterable[str]) -> str:
        """The codes of these tokens."""
        return "".join(self._codes.get(each) or self._new(each) for each in tokens)

    def read(self, codes: str) -> Sequence[str]:
        """The tokens with these codes."""
        return [self._tokens[each] for each in codes]

    def _new(self, token: str) -> str:
        code = next(self._spaces, None) if is_blank(token) else None
        if code is None:
            code = next(self._words if is_word(token) else self._signs)
        self._codes[token], self._tokens[code] = code, token
        return code


def _free(ranges: Sequence[tuple[int, int]]) -> Iterator[str]:
    return (chr(each) for first, last in ranges for each in range(first, last + 1))
