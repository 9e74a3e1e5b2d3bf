"""Texts on their way to a reader: the suppression gate, and what a text is where it cannot be shown.

The one gate is ``gate``: every module here that gives a text, or bytes with texts in them, asks it first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from django.db import connection

from indexer.models import Suppression

_SUPPRESSED = """
    SELECT subject, hash, mode, reason FROM indexer_suppression
    WHERE (subject = 'content' AND hash = ANY(%s)) OR (subject = 'transaction' AND hash = ANY(%s))
"""


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


@dataclass(frozen=True, slots=True)
class Hold:
    """Why something is withheld."""

    withheld: Withheld
    reason: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What of the texts that were asked for must not be shown: holds by content key and transaction RID."""

    contents: Mapping[bytes, Hold]
    transactions: Mapping[bytes, Hold]

    def hold(self, *keys: bytes | None, transaction: bytes | None = None) -> Hold | None:
        """Why a text with these content keys, said by that transaction, is withheld; None where it may be
        shown.
        """
        by_key = (self.contents.get(each) for each in keys if each is not None)
        by_transaction = self.transactions.get(transaction) if transaction is not None else None
        return by_transaction or next((each for each in by_key if each is not None), None)


def gate(*, contents: Iterable[bytes | None] = (), transactions: Iterable[bytes | None] = ()) -> Gate:
    """Ask which of these content keys and transaction RIDs are suppressed; one query, however many there
    are in the table.
    """
    keys, rids = _distinct(contents), _distinct(transactions)
    found: dict[str, dict[bytes, Hold]] = {subject: {} for subject in Suppression.Subject.values}
    if keys or rids:
        with connection.cursor() as cursor:
            cursor.execute(_SUPPRESSED, [keys, rids])
            for subject, key, mode, reason in cursor.fetchall():
                kind = Withheld.ERASED if mode == Suppression.Mode.ERASE else Withheld.HIDDEN
                found[subject][bytes(key)] = Hold(kind, reason)
    return Gate(found[Suppression.Subject.CONTENT], found[Suppression.Subject.TRANSACTION])


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


def _distinct(hashes: Iterable[bytes | None]) -> list[bytes]:
    return list({bytes(each) for each in hashes if each is not None})
