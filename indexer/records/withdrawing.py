"""What was made from texts that are hidden, erased or shown again, made anew in steps.

The order itself takes a moment, and from then on the gate holds: who reads is shown nothing of the text, and
no derivation makes anything more of it. What is there already is remade afterwards, a few operations at a
time, however many say it. Each step is one transaction, so that who is interrupted, or killed, goes on where
it was; until the last of them readers are told that it is not known (``indexer.models.Withdrawal``).
"""

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indexer.dapp.replay import position_of
from indexer.derive import checkpoints, registry
from indexer.derive.derivation import Derivation, PositionRange, Withdrawn
from indexer.models import Chain, Generation, Suppression, Withdrawal, WithdrawnOperation
from indexer.records.unsaying import Place, drop_answers, unsay
from indexer.store import locks
from indexer.store.read import BrokenBody

logger = logging.getLogger(__name__)

BATCH = 500
"""Operations of a step."""

_ERASE = Suppression.Mode.ERASE.value
_MODE = "SELECT mode FROM indexer_suppression WHERE subject = %s AND hash = %s"
_IS_LISTED = "SELECT is_listed FROM indexer_withdrawal WHERE id = %s"
_BEGIN = """
    INSERT INTO indexer_withdrawal (subject, hash) VALUES (%s, %s)
    ON CONFLICT (subject, hash) DO UPDATE SET is_listed = false
"""
# By the heads of their hashes, each with an index.
_SAYING = """
    SELECT chain_id, position, transaction FROM indexer_operation
    WHERE substr({0}, 1, 6) = substr(%(hash)s, 1, 6) AND {0} = %(hash)s
"""
SAID = " UNION ALL ".join(map(_SAYING.format, ("prompt", "answer", "result_normal", "said")))
"""A query for the operations of which a text has the content key ``%(hash)s``."""
_OF_SAME_TRANSACTION = """
    SELECT p.chain_id, p.position, p.transaction FROM said s CROSS JOIN LATERAL (
        SELECT chain_id, position, transaction FROM indexer_operation
        WHERE chain_id = s.chain_id AND position >= (s.position >> 20) << 20
          AND position < ((s.position >> 20) + 1) << 20 AND transaction = s.transaction OFFSET 0) p
"""
_LIST = """
    INSERT INTO indexer_withdrawnoperation (withdrawal_id, chain_id, position, is_erased)
    SELECT %(id)s, l.chain_id, l.position, bool_or(l.is_erased) FROM ({}) l GROUP BY 1, 2, 3
    ON CONFLICT (withdrawal_id, chain_id, position) DO UPDATE SET is_erased = excluded.is_erased
"""
_LIST_CONTENT = _LIST.format(f"""
    WITH said AS MATERIALIZED ({SAID})
    SELECT chain_id, position, %(is_erased)s AS is_erased FROM said
    UNION ALL
    SELECT chain_id, position, true FROM ({_OF_SAME_TRANSACTION}) p WHERE %(is_erased)s
    UNION ALL
    SELECT h.*, false FROM unnest(%(chains)s::int2[], %(positions)s::int8[]) AS h
""")
_LIST_TRANSACTION = _LIST.format(f"""
    WITH said AS MATERIALIZED (
        SELECT chain_id, height << 20 AS position, ordinal AS transaction FROM indexer_transaction
        WHERE substr(rid, 1, 6) = substr(%(hash)s, 1, 6) AND rid = %(hash)s)
    SELECT chain_id, position, false AS is_erased FROM ({_OF_SAME_TRANSACTION}) p
""")
_NEXT = """
    SELECT position, is_erased FROM indexer_withdrawnoperation
    WHERE withdrawal_id = %(id)s AND chain_id = %(chain)s ORDER BY position {} LIMIT %(most)s
"""
_TRANSACTIONS = """
    SELECT DISTINCT w.position >> 20, o.transaction
    FROM unnest(%(positions)s::bigint[]) AS w (position) CROSS JOIN LATERAL (
        SELECT transaction FROM indexer_operation
        WHERE chain_id = %(chain)s AND position = w.position OFFSET 0) o
"""
# A generation that is being dropped waits for this, or has nothing left to make anew.
_REACHED = """
    SELECT d.generation, d.name, d.height FROM indexer_generation g
    JOIN indexer_derivationcheckpoint d ON d.chain_id = g.chain_id AND d.generation = g.generation
    WHERE g.chain_id = %(chain)s AND g.generation = ANY(%(generations)s) FOR KEY SHARE OF g
"""


