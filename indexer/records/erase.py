"""Hiding and erasing: the one entrance, through which what was made from a text goes with it.

Erased texts and bytes of transactions go, hashes and typed fields stay. What is hidden keeps both, but
nothing that a derivation made from it.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indexer import derive
from indexer.dapp.replay import position_of
from indexer.derive import registry
from indexer.derive.derivation import Withdrawn, WithdrawnTransaction
from indexer.models import BlockBody, Chain, Suppression
from indexer.models.content import Text
from indexer.store import body, locks
from indexer.store.read import read_transactions, transactions_with

_KEYS = ("prompt", "answer", "result_normal", "said")  # of an operation, by which a text is named
# By the heads of their hashes, each with an index: whoever erases keeps all who write texts waiting.
_SAYING = """
    SELECT chain_id, position, transaction FROM indexer_operation
    WHERE substr({0}, 1, 6) = %(head)s AND {0} = %(key)s
"""
_SAID_BY = f"""
    SELECT DISTINCT t.chain_id, t.height, t.ordinal, t.rid
    FROM ({" UNION ALL ".join(map(_SAYING.format, _KEYS))}) o JOIN indexer_transaction t
      ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
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
            WHERE s.subject = 'transaction' AND s.mode = ANY(%(without)s) AND s.hash = t.rid) OFFSET 0)
"""
_PLACES = """
    UPDATE indexer_transaction t SET "offset" = s."offset"
    FROM unnest(%(chains)s::int2[], %(heights)s::int8[], %(ordinals)s::int4[], %(offsets)s::int4[])
        AS s (chain_id, height, ordinal, "offset")
    WHERE t.chain_id = s.chain_id AND t.height = s.height AND t.ordinal = s.ordinal
      AND t."offset" IS DISTINCT FROM s."offset"
"""
_UNSAID = """
    DELETE FROM indexer_{column} c WHERE c.reason <> 3 AND NOT EXISTS (
        SELECT FROM indexer_operation o JOIN indexer_transaction t
          ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
        WHERE o.{column} = c.hash AND NOT EXISTS (
            SELECT FROM indexer_suppression s
            WHERE s.subject = 'transaction' AND s.mode = 'erase' AND s.hash = t.rid))
"""
# Both looked up by their indexes: of what is said by this key alone, the text that its answer has. What was
# erased before says nothing any more.
_SAID = """
    DELETE FROM indexer_answer a WHERE a.reason <> 3 AND a.hash IN (
        SELECT o.answer FROM indexer_operation o WHERE substr(o.said, 1, 6) = %(head)s AND o.said = %(key)s)
      AND NOT EXISTS (
        SELECT FROM indexer_operation p JOIN indexer_transaction t
          ON t.chain_id = p.chain_id AND t.height = p.position >> 20 AND t.ordinal = p.transaction
        WHERE substr(p.answer, 1, 6) = substr(a.hash, 1, 6) AND p.answer = a.hash
          AND p.said IS DISTINCT FROM %(key)s AND t."offset" IS NOT NULL AND NOT EXISTS (
            SELECT FROM indexer_suppression s
            WHERE s.subject = 'transaction' AND s.mode = 'erase' AND s.hash = t.rid) OFFSET 0)
"""
_TABLES = (
    "indexer_prompt",
    "indexer_answer",
    "indexer_blockbody",
    "indexer_suppression",
    "indexer_transaction",
)
_COLUMNS = ("prompt", "answer")  # of an operation, and the tables of their texts
_ERASED = [Suppression.Mode.ERASE.value]
_WITHHELD = [Suppression.Mode.HIDE.value, Suppression.Mode.ERASE.value]


@dataclass(frozen=True, slots=True)
class Done:
    """What a suppression did: how many transactions lost their bytes."""

    transactions: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a transaction's bytes are in its block's body; ``offset`` is None once they were erased."""

    chain_id: int
    height: int
    ordinal: int
    offset: int | None


