"""Erasing: texts and the bytes of transactions go, hashes and typed fields stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indexer.models import BlockBody, Suppression, Transaction
from indexer.models.content import Text
from indexer.store import body, locks
from indexer.store.read import read_transactions, transactions_with

_SAID_BY = """
    SELECT DISTINCT chain_id, position >> 20, transaction FROM indexer_operation
    WHERE prompt = %(key)s OR answer = %(key)s OR result_normal = %(key)s
"""
_ONLY_SAID_BY = """
    DELETE FROM indexer_{column} c USING indexer_operation o
    WHERE o.chain_id = %(chain)s AND o.position >> 20 = %(height)s AND o.transaction = %(ordinal)s
      AND c.hash = o.{column} AND c.reason <> 3 AND NOT EXISTS (
        SELECT FROM indexer_operation p JOIN indexer_transaction t
          ON t.chain_id = p.chain_id AND t.height = p.position >> 20 AND t.ordinal = p.transaction
        WHERE p.{column} = o.{column} AND t."offset" IS NOT NULL)
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


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where a transaction is."""

    chain_id: int
    height: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Done:
    """What a suppression did: how many transactions lost their bytes."""

    transactions: int


def suppress(
    subject: Suppression.Subject, hash: bytes, *, mode: Suppression.Mode, reason: str, by: str
) -> Done:
    """Hide or erase a content (by its key) or a transaction (by its RID), now and in every later sync.

    Waits until no transaction is writing text; none writes it back afterwards. Erasing what was only hidden
    works; hiding what was erased changes nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        locks.own_suppression(cursor)
        row, new = Suppression.objects.get_or_create(
            subject=subject, hash=hash, defaults={"mode": mode, "reason": reason, "by": by}
        )
        if not new and row.mode != Suppression.Mode.ERASE:
            row.mode, row.reason, row.by = mode, reason, by
            row.save(update_fields=["mode", "reason", "by"])
        if mode != Suppression.Mode.ERASE:
            return Done(0)
        places = _erase_content(cursor, hash) if subject == Suppression.Subject.CONTENT else _places_of(hash)
        _rewrite(places)
        if subject == Suppression.Subject.TRANSACTION:
            _drop_orphans(cursor, places)
        return Done(len(places))


def drop_unsaid() -> None:
    """Remove texts that no operation says, or none but those of erased transactions: a writer that is killed
    between its texts and its facts leaves such.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        locks.own_suppression(cursor)
        for column in ("prompt", "answer"):
            cursor.execute(_UNSAID.format(column=column))


def purge() -> None:
    """Take what was erased out of the files: tables written anew, indexes, statistics, and the log before it.

    Locks the tables while they are written. Older segments of the write-ahead log go with two checkpoints,
    where ``wal_recycle`` is off.
    """
    drop_unsaid()
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"VACUUM FULL {table}")
            cursor.execute(f"REINDEX TABLE {table}")
            cursor.execute(f"ANALYZE {table}")
        for _ in range(2):
            cursor.execute("SELECT pg_switch_wal()")
            cursor.execute("CHECKPOINT")


def _erase_content(cursor: CursorWrapper, key: bytes) -> Sequence[_Place]:
    for table in ("indexer_prompt", "indexer_answer"):
        cursor.execute(
            f"UPDATE {table} SET text = NULL, raw = NULL, reason = %s WHERE hash = %s",
            [Text.Reason.ERASED, key],
        )
    cursor.execute(_SAID_BY, {"key": key})
    return sorted(_Place(*row) for row in cursor.fetchall())


def _places_of(rid: bytes) -> Sequence[_Place]:
    return sorted(_Place(each.chain_id, each.height, each.ordinal) for each in transactions_with(rid))


def _rewrite(places: Sequence[_Place]) -> None:
    """Write the bodies of their blocks again without these transactions."""
    gone: dict[tuple[int, int], set[int]] = {}
    for place in places:
        gone.setdefault((place.chain_id, place.height), set()).add(place.ordinal)
    for (chain_id, height), ordinals in gone.items():
        stored = read_transactions(chain_id, height=height)
        packed = body.pack([each.data for each in stored], ordinals)
        BlockBody.objects.filter(chain_id=chain_id, height=height).update(
            body=packed.frame, length=packed.length
        )
        for each, span in zip(stored, packed.spans, strict=True):
            Transaction.objects.filter(chain_id=chain_id, height=height, ordinal=each.ordinal).update(
                offset=span.offset
            )


def _drop_orphans(cursor: CursorWrapper, places: Sequence[_Place]) -> None:
    """Texts that only these transactions said; another one that says them later may bring them back."""
    for place in places:
        for column in ("prompt", "answer"):
            cursor.execute(
                _ONLY_SAID_BY.format(column=column),
                {"chain": place.chain_id, "height": place.height, "ordinal": place.ordinal},
            )
