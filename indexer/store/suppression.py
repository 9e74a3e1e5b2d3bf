"""What must not be shown, and what must not even be kept.

``gate`` is the one gate: every text that leaves the tables is asked for there first. Hiding leaves the bytes
where they are; erasing removes text and bytes and leaves hashes and typed fields, so the digest and every
check of links stay.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from django.db import connection
from django.db.backends.utils import CursorWrapper

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


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Content keys and transaction RIDs that are suppressed."""

    contents: frozenset[bytes]
    transactions: frozenset[bytes]

    def __bool__(self) -> bool:
        return bool(self.contents or self.transactions)


def erased(cursor: CursorWrapper) -> Suppressed:
    """What must not be written. Read under the shared suppression lock to be sure of it."""
    return _read(cursor, "WHERE mode = 'erase'")


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
                found[subject][bytes(key)] = _hold(mode, reason)
    return Gate(found[Suppression.Subject.CONTENT], found[Suppression.Subject.TRANSACTION])


def whole_gate() -> Gate:
    """All that is suppressed, for whoever goes through everything."""
    held: dict[str, dict[bytes, Hold]] = {subject: {} for subject in Suppression.Subject.values}
    for each in Suppression.objects.all():
        held[each.subject][bytes(each.hash)] = _hold(each.mode, each.reason)
    return Gate(held[Suppression.Subject.CONTENT], held[Suppression.Subject.TRANSACTION])


def _hold(mode: str, reason: str) -> Hold:
    return Hold(Withheld.ERASED if mode == Suppression.Mode.ERASE else Withheld.HIDDEN, reason)


def _read(cursor: CursorWrapper, where: str) -> Suppressed:
    cursor.execute(f"SELECT subject, hash FROM indexer_suppression {where}")
    rows = cursor.fetchall()
    return Suppressed(
        contents=frozenset(bytes(each) for subject, each in rows if subject == Suppression.Subject.CONTENT),
        transactions=frozenset(
            bytes(each) for subject, each in rows if subject == Suppression.Subject.TRANSACTION
        ),
    )


def _distinct(hashes: Iterable[bytes | None]) -> list[bytes]:
    return list({bytes(each) for each in hashes if each is not None})
