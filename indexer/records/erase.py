"""Hiding and erasing: the one entrance, through which what was made from a text goes with it.

Erased texts and bytes of transactions go, hashes and typed fields stay. What is hidden keeps both, but
nothing that a derivation made from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indexer.dapp.replay import position_of
from indexer.derive import registry
from indexer.models import Suppression
from indexer.models.content import Text
from indexer.records import withdrawing
from indexer.records.unsaying import Place, unsay
from indexer.records.withdrawing import SAID
from indexer.store import locks
from indexer.store.read import transactions_with

_SAID_BY = f"""
    SELECT count(DISTINCT (o.chain_id, o.position >> 20, o.transaction)) FROM ({SAID}) o
"""
# OFFSET 0 keeps it a question for each text, which the index answers, and no join with all operations.
_ONLY_SAID_BY = """
    SELECT DISTINCT o.{column} FROM indexer_operation o
    WHERE o.chain_id = %(chain)s AND o.position >= %(first)s AND o.position < %(end)s
      AND o.transaction = %(ordinal)s AND o.{column} IS NOT NULL AND NOT EXISTS (
        SELECT FROM indexer_operation p JOIN indexer_transaction t
          ON t.chain_id = p.chain_id AND t.height = p.position >> 20 AND t.ordinal = p.transaction
        WHERE substr(p.{column}, 1, 6) = substr(o.{column}, 1, 6) AND p.{column} = o.{column}
          AND t."offset" IS NOT NULL AND NOT EXISTS (
            SELECT FROM indexer_suppression s
            WHERE s.subject = 'transaction' AND s.mode = 'erase' AND s.hash = t.rid) OFFSET 0)
"""
_UNSAID = """
    DELETE FROM indexer_{column} c WHERE c.reason <> 3 AND NOT EXISTS (
        SELECT FROM indexer_operation o JOIN indexer_transaction t
          ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
        WHERE o.{column} = c.hash AND NOT EXISTS (
            SELECT FROM indexer_suppression s
            WHERE s.subject = 'transaction' AND s.mode = 'erase' AND s.hash = t.rid))
"""
_TABLES = (
    "indexer_prompt",
    "indexer_answer",
    "indexer_blockbody",
    "indexer_suppression",
    "indexer_transaction",
)
_COLUMNS = ("prompt", "answer")  # of an operation, and the tables of their texts


@dataclass(frozen=True, slots=True)
class Done:
    """What a suppression did: how many transactions lost their bytes."""

    transactions: int


def suppress(
    subject: Suppression.Subject, hash: bytes, *, mode: Suppression.Mode, reason: str, by: str
) -> Done:
    """Hide or erase a content (by its key) or a transaction (by its RID), now and in every later sync.

    ``order``, and all that comes of it: its bytes go, and what was made from it, in steps. Who is interrupted
    has that done by whoever comes next (``withdrawing``).

    Raises ``BrokenBody`` where a block is damaged that is to lose bytes.
    """
    if not order(subject, hash, mode=mode, reason=reason, by=by):
        return Done(0)
    withdrawing.carry_out(subject, hash)
    return Done(_number_of_transactions(subject, hash) if mode == Suppression.Mode.ERASE else 0)


def order(subject: Suppression.Subject, hash: bytes, *, mode: Suppression.Mode, reason: str, by: str) -> bool:
    """Have nothing of it shown from now on, in a short transaction: whether there is more to do.

    Waits until no transaction is writing text, or making something from texts; none brings it back
    afterwards. Erasing what was only hidden works; hiding what was erased changes nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        locks.own_suppression(cursor)
        row, new = Suppression.objects.get_or_create(
            subject=subject, hash=hash, defaults={"mode": mode, "reason": reason, "by": by}
        )
        if not new and row.mode != Suppression.Mode.ERASE:
            row.mode, row.reason, row.by = mode, reason, by
            row.save(update_fields=["mode", "reason", "by"])
        if row.mode != mode:
            return False
        if mode == Suppression.Mode.ERASE:
            _erase(cursor, row)
        withdrawing.begin(cursor, subject, hash)
    return True


