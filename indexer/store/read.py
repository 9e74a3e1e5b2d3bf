"""Facts back from the tables: headers rebuilt, bodies unpacked."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Func, QuerySet

from indexer.dapp.replay import position_of
from indexer.models import Transaction
from indexer.models.chain import RID_HEAD
from indexer.postchain import block as blocks
from indexer.postchain import gtv, gtx
from indexer.postchain.block import Header
from indexer.postchain.gtv import Gtv
from indexer.store import body, names
from indexer.store.body import ByteRange
from indexer.store.header_end import decode_header_end


class BrokenBody(Exception):
    """A block's stored body cannot be unpacked as its transactions say; ``why`` is a clause."""

    def __init__(self, *, height: int, why: str) -> None:
        self.why = why
        super().__init__(
            f"Block {height}: {why}. Run fsck to see what else does not hold, and refetch to get it again."
        )


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block's row, with what is kept of its bytes."""

    height: int
    rid: bytes
    timestamp: int
    transactions: int
    header_end: bytes
    raw_header: bytes | None

    def header(self, *, brid: bytes, previous_rid: bytes) -> Header:
        """The header: from its bytes where they are kept, else rebuilt as an empty block after
        ``previous_rid``.
        """
        if self.raw_header is not None:
            return blocks.decode_header(self.raw_header)
        end = decode_header_end(self.header_end)
        return Header(
            brid=brid,
            previous_rid=previous_rid,
            transactions_root=blocks.EMPTY_ROOT,
            timestamp=self.timestamp,
            height=self.height,
            dependencies=end.dependencies,
            extra=end.extra,
        )


@dataclass(frozen=True, slots=True)
class StoredTransaction:
    """A transaction's row, and its bytes unless they were erased."""

    ordinal: int
    rid: bytes
    hash: bytes
    oddities: int
    signers: tuple[bytes, ...]
    data: bytes | None


_BLOCKS = """
    SELECT b.height, b.rid, b.timestamp, b.transactions, b.header_end_id, y.header
    FROM indexer_block b LEFT JOIN indexer_blockbody y ON y.chain_id = b.chain_id AND y.height = b.height
    WHERE b.chain_id = %s AND b.height BETWEEN %s AND %s ORDER BY b.height LIMIT %s
"""
_WITNESS = "SELECT witness FROM indexer_blockbody WHERE chain_id = %s AND height = %s"
_PLACES = """
    SELECT position, transaction FROM indexer_operation
    WHERE chain_id = %s AND position >= %s AND position < %s ORDER BY position
"""
_TRANSACTIONS = """
    SELECT ordinal, rid, hash, oddities, signers_id, "offset", length
    FROM indexer_transaction WHERE chain_id = %s AND height = %s ORDER BY ordinal
"""


def read_blocks(chain_id: int, *, first: int, last: int, limit: int) -> list[StoredBlock]:
    """Stored blocks by height, lowest first."""
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKS, [chain_id, first, last, limit])
        rows = cursor.fetchall()
    ends = names.HEADER_ENDS.values(row[4] for row in rows)
    return [
        StoredBlock(
            height=height,
            rid=bytes(rid),
            timestamp=timestamp,
            transactions=transactions,
            header_end=ends[end],  # type: ignore[arg-type]
            raw_header=header and bytes(header),
        )
        for height, rid, timestamp, transactions, end, header in rows
    ]


def all_blocks(chain_id: int, *, page: int = 1000) -> Iterator[StoredBlock]:
    """Every stored block by height."""
    last = -1
    while rows := read_blocks(chain_id, first=last + 1, last=2**62, limit=page):
        yield from rows
        last = rows[-1].height


def read_transactions(chain_id: int, *, height: int) -> list[StoredTransaction]:
    """The transactions of a block in their order.

    Raises ``BrokenBody`` where the body is missing or does not hold what the rows say.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRANSACTIONS, [chain_id, height])
        rows = cursor.fetchall()
        try:
            unpacked = _body(cursor, chain_id, height) if rows else b""
            data = [
                body.cut(unpacked, ByteRange(offset, length), ordinal=ordinal)
                for ordinal, *_, offset, length in rows
            ]
        except body.Damaged as damage:
            raise BrokenBody(height=height, why=str(damage)) from damage
    signers = signer_keys(row[4] for row in rows)
    return [
        StoredTransaction(ordinal, bytes(rid), bytes(hashed), oddities, signers[signed], each)
        for (ordinal, rid, hashed, oddities, signed, *_), each in zip(rows, data, strict=True)
    ]


def _body(cursor: CursorWrapper, chain_id: int, height: int) -> bytes:
    cursor.execute(
        "SELECT body, length FROM indexer_blockbody WHERE chain_id = %s AND height = %s", [chain_id, height]
    )
    frame, length = cursor.fetchone() or (None, 0)
    return body.unpack(frame and bytes(frame), length)


def read_arguments(
    chain_id: int, *, height: int, without: Container[bytes] = ()
) -> dict[int, tuple[Gtv, ...] | None]:
    """The arguments of each operation of a block by its position.

    None where they were erased, and for the transactions whose RID is in ``without``.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [chain_id, position_of(height, 0), position_of(height + 1, 0)])
        places = cursor.fetchall()
    by_transaction: dict[int, list[int]] = {}
    for position, ordinal in places:
        by_transaction.setdefault(ordinal, []).append(position)
    found: dict[int, tuple[Gtv, ...] | None] = {}
    for each in read_transactions(chain_id, height=height):
        positions = by_transaction.get(each.ordinal, [])
        if each.data is None or each.rid in without:
            found.update(dict.fromkeys(positions))
        else:
            said = _operations(each, height)
            found.update(zip(positions, (operation.arguments for operation in said), strict=True))
    return found


def _operations(each: StoredTransaction, height: int) -> tuple[gtx.Operation, ...]:
    try:
        return gtx.operations_in(each.data or b"")
    except ValueError as error:
        why = f"the bytes of transaction {each.ordinal} cannot be read: {error}"
        raise BrokenBody(height=height, why=why) from error


def read_witness(chain_id: int, *, height: int) -> bytes | None:
    """A block's witness, where it is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_WITNESS, [chain_id, height])
        found = cursor.fetchone()
    return None if found is None or found[0] is None else bytes(found[0])


def signer_keys(ids: Iterable[int]) -> dict[int, tuple[bytes, ...]]:
    """The keys of each interned set of signers."""
    sets = names.SIGNERS.values(ids)
    return {each: tuple(cast(list[bytes], gtv.decode(cast(bytes, value)))) for each, value in sets.items()}


def transactions_with(rid: bytes) -> QuerySet[Transaction]:
    """The transactions with that RID, in whichever chain."""
    head = Func("rid", template=RID_HEAD)
    return Transaction.objects.alias(head=head).filter(head=rid[:6], rid=rid)
