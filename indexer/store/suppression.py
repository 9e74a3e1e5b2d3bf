"""What must not be shown, and what must not even be kept.

The one gate: every text that leaves the tables is asked for here first. Hiding leaves the bytes where they
are; erasing removes text and bytes and leaves hashes and typed fields, so the digest and every check of links
stay.
"""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from indexer.models import Suppression


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


def hidden(cursor: CursorWrapper) -> Suppressed:
    """What must not be shown: hidden or erased."""
    return _read(cursor, "")


def _read(cursor: CursorWrapper, where: str) -> Suppressed:
    cursor.execute(f"SELECT subject, hash FROM indexer_suppression {where}")
    rows = cursor.fetchall()
    return Suppressed(
        contents=frozenset(bytes(each) for subject, each in rows if subject == Suppression.Subject.CONTENT),
        transactions=frozenset(
            bytes(each) for subject, each in rows if subject == Suppression.Subject.TRANSACTION
        ),
    )
