"""The first owner: in no operation, but a literal in the Rell source of configuration 0.

The source is foreign text: each part of it is looked at a fixed number of times, whatever it holds, and of
more than 4 million characters none.
"""

import re
from collections.abc import Iterator, Mapping

MOST_TEXT = 4_000_000
"""Characters of all files of a configuration that are read."""

_OBJECT = re.compile(r"\bobject\s+owner\b")
_ADDRESS = re.compile(
    r"""\baddress\s*:\s*(?:pubkey|byte_array)\s*=\s* x (["']) ((?:[0-9a-fA-F]{2})+) \1""", re.VERBOSE
)
_COMMENT = re.compile(r"/\*|//[^\n]*")


def first_owner(sources: Mapping[str, str]) -> bytes | None:
    """The key in ``object owner { … mutable address: pubkey = x"…"; }``; None unless there is just one, and
    where all files together are longer than ``MOST_TEXT``.
    """
    if sum(map(len, sources.values())) > MOST_TEXT:
        return None
    found = {each.lower() for text in sources.values() for each in _addresses(_without_comments(text))}
    return bytes.fromhex(found.pop()) if len(found) == 1 else None


def _addresses(code: str) -> Iterator[str]:
    """The last address of each object ``owner``, of which the body ends at the first brace that closes."""
    at = 0
    opened = closed = -1  # the brace that was found last, and the end up to which no more addresses are
    while match := _OBJECT.search(code, at):
        at = match.end()
        if opened < at:
            opened = code.find("{", at)
        if opened < 0:
            return
        if opened < closed:
            continue
        end = code.find("}", opened)
        closed = len(code) if end < 0 else end
        *_, last = None, *_ADDRESS.finditer(code, opened, closed)
        if last is not None:
            yield last[2]
            at = last.end()


def _without_comments(text: str) -> str:
    """The code, with a space for each comment; one that is never closed is none."""
    parts: list[str] = []
    start = at = 0
    while match := _COMMENT.search(text, at):
        at = match.end()
        if match[0] == "/*":
            end = text.find("*/", at)
            if end < 0:
                return "".join(parts) + _without_lines(text[start:])
            at = end + 2
        parts.append(text[start : match.start()] + " ")
        start = at
    return "".join(parts) + text[start:]


def _without_lines(text: str) -> str:
    return re.sub(r"//[^\n]*", " ", text)
