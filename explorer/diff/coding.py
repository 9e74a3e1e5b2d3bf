"""A character for each token of two texts, the same for those that are the same: strings are matched and
cleaned faster than lists of tokens.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from indexer.words.tokens import count_words, is_blank, is_word

_WORDS = ((0x4E00, 0x9FA5), (0x20000, 0x2A6D6))  # letters, which clean-up takes for such
_SIGNS = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))  # neither letters nor spaces
LETTER = re.compile("[{}-{}{}-{}]".format(*(chr(each) for ends in _WORDS for each in ends)))
"""The character of a word."""

_SPACES = "\t\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
_AS_THEY_ARE = {"\n": "\n", "\r\n": "\r", " ": " "}


class Codes(dict[str, str]):
    """The character of each token, of the kind that the token is: the clean-up prefers ends of lines and of
    sentences. Of words it is a letter, and of nothing else.

    ``has_blanks_as_signs`` is whether there were more kinds of white space than characters for them.
    """

    def __init__(self) -> None:
        super().__init__(_AS_THEY_ARE)
        self._words, self._signs, self._spaces = _free(_WORDS), _free(_SIGNS), iter(_SPACES)
        self.has_blanks_as_signs = False

    def written(self, tokens: Iterable[str]) -> str:
        """The characters of these tokens."""
        return "".join(map(self.__getitem__, tokens))

    def __missing__(self, token: str) -> str:
        if is_word(token):
            code = next(self._words)
        elif not is_blank(token):
            code = next(self._signs)
        elif (space := next(self._spaces, None)) is not None:
            code = space
        else:
            self.has_blanks_as_signs = True
            code = next(self._signs)
        self[token] = code
        return code


@dataclass(frozen=True, slots=True)
class Side:
    """The tokens of a text, and a character for each of them; none where they are lines."""

    tokens: Sequence[str]
    codes: str = ""

    def text(self, first: int, end: int) -> str:
        """These tokens, joined."""
        return "".join(self.tokens[first:end])

    def words(self, first: int, end: int) -> int:
        """How many words are in these tokens."""
        if not self.codes:
            return count_words(self.text(first, end))
        return sum(map(str.isalpha, self.codes[first:end]))


def _free(ranges: Sequence[tuple[int, int]]) -> Iterator[str]:
    return map(chr, chain.from_iterable(range(first, last + 1) for first, last in ranges))
