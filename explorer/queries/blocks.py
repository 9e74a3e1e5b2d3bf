"""Blocks, and the transactions in them.

Of the blocks that are kept, those that are folded are shown: the fold checks that each follows from the one
before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from explorer.queries import values
from explorer.queries.chains import ChainView
from explorer.queries.errors import NotHere
from explorer.queries.evidence import Evidence, Sealed, evidence_of
from explorer.queries.keyset import Asked, page_of
from explorer.queries.rows import GENERATION, name_of
from explorer.queries.times import moment
from explorer.queries.values import keys_of, octets
from indexer.dapp.replay import position_of
from indexer.postchain.block import Header
from indexer.store.read import StoredBlock

LARGEST_PAGE = 100
_MOST = 500  # transactions of a block, and records
_MOST_OPERATIONS = 5_000

_ANY = """
    SELECT b.height, b.rid, b.timestamp, b.transactions FROM indexer_block b
    WHERE b.chain_id = %(chain)s AND b.height <= %(last)s
"""
# Empty blocks are stepped over without being read: they have no row among the transactions.
_WITH_TRANSACTIONS = """
    SELECT b.height, b.rid, b.timestamp, b.transactions FROM indexer_transaction t
    JOIN indexer_block b ON b.chain_id = t.chain_id AND b.height = t.height
    WHERE t.chain_id = %(chain)s AND t.ordinal = 0 AND t.height <= %(last)s
"""
_BLOCK = f"""
    WITH b AS MATERIALIZED (SELECT * FROM indexer_block b WHERE {{named}})
    SELECT b.height, b.rid, b.timestamp, b.transactions, e.raw, y.header, y.witness, x.why, p.rid, d.digest,
           (SELECT max(height) FROM indexer_transaction WHERE chain_id = b.chain_id AND height < b.height),
           (SELECT min(height) FROM indexer_transaction
            WHERE chain_id = b.chain_id AND height > b.height AND height <= %(last)s)
    FROM b JOIN indexer_name e ON e.id = b.header_end_id
    LEFT JOIN indexer_blockbody y ON y.chain_id = b.chain_id AND y.height = b.height
    LEFT JOIN indexer_uncheckedwitness x ON x.chain_id = b.chain_id AND x.height = b.height
    LEFT JOIN indexer_block p ON p.chain_id = b.chain_id AND p.height = b.height - 1
    LEFT JOIN indexer_blockdigest d
        ON d.chain_id = b.chain_id AND d.generation = {GENERATION} AND d.height = b.height
    WHERE b.chain_id = %(chain)s AND b.height <= %(last)s ORDER BY b.height LIMIT 1
"""
_AT_HEIGHT = "b.chain_id = %(chain)s AND b.height = %(height)s"
_WITH_RID = "substr(b.rid, 1, 6) = %(head)s AND b.rid = %(rid)s"
_TRANSACTIONS = """
    SELECT t.ordinal, t.rid, t.length, s.raw, t."offset" IS NULL FROM indexer_transaction t
    JOIN indexer_name s ON s.id = t.signers_id
    WHERE t.chain_id = %s AND t.height = %s ORDER BY t.ordinal LIMIT %s
"""
_OPERATIONS = """
    SELECT o.transaction, n.text, n.raw FROM (
        SELECT position, transaction, name_id FROM indexer_operation
        WHERE chain_id = %s AND position >= %s AND position < %s ORDER BY position LIMIT %s
    ) o JOIN indexer_name n ON n.id = o.name_id ORDER BY o.position
"""
_RECORDS = f"""
    SELECT DISTINCT prompt_id FROM indexer_revision
    WHERE chain_id = %(chain)s AND generation = {GENERATION}
      AND position >= %(first)s AND position < %(end)s ORDER BY prompt_id LIMIT {_MOST}
"""


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block in a list."""

    height: int
    rid: bytes
    at: datetime
    timestamp: int  # ms, as stated by its builder
    transactions: int


