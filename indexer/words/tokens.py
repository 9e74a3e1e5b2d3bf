"""A text cut into the tokens that a comparison goes by; joined they are the text again.

A token is a word, a run of white space within a line, the end of a line, or one sign. Of scripts that put no
spaces between words (Han, Kana, Thai, Lao, Khmer, Burmese) each character is one, with the marks upon it.
Numbers and contractions are one word each (``3.14``, ``don't``), as is a character of several code points.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aad\ua9e0-\ua9fe\uaa60-\uaadf"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
_LAST_MARK = 0x1FFFF
_LINE_END = r"\r\n|\n|\r"
_BLANK = r"[^\S\r\n]+"
_PLAIN_WORD = r"[A-Za-z0-9_]+(?:(?:(?<=[0-9])[.,](?=[0-9])|['\u2019](?=[A-Za-z]))[A-Za-z0-9_]+)*"
_PLAIN = re.compile(rf"{_LINE_END}|{_BLANK}|{_PLAIN_WORD}|.", re.DOTALL)
_PLAIN_WORDS = re.compile(_PLAIN_WORD)
_NOT_PLAIN = re.compile(
    "[^\x00-\x7f\xa0\xa7\xab\xb0\xb7\xbb\xd7\u2010-\u2027\u2030-\u205e\u20ac\u2122\u2190-\u22ff]"
)
"""All but ASCII, and signs of English prose that are one token each: quotes, dashes, arrows, operators."""


def cut(text: str) -> Sequence[str]:
    """The tokens of a text, in their order."""
    return _pattern(text).findall(text)


def lines(text: str) -> Sequence[str]:
    """The lines of a text, each with its end."""
    return re.findall(rf"[^\r\n]*(?:{_LINE_END})|[^\r\n]+", text)


def words(text: str, *, most: int) -> Sequence[str] | None:
    """The tokens of a text that hold a letter or a digit; None where there are more than ``most``."""
    found = list(islice(filter(is_word, each(text)), most + 1))
    return found if len(found) <= most else None


def count_words(text: str) -> int:
    """How many tokens of a text hold a letter or a digit."""
    return len(_PLAIN_WORDS.findall(text)) if _is_plain(text) else sum(map(is_word, cut(text)))


def are_more_than(most: int, text: str) -> bool:
    """Whether a text has more tokens, of whatever kind; no more of it is read than tells."""
    return next(islice(each(text), most, None), None) is not None


def each(text: str) -> Iterator[str]:
    """As ``cut``, one by one."""
    return (found[0] for found in _pattern(text).finditer(text))


def is_word(token: str) -> bool:
    """Whether a token holds a letter or a digit: where any of its characters is one, the first is."""
    return token[0].isalnum() or token[0] == "_"


def is_blank(token: str) -> bool:
    """Whether a token is white space or the end of a line."""
    return token[0].isspace()


def _pattern(text: str) -> re.Pattern[str]:
    return _PLAIN if _is_plain(text) else _any()


def _is_plain(text: str) -> bool:
    """Whether the short pattern cuts this text as the one for all scripts does."""
    return text.isascii() or _NOT_PLAIN.search(text) is None


@cache
def _any() -> re.Pattern[str]:
    marks = _marks()
    letter, within = rf"[^\W{_UNSPACED}]", rf"[{marks}\u200c\u200d\u00ad]"
    word = rf"{letter}(?:{letter}|{within}|(?<=\d)[.,](?=\d)|['\u2019](?=[^\W\d_{_UNSPACED}]))*"
    joined = rf"(?:[{marks}\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d.)*"
    return re.compile(
        rf"{_LINE_END}|{_BLANK}|[{_UNSPACED}][{marks}]*|{word}|[\U0001f1e6-\U0001f1ff]{{2}}|.{joined}",
        re.DOTALL,
    )


def _marks() -> str:
    """The marks of Unicode as the inside of a character class."""
    found = [each for each in range(0x300, _LAST_MARK) if unicodedata.category(chr(each))[0] == "M"]
    runs: list[list[int]] = []
    for each in [*found, *range(0xE0100, 0xE01F0)]:
        if runs and runs[-1][1] + 1 == each:
            runs[-1][1] = each
        else:
            runs.append([each, each])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in runs)