def suppress(
    subject: Suppression.Subject, hash: bytes, *, mode: Suppression.Mode, reason: str, by: str
) -> Done:
    """Hide or erase a content (by its key) or a transaction (by its RID), now and in every later sync.

    What was derived from it goes in the same transaction. Waits until no transaction is writing text, or
    making something from texts; none brings it back afterwards. Erasing what was only hidden works; hiding
    what was erased changes nothing.
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
            return Done(0)
        is_erased = mode == Suppression.Mode.ERASE
        if subject == Suppression.Subject.CONTENT:
            transactions = _erase_content(cursor, hash) if is_erased else []
        else:
            transactions = _transactions_of(hash)
        if is_erased:
            _rewrite(cursor, transactions)
            if subject == Suppression.Subject.TRANSACTION:
                _drop_orphans(cursor, transactions)
        _withdraw(cursor, row, transactions)
        return Done(len(transactions) if is_erased else 0)


class NotUndone(Exception):
    """A suppression that cannot be taken back; the message says why, and what there is to do."""


def take_back(subject: Suppression.Subject, hash: bytes) -> None:
    """Show again what was hidden. What derivations made from it comes back in the same transaction; one that
    cannot put it back begins anew, and has it again as soon as it has caught up. Raises ``NotUndone``: what
    was erased is not here any more.
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
        _restore(cursor, row)
    for chain in Chain.objects.order_by("id"):
        for each in registry.derivations():
            if each.reads_texts and each.restore is None:
                derive.start_anew(each, chain, chain.generation)


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

    Locks the tables while they are written. Older segments of the write-ahead log go with two checkpoints,
    where ``wal_recycle`` is off.
    """
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


def _erase_content(cursor: CursorWrapper, key: bytes) -> Sequence[WithdrawnTransaction]:
    """Erase a text; gives the transactions that say it, whose bytes are still there."""
    for column in _COLUMNS:
        cursor.execute(
            f"UPDATE indexer_{column} SET text = NULL, raw = NULL, reason = %s WHERE hash = %s",
            [Text.Reason.ERASED, key],
        )
    of = {"key": key, "head": key[:6]}
    cursor.execute(_SAID, of)
    cursor.execute(_SAID_BY, of)
    return sorted(
        WithdrawnTransaction(chain_id, height, ordinal, bytes(rid))
        for chain_id, height, ordinal, rid in cursor.fetchall()
    )


def _transactions_of(rid: bytes) -> Sequence[WithdrawnTransaction]:
    return sorted(
        WithdrawnTransaction(each.chain_id, each.height, each.ordinal, rid) for each in transactions_with(rid)
    )


def _withdraw(
    cursor: CursorWrapper, order: Suppression, transactions: Sequence[WithdrawnTransaction]
) -> None:
    """Remove what derivations made from what the order names, and from these transactions."""
    erasers = [each.erase for each in registry.derivations() if each.erase is not None]
    if not erasers:
        return
    if order.subject == Suppression.Subject.CONTENT:
        contents = [bytes(order.hash)]
    else:
        contents = [
            key
            for column in _COLUMNS
            for key in _only_said_by(cursor, transactions, column, without=_WITHHELD)
        ]
    withdrawn = Withdrawn(Suppression.Mode(order.mode), contents, transactions)
    for erase in erasers:
        erase(cursor, withdrawn)


def _restore(cursor: CursorWrapper, order: Suppression) -> None:
    """Put back what derivations make from what the order named, where they can."""
    is_content = order.subject == Suppression.Subject.CONTENT
    named = Withdrawn(
        Suppression.Mode(order.mode),
        [bytes(order.hash)] if is_content else [],
        [] if is_content else _transactions_of(bytes(order.hash)),
    )
    for each in registry.derivations():
        if each.restore is not None:
            each.restore(cursor, named)


def _rewrite(cursor: CursorWrapper, withdrawn: Sequence[WithdrawnTransaction]) -> None:
    """Write the bodies of their blocks again without these transactions."""
    gone: dict[tuple[int, int], set[int]] = {}
    for one in withdrawn:
        gone.setdefault((one.chain_id, one.height), set()).add(one.ordinal)
    places = [
        place for (chain, height), ordinals in gone.items() for place in _packed(chain, height, ordinals)
    ]
    of: dict[str, Any] = {
        "chains": [each.chain_id for each in places],
        "heights": [each.height for each in places],
        "ordinals": [each.ordinal for each in places],
        "offsets": [each.offset for each in places],
    }
    cursor.execute(_PLACES, of)


def _packed(chain_id: int, height: int, gone: Container[int]) -> Iterator[_Place]:
    """Pack a block's body again, and say where each transaction is in it now."""
    stored = read_transactions(chain_id, height=height)
    packed = body.pack([each.data for each in stored], gone)
    BlockBody.objects.filter(chain_id=chain_id, height=height).update(body=packed.frame, length=packed.length)
    for each, span in zip(stored, packed.spans, strict=True):
        yield _Place(chain_id, height, each.ordinal, span.offset)


def _drop_orphans(cursor: CursorWrapper, withdrawn: Sequence[WithdrawnTransaction]) -> None:
    """Texts that only these transactions said; another one that says them later may bring them back."""
    for column in _COLUMNS:
        orphans = _only_said_by(cursor, withdrawn, column, without=_ERASED)
        cursor.execute(f"DELETE FROM indexer_{column} WHERE hash = ANY(%s) AND reason <> 3", [orphans])


def _only_said_by(
    cursor: CursorWrapper, withdrawn: Sequence[WithdrawnTransaction], column: str, *, without: Sequence[str]
) -> list[bytes]:
    """Keys of the texts that these transactions say, and no other one whose bytes are here but those that are
    suppressed in one of the modes ``without``.
    """
    found: set[bytes] = set()
    for each in withdrawn:
        of: dict[str, Any] = {
            "chain": each.chain_id,
            "first": position_of(each.height, 0),
            "end": position_of(each.height + 1, 0),
            "ordinal": each.ordinal,
            "without": list(without),
        }
        cursor.execute(_ONLY_SAID_BY.format(column=column), of)
        found.update(bytes(row[0]) for row in cursor.fetchall())
    return sorted(found)