# How far others that read texts are where one is not that far yet.
_AHEAD = """
    SELECT o.chain_id, o.generation, max(o.height) FROM indexer_derivationcheckpoint o
    LEFT JOIN indexer_derivationcheckpoint d
        ON d.chain_id = o.chain_id AND d.generation = o.generation AND d.name = %(name)s
    WHERE o.name = ANY(%(others)s) AND o.height > coalesce(d.height, -1) GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class _Batch:
    """The next operations of an order, in the order in which they are remade; of ``erased`` the transactions
    lose their bytes.
    """

    chain_id: int
    positions: Sequence[int]
    erased: Sequence[int]


class _Changed(Exception):
    """Another order came for the same text."""


def begin(cursor: CursorWrapper, subject: Suppression.Subject, hash: bytes) -> None:
    """Have all made anew that was made from what the hash names, in the transaction of the order."""
    cursor.execute(_BEGIN, [subject, hash])


def carry_out(subject: Suppression.Subject, hash: bytes) -> None:
    """Take all steps of one order that can be taken now: where it is not known yet which texts all results
    hold, the rest is left to ``carry_out_all``. Raises ``BrokenBody`` where a block is damaged that is to
    lose bytes: it stays to be done.
    """
    order = Withdrawal.objects.filter(subject=subject, hash=hash).first()
    while order is not None and _step(order):
        pass


def carry_out_all(*, seconds: float | None = None) -> bool:
    """Take the steps of every order, the oldest first, as long as there are seconds; whether some are left.
    One that cannot be carried out stays, and is told in the log; so does one that waits for another process.
    """
    begun = time.monotonic()
    for order in Withdrawal.objects.order_by("id"):
        try:
            while _step(order) or _come_nearer(order):
                if seconds is not None and time.monotonic() - begun > seconds:
                    return True
        except BrokenBody as error:
            logger.warning("what says %s %s is not remade: %s", order.subject, _hex(order.hash), error)
    return False


def left() -> Sequence[int]:
    """The orders that are not carried out yet."""
    return list(Withdrawal.objects.order_by("id").values_list("id", flat=True))


def _step(order: Withdrawal) -> bool:
    """One step of an order; whether there may be more."""
    with suppress(_Changed), transaction.atomic(), connection.cursor() as cursor:
        locks.own_withdrawal(cursor)
        now = Withdrawal.objects.filter(id=order.id).first()
        if now is None:
            return False
        if not now.is_listed:
            _list(cursor, now)
        elif not _remake_next(cursor, now) and not _settle_next(cursor, now):
            if now.is_partial:
                return _list_again(now)
            _hold(cursor, now)
            now.delete()
            logger.info("all is remade that said %s %s", now.subject, _hex(now.hash))
            return False
    return True


def _list(cursor: CursorWrapper, order: Withdrawal) -> None:
    """List the operations that say it."""
    is_erased = _hold(cursor, order) == _ERASE
    key, is_content = bytes(order.hash), order.subject == Suppression.Subject.CONTENT
    held: Sequence[tuple[int, int]] = []
    if is_content:
        held = [at for each in _holders() if each.holding for at in each.holding(cursor, key)]
        if is_erased:
            drop_answers(cursor, key)
    of: dict[str, Any] = {
        "id": order.id,
        "hash": key,
        "is_erased": is_erased,
        "chains": [chain_id for chain_id, _ in held],
        "positions": [position for _, position in held],
    }
    cursor.execute(_LIST_CONTENT if is_content else _LIST_TRANSACTION, of)
    logger.info("%d operations say %s %s", cursor.rowcount, order.subject, _hex(order.hash))
    is_partial = is_content and any(map(_ahead, _holders()))
    Withdrawal.objects.filter(id=order.id).update(is_listed=True, is_partial=is_partial)


def _list_again(order: Withdrawal) -> bool:
    """Have it listed again; whether that is of use yet."""
    if any(map(_ahead, _holders())):
        return False
    Withdrawal.objects.filter(id=order.id).update(is_listed=False)
    return True


def _come_nearer(order: Withdrawal) -> bool:
    """Take a step towards knowing which texts all results hold, of which others made something; whether there
    was any to be taken.
    """
    if not Withdrawal.objects.filter(id=order.id, is_partial=True).exists():
        return False
    steps = [
        checkpoints.step(each, Chain.objects.get(id=chain_id), generation, last=height)
        for each in _holders()
        for chain_id, generation, height in _ahead(each)
    ]
    return any(reached is not None for reached in steps)


def _holders() -> Sequence[Derivation]:
    """Those that know which records hold a text of which no operation's row names the key."""
    return [each for each in registry.derivations() if each.holding is not None]


