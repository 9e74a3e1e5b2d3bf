"""Secrets and personal data in texts that are shown: in the beginning of a text words in brackets stand for
them, on a record's own page they are folded.
"""

from collections.abc import Iterator
from typing import NamedTuple

from indexer.words.private import blotted, private_in

__all__ = ["Part", "beginning_of", "blotted", "blotted_slice", "parts_of"]

_ACROSS = 1_024  # characters behind a cut that are looked at
_BEFORE = 17_000  # and before a slice: the longest that may be private, a key, is shorter


class Part(NamedTuple):
    """A slice of a text; ``kind`` says in words what is private in it, or is empty."""

    text: str
    kind: str = ""


def beginning_of(text: str, length: int) -> str:
    """So many characters of the text, or fewer where something private would be cut in two."""
    across = (each for each in private_in(text[: length + _ACROSS]) if each.start < length < each.end)
    return text[: next((each.start for each in across), length)]


def blotted_slice(text: str, start: int, end: int) -> str:
    """These characters of a text as ``blotted`` shows them: of what is private and only begins or ends among
    them, nothing is shown.
    """
    begun = max(0, start - _BEFORE)
    pieces, at = [], start
    for each in private_in(text[begun : end + _ACROSS]):
        first, last = each.start + begun, each.end + begun
        if last > start and first < end:
            pieces += [text[at : max(first, at)], f"[{each.kind.value}]"]
            at = min(last, end)
    return "".join([*pieces, text[at:end]])


def parts_of(text: str, *, most: int) -> Iterator[Part]:
    """The text in parts, each private one by itself; of more than ``most`` of them, what follows is as in
    ``blotted``.
    """
    at = 0
    for each in private_in(text)[:most]:
        yield Part(text[at : each.start])
        yield Part(text[each.start : each.end], each.kind.value)
        at = each.end
    yield Part(blotted(text[at:]) if at else text)
