"""What a query line is made of, by its letters: blanks, quotation marks, keys, words, and code."""

import re
import unicodedata

from explorer.search.keys import ALL_KEYS

_CLOSED_BY = {
    '"': '"',
    "\uff02": '"\uff02',
    **dict.fromkeys("\u201c\u201d\u201e\u201f", '"\u201c\u201d\u201f'),
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
}
"""Quotation marks, and the marks that close each."""

QUOTES = "".join(_CLOSED_BY)
"""All quotation marks."""

_UNSEEN = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
BLANK = re.compile(rf"[\s{_UNSEEN}]+")
TOKEN = re.compile(rf"[^\s{_UNSEEN}(){QUOTES}]+")
_KEY = re.compile(r"([^\W\d_]{1,40}):(?=[^\s:/])")
_BEFORE_TERM = re.compile(rf"(?:^|(?<=[\s(]))[-(\s{_UNSEEN}]*")
_WIDE_KEY = re.compile(rf"({'|'.join(ALL_KEYS)})\uff1a(?=[^\s:/])", re.IGNORECASE)


def key_at(line: str, at: int) -> re.Match[str] | None:
    """The key that stands here, if any: its name is the first group."""
    return _KEY.match(line, at) or _WIDE_KEY.match(line, at)


def has_key(line: str) -> bool:
    """Whether a key stands in the line, whatever else does: it was written as one."""
    found = (_KEY.match(line, each.end()) for each in _BEFORE_TERM.finditer(line))
    return any(each is not None and each[1].casefold() in ALL_KEYS for each in found)


def quoted_at(line: str, at: int) -> tuple[str | None, int]:
    """What is in the quotes that open here, and where they end; a closing one that is doubled stands for
    itself. None where nothing closes them.
    """
    closing = _CLOSED_BY[line[at]]
    found = ""
    begin = end = at + 1
    while end < len(line):
        if line[end] in closing:
            found += line[begin:end]
            if line[end] != '"' or line[end : end + 2] != '""':
                return found, end + 1
            found += '"'
            end += 1
            begin = end + 1
        end += 1
    return None, len(line)


def closed(rest: str) -> str:
    """The rest of a line from a quotation mark on that nothing closes, closed."""
    return f"{rest[0]}{rest[1:].rstrip()}{_CLOSED_BY[rest[0]][0]}"


def end_of_code(line: str, at: int) -> int:
    """Where what begins with the parenthesis here ends, with what follows without a blank."""
    depth = 0
    while at < len(line):
        depth += {"(": 1, ")": -1}.get(line[at], 0)
        if depth < 0 or (depth == 0 and BLANK.match(line, at)):
            break
        at += 1
    return at


def is_starred(token: str) -> bool:
    """Whether it ends in a star behind a letter, a digit or a mark of one."""
    return len(token) > 1 and token[-1] == "*" and unicodedata.category(token[-2])[0] in "LMN"
