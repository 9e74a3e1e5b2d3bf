"""Facts of a window into the tables: content first, then facts and the window's row.

Content goes through a staging table in hash order, because two windows that insert shared texts in different
orders deadlock, and a long transaction makes its neighbour wait. Writing a window twice changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import UniqueViolation

from indexer.models.content import Text
from indexer.postchain import gtv
from indexer.store import locks, names, suppression
from indexer.store.copy import copy_rows
from indexer.store.facts import BlockFacts, OperationFacts, Texts
from indexer.store.names import Value
from indexer.store.suppression import Suppressed

_LARGEST_TEXT = 128 << 20  # characters; PostgreSQL takes a value of 1 GiB, but keeps several copies at work


class SuppressionChanged(Exception):
    """Something was erased between reading a window and writing it: make its rows again."""


class BlockChanged(Exception):
    """A finalised block that is here already has another RID now."""

    def __init__(self, *, height: int, stored: bytes, given: bytes) -> None:
        self.height = height
        super().__init__(
            f"Block {height} is stored with RID {stored.hex().upper()}, a node gives {given.hex().upper()}. "
            "A finalised block does not change: one of the two answers is not of this chain. Ask others. "
            "If all say so, the chain was begun anew: `manage.py forget` removes the old one from here."
        )


class NotWritten(Exception):
    """Rows of these blocks are here without the blocks: no other worker leaves that."""

    def __init__(self, *, first: int, last: int, why: str) -> None:
        super().__init__(
            f"Blocks {first} to {last} cannot be written: rows of theirs are here already, but not the "
            f"blocks themselves ({why}). The index is damaged: fsck says where."
        )


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """Verified blocks of consecutive heights, lowest first, and their texts.

    ``erased`` is what was left out of both.
    """

    chain_id: int
    blocks: Sequence[BlockFacts]
    texts: Texts
    erased: Suppressed

    @property
    def first(self) -> int:
        """The lowest height."""
        return self.blocks[0].header.height

    @property
    def last(self) -> int:
        """The highest height."""
        return self.blocks[-1].header.height

    @property
    def weight(self) -> int:
        """Bytes of its transactions."""
        return sum(each.body.length for each in self.blocks if each.body is not None)


def write_window(window: WindowFacts) -> None:
    """Write what is not here yet, and the window's row.

    Raises ``BlockChanged`` where a height is here with another RID (nothing is written then),
    ``SuppressionChanged`` where ``window.erased`` is out of date, and ``NotWritten`` where rows of these
    blocks are here without the blocks.
    """
    with connection.cursor() as cursor, locks.sharing_suppression(cursor):
        if suppression.erased(cursor) != window.erased:
            raise SuppressionChanged
        _not_here(cursor, window)
        with transaction.atomic():
            write_texts(cursor, "indexer_prompt", window.texts.prompts, window.erased)
            write_texts(cursor, "indexer_answer", window.texts.answers, window.erased)
        ids = intern(window.blocks)
        _write_beside_others(window, ids)


def write_texts(cursor: CursorWrapper, table: str, texts: dict[bytes, str], erased: Suppressed) -> None:
    """Add the texts that are not in ``table`` yet, by content key."""
    if not texts:
        return
    cursor.execute(
        "CREATE TEMP TABLE IF NOT EXISTS staged_text"
        " (hash bytea, length int, reason int2, text text, raw bytea) ON COMMIT DELETE ROWS"
    )
    cursor.execute("TRUNCATE staged_text")
    rows = (_text_row(key, text, erased) for key, text in texts.items())
    copy_rows(
        cursor,
        "staged_text",
        {"hash": "bytea", "length": "int4", "reason": "int2", "text": "text", "raw": "bytea"},
        rows,
    )
    cursor.execute(
        f"INSERT INTO {table} (hash, length, reason, text, raw)"
        " SELECT hash, length, reason, text, raw FROM staged_text ORDER BY hash ON CONFLICT (hash) DO NOTHING"
    )


@dataclass(frozen=True, slots=True)
class NameIds:
    """Ids of every name in a window."""

    operations: dict[Value, int]
    models: dict[Value, int]
    providers: dict[Value, int]
    signers: dict[Value, int]
    header_ends: dict[Value, int]


def _text_row(key: bytes, text: str, erased: Suppressed) -> tuple[object, ...]:
    if key in erased.contents:
        return key, len(text), Text.Reason.ERASED, None, None
    if len(text) > _LARGEST_TEXT:
        return key, len(text), Text.Reason.SIZE, None, text.encode("utf-8", "surrogatepass")
    if "\0" in text:
        return key, len(text), Text.Reason.NUL, None, text.encode("utf-8", "surrogatepass")
    return key, len(text), Text.Reason.NONE, text, None


def intern(blocks: Sequence[BlockFacts]) -> NameIds:
    """Ids of every name in these blocks, new ones among them."""
    operations = [operation for block in blocks for operation in block.operations]
    return NameIds(
        operations=names.OPERATIONS.intern(each.name for each in operations),
        models=names.MODELS.intern(each.model for each in operations if each.model is not None),
        providers=names.PROVIDERS.intern(each.provider for each in operations if each.provider is not None),
        signers=names.SIGNERS.intern(
            signers_value(each.signers) for block in blocks for each in block.transactions
        ),
        header_ends=names.HEADER_ENDS.intern(block.header_end for block in blocks),
    )


@lru_cache(maxsize=1000)
def signers_value(signers: tuple[bytes, ...]) -> bytes:
    """A set of signers as it is interned: a GTV array of keys in the transaction's order."""
    return gtv.encode(list(signers))


