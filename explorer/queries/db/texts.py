"""Texts on their way to a reader, and what a text is where it cannot be shown.

Every module here that gives a text, or bytes with texts in them, asks ``indexer.store.suppression.gate``
first.
"""

from dataclasses import dataclass

from indexer.dapp.messages import Message
from indexer.store.suppression import Hold, Withheld

__all__ = ["Message", "Snippet", "Text", "Withheld", "text_of"]


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
    """The beginning of a text on one line; ``cut`` is whether there is more. ``note`` says in a line what
    else there is, such as “calls add(a=2, b=2)”, or is empty.

    Cut and empty, it stands for a text that is too long to be read for a list.
    """

    text: str
    cut: bool
    withheld: Withheld | None = None
    reason: str = ""
    note: str = ""


def text_of(value: str | None, *, hash: bytes, hold: Hold | None = None, length: int = 0) -> Text:
    """A text as it may be shown: nothing of it but its length where there is a ``hold``.

    A value that is None without a hold is ``UNREADABLE``.
    """
    counted = length if value is None else len(value)
    if hold is None and value is None:
        hold = Hold(Withheld.UNREADABLE, "Its bytes cannot be read from the tables.")
    if hold is not None:
        return Text(hash, None, counted, hold.withheld, hold.reason)
    return Text(hash, value, counted)