class NotUndone(Exception):
    """A suppression that cannot be taken back; the message says why, and what there is to do."""


def take_back(subject: Suppression.Subject, hash: bytes) -> None:
    """Show again what was hidden, at once; what derivations made from it comes back in steps, as it goes.
    Raises ``NotUndone``: what was erased is not here any more.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        locks.own_suppression(cursor)
        row = Suppression.objects.filter(subject=subject, hash=hash).first()
        if row is None:
            raise NotUndone(f"No {subject} with this hash is suppressed: look at the hash, and at its kind.")
        if row.mode == Suppression.Mode.ERASE:
            raise NotUndone(
                "It was erased: its bytes are not here any more, so nothing can be shown again. Sync into a "
                "fresh STATE in which nothing erases it."
            )
        row.delete()
        withdrawing.begin(cursor, subject, hash)
    withdrawing.carry_out(subject, hash)


def drop_unsaid() -> None:
    """Remove texts that no operation says, or none but those of erased transactions: a writer that is killed
    between its texts and its facts leaves such.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        locks.own_suppression(cursor)
        for column in _COLUMNS:
            cursor.execute(_UNSAID.format(column=column))


def purge(*, also: Sequence[str] = ()) -> None:
    """Take what was erased out of the files: tables written anew, indexes, statistics, and the log before it.

    ``also`` names further tables, of whatever schema.

    What is left to be withdrawn is, before. Locks the tables while they are written. Older segments of the
    write-ahead log go with two checkpoints, where ``wal_recycle`` is off.
    """
    withdrawing.carry_out_all()
    drop_unsaid()
    derived = [each._meta.db_table for each in registry.tables_made_from_texts()]
    with connection.cursor() as cursor:
        for table in (*_TABLES, *derived, *also):
            cursor.execute(f"VACUUM FULL {table}")
            cursor.execute(f"REINDEX TABLE {table}")
            cursor.execute(f"ANALYZE {table}")
        for _ in range(2):
            cursor.execute("SELECT pg_switch_wal()")
            cursor.execute("CHECKPOINT")


def _erase(cursor: CursorWrapper, what: Suppression) -> None:
    """Erase what takes a moment: the text itself, or a transaction with what it alone says."""
    if what.subject == Suppression.Subject.CONTENT:
        for column in _COLUMNS:
            cursor.execute(
                f"UPDATE indexer_{column} SET text = NULL, raw = NULL, reason = %s WHERE hash = %s",
                [Text.Reason.ERASED, bytes(what.hash)],
            )
    else:
        transactions = sorted(
            Place(each.chain_id, each.height, each.ordinal) for each in transactions_with(bytes(what.hash))
        )
        unsay(cursor, transactions)
        _drop_orphans(cursor, transactions)


def _number_of_transactions(subject: Suppression.Subject, hash: bytes) -> int:
    """How many say it, or have that RID."""
    if subject == Suppression.Subject.TRANSACTION:
        return transactions_with(hash).count()
    with connection.cursor() as cursor:
        cursor.execute(_SAID_BY, {"hash": hash})
        return int(cursor.fetchone()[0])


def _drop_orphans(cursor: CursorWrapper, erased: Sequence[Place]) -> None:
    """Texts that only these transactions said; another one that says them later may bring them back."""
    for column in _COLUMNS:
        orphans = _only_said_by(cursor, erased, column)
        cursor.execute(f"DELETE FROM indexer_{column} WHERE hash = ANY(%s) AND reason <> 3", [orphans])


def _only_said_by(cursor: CursorWrapper, erased: Sequence[Place], column: str) -> list[bytes]:
    """Keys of the texts that these transactions say, and no other one whose bytes are here but those that are
    erased.
    """
    found: set[bytes] = set()
    for each in erased:
        of: dict[str, Any] = {
            "chain": each.chain_id,
            "first": position_of(each.height, 0),
            "end": position_of(each.height + 1, 0),
            "ordinal": each.ordinal,
        }
        cursor.execute(_ONLY_SAID_BY.format(column=column), of)
        found.update(bytes(row[0]) for row in cursor.fetchall())
    return sorted(found)