def _write_beside_others(window: WindowFacts, ids: NameIds) -> None:
    """Write the facts. Where another worker wrote some of these heights in between, they are seen and left
    out next time: at least one more each time, so that there is an end.
    """
    for left in reversed(range(len(window.blocks) + 1)):
        try:
            write_facts(window, ids)
        except UniqueViolation as violation:
            if left == 0:
                why = violation.diag.message_detail or str(violation)
                raise NotWritten(first=window.first, last=window.last, why=why) from violation
        else:
            return


def write_facts(window: WindowFacts, ids: NameIds) -> None:
    """Write the blocks that are not here yet, and the window's row. Raises ``BlockChanged``, and psycopg's
    ``UniqueViolation`` where another one wrote some in between.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        new = _not_here(cursor, window)
        _copy_blocks(cursor, window.chain_id, new, ids)
        _copy_transactions(cursor, window.chain_id, new, ids)
        _copy_operations(cursor, window.chain_id, new, ids)
        cursor.execute(
            "INSERT INTO indexer_window (chain_id, first, last, transactions, operations, finished_at)"
            " VALUES (%s, %s, %s, %s, %s, now())"
            " ON CONFLICT (chain_id, first) DO UPDATE SET"
            " last = greatest(indexer_window.last, excluded.last),"
            " transactions = indexer_window.transactions + excluded.transactions,"
            " operations = indexer_window.operations + excluded.operations",
            [
                window.chain_id,
                window.first,
                window.last,
                sum(len(block.transactions) for block in new),
                sum(len(block.operations) for block in new),
            ],
        )


def _not_here(cursor: CursorWrapper, window: WindowFacts) -> list[BlockFacts]:
    """The blocks that are not stored yet; those that are must be the same."""
    cursor.execute(
        "SELECT height, rid FROM indexer_block WHERE chain_id = %s AND height BETWEEN %s AND %s",
        [window.chain_id, window.first, window.last],
    )
    stored = {height: bytes(rid) for height, rid in cursor.fetchall()}
    for block in window.blocks:
        known = stored.get(block.header.height)
        if known is not None and known != block.rid:
            raise BlockChanged(height=block.header.height, stored=known, given=block.rid)
    return [block for block in window.blocks if block.header.height not in stored]


_BLOCK = {
    "chain_id": "int2",
    "height": "int8",
    "timestamp": "int8",
    "transactions": "int4",
    "header_end_id": "int4",
    "rid": "bytea",
}
_BODY = {
    "chain_id": "int2",
    "height": "int8",
    "length": "int8",
    "header": "bytea",
    "witness": "bytea",
    "body": "bytea",
}
_TRANSACTION = {
    "chain_id": "int2",
    "height": "int8",
    "ordinal": "int4",
    "length": "int4",
    "signers_id": "int4",
    "oddities": "int2",
    "rid": "bytea",
    "hash": "bytea",
    '"offset"': "int4",
}
_OPERATION_COLUMNS = {
    "chain_id": "int2",
    "position": "int8",
    "first": "int8",
    "second": "int8",
    "transaction": "int4",
    "name_id": "int4",
    "model_id": "int4",
    "provider_id": "int4",
    "reading": "int2",
    "answer_reason": "int2",
    "key": "bytea",
    "messages": "bytea",
    "prompt": "bytea",
    "result": "bytea",
    "result_normal": "bytea",
    "answer": "bytea",
    "said": "bytea",
    "noted": "bool",
    "halved": "bool",
}


def _copy_blocks(cursor: CursorWrapper, chain_id: int, blocks: Sequence[BlockFacts], ids: NameIds) -> None:
    rows = (
        (
            chain_id,
            each.header.height,
            each.header.timestamp,
            len(each.transactions),
            ids.header_ends[each.header_end],
            each.rid,
        )
        for each in blocks
    )
    copy_rows(cursor, "indexer_block", _BLOCK, rows)
    bodies = (
        (
            chain_id,
            each.header.height,
            each.body.length if each.body else 0,
            each.raw_header,
            each.witness,
            each.body.frame if each.body else None,
        )
        for each in blocks
        if each.raw_header is not None or each.witness is not None
    )
    copy_rows(cursor, "indexer_blockbody", _BODY, bodies)
    unchecked = ((chain_id, each.header.height, each.unchecked) for each in blocks if each.unchecked)
    copy_rows(
        cursor,
        "indexer_uncheckedwitness",
        {"chain_id": "int2", "height": "int8", "why": "text"},
        unchecked,
    )


def _copy_transactions(
    cursor: CursorWrapper, chain_id: int, blocks: Sequence[BlockFacts], ids: NameIds
) -> None:
    copy_rows(cursor, "indexer_transaction", _TRANSACTION, _transaction_rows(chain_id, blocks, ids))


def _transaction_rows(
    chain_id: int, blocks: Sequence[BlockFacts], ids: NameIds
) -> Iterator[tuple[object, ...]]:
    for block in blocks:
        if block.body is None:
            continue
        for ordinal, (each, span) in enumerate(zip(block.transactions, block.body.spans, strict=True)):
            yield (
                chain_id,
                block.header.height,
                ordinal,
                span.length,
                ids.signers[signers_value(each.signers)],
                int(each.oddities),
                each.rid,
                each.hash,
                span.offset,
            )


def _copy_operations(
    cursor: CursorWrapper, chain_id: int, blocks: Sequence[BlockFacts], ids: NameIds
) -> None:
    rows = (_operation_row(chain_id, each, ids) for block in blocks for each in block.operations)
    copy_rows(cursor, "indexer_operation", _OPERATION_COLUMNS, rows)


def _operation_row(chain_id: int, each: OperationFacts, ids: NameIds) -> tuple[object, ...]:
    return (
        chain_id,
        each.position,
        each.first,
        each.second,
        each.transaction,
        ids.operations[each.name],
        None if each.model is None else ids.models[each.model],
        None if each.provider is None else ids.providers[each.provider],
        each.reading,
        each.answer_reason,
        each.key,
        each.messages,
        each.prompt,
        each.result,
        each.result_normal,
        each.answer,
        each.said,
        each.noted,
        each.halved,
    )
