"""Texts on their way to a reader: the suppression gate, and what a text is where it cannot be shown."""

from dataclasses import dataclass
from enum import Enum


class Withheld(Enum):
    """Why a text is not there."""

    HIDDEN = "hidden"  # by the operator; the bytes are kept
    ERASED = "erased"  # by the operator; the hash alone is kept
    UNREADABLE = "unreadable"  # not UTF-8 or not text: see the raw bytes


@dataclass(frozen=True, slots=True)
class Text:
    """A text, or why there is none. ``hash`` is its content key or the hash as signed.

    ``value`` holds what is shown, or None; ``reason`` is then the operator's, or what is wrong with it.
    ``length`` counts characters and is known also of a text that is withheld (0 where it is not known).
    """

    hash: bytes
    value: str | None
    length: int
    withheld: Withheld | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snippet:
    """The beginning of a text on one line; ``cut`` is whether there is more."""

    text: str
    cut: bool
    withheld: Withheld | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. ``extra`` is JSON of what it says beside role and content, or empty."""

    role: str
    content: str
    extra: str = ""