def _ahead(holder: Derivation) -> Sequence[tuple[int, int, int]]:
    """Where others made something of texts of which it does not know yet who holds them: chain, generation,
    and the height up to which they did.
    """
    others = [each.name for each in registry.derivations() if each.reads_texts and each is not holder]
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD, {"name": holder.name, "others": others})
        found: Sequence[tuple[int, int, int]] = cursor.fetchall()
    return found


def _remake_next(cursor: CursorWrapper, order: Withdrawal) -> bool:
    """Remake what was made from the next operations; whether there were any."""
    batch = _next(cursor, order)
    if batch is None:
        return False
    generations = sorted(
        Generation.objects.filter(chain_id=batch.chain_id).values_list("generation", flat=True)
    )
    derivations = [each for each in registry.derivations() if each.remake is not None]
    for generation in generations:
        for each in derivations:
            locks.own_derive(cursor, batch.chain_id, generation, each.lock)
    _hold(cursor, order)
    if batch.erased:
        unsay(cursor, _transactions(cursor, batch))
    cursor.execute(_REACHED, {"chain": batch.chain_id, "generations": generations})
    reached = {(generation, name): height for generation, name, height in cursor.fetchall()}
    for each in derivations:
        for generation in generations:
            end = position_of(reached.get((generation, each.name), -1) + 1, 0)
            positions = sorted(position for position in batch.positions if position < end)
            if positions and each.remake is not None:
                each.remake(cursor, Withdrawn(batch.chain_id, generation, end, positions, order.id))
    WithdrawnOperation.objects.filter(
        withdrawal=order, chain_id=batch.chain_id, position__in=batch.positions
    ).delete()
    return True


def _settle_next(cursor: CursorWrapper, order: Withdrawal) -> bool:
    """Take one step of what follows of what was remade; whether there was any."""
    for each in registry.derivations():
        left = None if each.settling is None else each.settling.left(cursor)
        if left is not None and each.settling is not None:
            chain_id, generation = left
            locks.own_derive(cursor, chain_id, generation, each.lock)
            _hold(cursor, order)
            cursor.execute(_REACHED, {"chain": chain_id, "generations": [generation]})
            reached = {name: height for _, name, height in cursor.fetchall()}
            end = position_of(reached.get(each.name, -1) + 1, 0)
            each.settling.step(cursor, PositionRange(chain_id, generation, 0, end))
            return True
    return False


def _next(cursor: CursorWrapper, order: Withdrawal) -> _Batch | None:
    """What is withdrawn goes from the newest on, and comes back from the oldest on: so the first of those
    that are compared with each other stays it until the end.
    """
    first = WithdrawnOperation.objects.filter(withdrawal=order).order_by("chain_id").first()
    if first is None:
        return None
    is_withdrawn = _mode(cursor, order) is not None
    of = {"id": order.id, "chain": first.chain_id, "most": BATCH}
    cursor.execute(_NEXT.format("DESC" if is_withdrawn else "ASC"), of)
    rows = cursor.fetchall()
    return _Batch(
        first.chain_id,
        [position for position, _ in rows],
        [position for position, is_erased in rows if is_erased],
    )


def _transactions(cursor: CursorWrapper, batch: _Batch) -> Sequence[Place]:
    cursor.execute(_TRANSACTIONS, {"chain": batch.chain_id, "positions": list(batch.erased)})
    return [Place(batch.chain_id, height, ordinal) for height, ordinal in cursor.fetchall()]


def _hold(cursor: CursorWrapper, order: Withdrawal) -> str | None:
    """Have no other order come meanwhile, and where bytes go nobody write or read texts; gives how it is
    suppressed now. Raises ``_Changed``.
    """
    before = _mode(cursor, order)
    (locks.own_suppression if before == _ERASE else locks.share_suppression)(cursor)
    cursor.execute(_IS_LISTED, [order.id])
    if cursor.fetchone() != (order.is_listed,) or _mode(cursor, order) != before:
        raise _Changed
    return before


def _mode(cursor: CursorWrapper, order: Withdrawal) -> str | None:
    cursor.execute(_MODE, [order.subject, bytes(order.hash)])
    found = cursor.fetchone()
    return None if found is None else str(found[0])


def _hex(hash: bytes | memoryview) -> str:
    return bytes(hash).hex().upper()