@dataclass(frozen=True, slots=True)
class BlockPage:
    """One page of blocks, newest first. ``newer`` and ``older`` are the heights to go on from."""

    rows: Sequence[BlockRow]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class Signature:
    """One validator's signature in a witness."""

    signer: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A transaction in its block. ``operations`` are the names, in order: of the block's first 5,000."""

    ordinal: int
    rid: bytes
    length: int  # bytes
    signers: Sequence[bytes]
    operations: Sequence[str]
    erased: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its header as the chain signed it. ``signatures`` is None where the witness is not kept.

    ``previous`` and ``next`` are the nearest blocks with transactions below and above, None at an end.
    ``extra`` is the header's extra data as name and readable value.
    """

    chain: ChainView
    height: int
    rid: bytes
    previous_rid: bytes
    transactions_root: bytes
    timestamp: int  # ms, as stated by its builder
    at: datetime
    dependencies: Sequence[bytes | None] | None
    extra: Sequence[tuple[str, str]]
    transactions: Sequence[TransactionRow]  # at most 500
    transaction_count: int
    evidence: Evidence
    signatures: Sequence[Signature] | None
    digest: bytes | None  # after it; None where it has no revisions
    records: Sequence[int]  # prompt ids of the records whose revisions it holds, at most 500
    previous: int | None
    next: int | None


def page(
    chain: ChainView,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
    with_transactions: bool = False,
) -> BlockPage:
    """A page of blocks by height, newest first: below ``before`` or above ``after``. Raises ``BadQuestion``
    for both at once and for a limit that is not 1 to ``LARGEST_PAGE``.
    """
    asked = Asked(before, after, limit, most=LARGEST_PAGE)
    listed, column = (_WITH_TRANSACTIONS, "t.height") if with_transactions else (_ANY, "b.height")
    parameters = {"chain": chain.id, "last": chain.freshness.height}
    with connection.cursor() as cursor:
        cursor.execute(asked.sql(listed, column=column), parameters | asked.parameters())
        rows = [_row(*row) for row in cursor.fetchall()]
    found = page_of(
        asked,
        rows if asked.is_downwards else rows[::-1],
        number=lambda row: row.height,
        has_other_side=asked.has_other_side(listed, parameters, column=column),
    )
    return BlockPage(found.rows, newer=found.newer, older=found.older)


def at_height(chain: ChainView, height: int) -> Block:
    """The block at a height. Raises ``NotHere``, which says how far the chain is indexed."""
    last = chain.freshness.height
    found = _block(chain, _AT_HEIGHT, {"height": height}) if 0 <= height <= last else None
    if found is None:
        raise NotHere(_which(height, last))
    return found


def with_rid(chain: ChainView, rid: bytes) -> Block:
    """The block with that RID. Raises ``NotHere``."""
    found = _block(chain, _WITH_RID, {"head": rid[:6], "rid": rid})
    if found is None:
        shown = rid.hex().upper()[:64]
        raise NotHere(f"No block {shown} is on this chain up to height {chain.freshness.height}.")
    return found


def _which(height: int, last: int) -> str:
    if last < 0:
        return f"There is no block {height} here: none is indexed yet."
    return f"There is no block {height} here: the chain is indexed from block 0 to block {last}."


def _row(height: int, rid: Any, timestamp: int, transactions: int) -> BlockRow:
    return BlockRow(height, bytes(rid), moment(timestamp), timestamp, transactions)


def _block(chain: ChainView, named: str, by: Mapping[str, Any]) -> Block | None:
    parameters = {"chain": chain.id, "last": chain.freshness.height, **by}
    with connection.cursor() as cursor:
        cursor.execute(_BLOCK.format(named=named), parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    height, rid, timestamp, count, end, raw, witness, unchecked, previous_rid, digest, *nearest = row
    stored = StoredBlock(height, bytes(rid), timestamp, count, bytes(end), octets(raw))
    header = stored.header(brid=chain.brid, previous_rid=octets(previous_rid) or chain.brid)
    sealed = Sealed(height, octets(witness), unchecked)
    return Block(
        chain=chain,
        height=height,
        rid=stored.rid,
        at=moment(timestamp),
        **_header(header),
        transactions=_transactions(chain.id, height) if count else (),
        transaction_count=count,
        evidence=evidence_of(chain.id, [sealed])[height],
        signatures=_signatures(sealed),
        digest=octets(digest),
        records=_records(chain.id, height) if count else (),
        previous=nearest[0],
        next=nearest[1],
    )


def _header(header: Header) -> dict[str, Any]:
    return {
        "previous_rid": header.previous_rid,
        "transactions_root": header.transactions_root,
        "timestamp": header.timestamp,
        "dependencies": header.dependencies,
        "extra": values.named(header.extra),
    }


def _signatures(sealed: Sealed) -> Sequence[Signature] | None:
    found = sealed.signatures()
    return None if found is None else [Signature(each.subject, each.signature) for each in found]


def _transactions(chain_id: int, height: int) -> Sequence[TransactionRow]:
    names = _names(chain_id, height)
    with connection.cursor() as cursor:
        cursor.execute(_TRANSACTIONS, [chain_id, height, _MOST])
        rows = cursor.fetchall()
    return [
        TransactionRow(ordinal, bytes(rid), length, keys_of(signers), names.get(ordinal, ()), erased)
        for ordinal, rid, length, signers, erased in rows
    ]


def _names(chain_id: int, height: int) -> Mapping[int, Sequence[str]]:
    """Names of operations by their transaction's ordinal."""
    found: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _OPERATIONS, [chain_id, position_of(height, 0), position_of(height + 1, 0), _MOST_OPERATIONS]
        )
        for ordinal, text, raw in cursor.fetchall():
            found.setdefault(ordinal, []).append(name_of(text, raw))
    return found


def _records(chain_id: int, height: int) -> Sequence[int]:
    parameters = {
        "chain": chain_id,
        "first": position_of(height, 0),
        "end": position_of(height + 1, 0),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, parameters)
        return [prompt_id for (prompt_id,) in cursor.fetchall()]
