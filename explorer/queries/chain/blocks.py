"""Blocks, and the transactions in them.

Of the blocks that are kept, those that are folded are shown: the fold checks that each follows from the one
before it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.deeds import Deed, deeds_of
from explorer.queries.chain.evidence import Evidence, Sealed, evidence_of
from explorer.queries.db import pagination, sql, values
from explorer.queries.db.errors import Damaged, NotHere
from explorer.queries.db.pagination import Order, Page, PageRequest
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.sql import GENERATION, name_of
from explorer.queries.db.transaction_bytes import BROKEN
from explorer.queries.db.values import keys_of
from indexer.dapp.replay import position_of
from indexer.postchain.block import Header, HeaderError, encode_header, header_rid
from indexer.postchain.merkle import UnknownMerkleVersion
from indexer.postchain.times import moment
from indexer.store.read import StoredBlock

logger = logging.getLogger(__name__)

MOST = 500
"""Transactions of a block that are given, and records."""

MOST_NAMES = 100
"""Operations of a transaction that are named in its block."""

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
LISTED = {
    None: (_ANY, Order(("b.height",))),
    BlockKind.WITH_TRANSACTIONS: (_WITH_TRANSACTIONS, Order(("t.height",))),
}
"""By what is asked for: SQL of the blocks of a chain up to the last one, and what sorts them."""

_EVERY = BlockFilter()
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
_AT_HEIGHT = Prepared(
    _BLOCK.format(named="b.chain_id = %(chain)s AND b.height = %(height)s"),
    {"chain": "smallint", "last": "bigint", "height": "bigint"},
)
_WITH_RID = Prepared(
    _BLOCK.format(named="substr(b.rid, 1, 6) = %(head)s AND b.rid = %(rid)s"),
    {"chain": "smallint", "last": "bigint", "head": "bytea", "rid": "bytea"},
)
_TRANSACTIONS = f"""
    SELECT t.ordinal, t.rid, t.hash, t.length, s.raw, t."offset" IS NULL FROM indexer_transaction t
    JOIN indexer_name s ON s.id = t.signers_id
    WHERE t.chain_id = %(chain)s AND t.height = %(height)s AND t.ordinal > %(after)s
    ORDER BY t.ordinal LIMIT {MOST}
"""
# Of the same transactions: ordinals leave none out.
_OPERATIONS = f"""
    SELECT o.transaction, o.count, n.text, n.raw FROM (
        SELECT position, transaction, name_id, count(*) OVER (PARTITION BY transaction),
               row_number() OVER (PARTITION BY transaction ORDER BY position) AS number
        FROM indexer_operation
        WHERE chain_id = %(chain)s AND position >= %(first)s AND position < %(end)s
          AND transaction > %(after)s AND transaction <= %(after)s + {MOST}
    ) o JOIN indexer_name n ON n.id = o.name_id WHERE o.number <= {MOST_NAMES} ORDER BY o.position
"""
_RECORDS = f"""
    SELECT count(*) OVER (), prompt_id FROM (
        SELECT DISTINCT prompt_id FROM indexer_revision
        WHERE chain_id = %(chain)s AND generation = {GENERATION}
          AND position >= %(first)s AND position < %(end)s
    ) r ORDER BY prompt_id LIMIT {MOST}
"""


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block in a list."""

    chain: bytes  # its blockchain RID
    height: int
    rid: bytes
    at: datetime
    timestamp: int  # ms, as stated by its builder
    transactions: int
    deeds: Sequence[Deed] = ()

    @property
    def chain_rid(self) -> str:
        """The blockchain RID in upper-case hex, as addresses have it."""
        return self.chain.hex().upper()


@dataclass(frozen=True, slots=True)
class Signature:
    """One validator's signature in a witness."""

    signer: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A transaction in its block. ``operations`` are the names of its first 100, in order."""

    ordinal: int
    rid: bytes
    hash: bytes
    length: int  # bytes
    signers: Sequence[bytes]
    operations: Sequence[str]
    operation_count: int
    erased: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its header as the chain signed it. ``signatures`` is None where the witness is not kept.

    ``previous`` and ``next`` are the nearest blocks with transactions below and above, None at an end.
    ``extra`` is the header's extra data as name and readable value. ``transactions_next`` is the ordinal
    after which more transactions follow, None where there are none.
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
    transactions: Sequence[TransactionRow]  # at most 500, from the first or after one that was asked for
    transactions_next: int | None
    transaction_count: int
    evidence: Evidence
    signatures: Sequence[Signature] | None
    digest: bytes | None  # after it; None where it has no revisions
    records: Sequence[int]  # prompt ids of the records whose revisions it holds, at most 500
    record_count: int
    deeds: Sequence[Deed]  # what it did to them
    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A block's row, with its header and witness."""

    stored: StoredBlock
    header: Header
    sealed: Sealed
    digest: bytes | None
    previous: int | None
    next: int | None


def page(
    chain: ChainView, wanted: BlockFilter = _EVERY, request: PageRequest | None = None
) -> Page[BlockRow]:
    """A page of the blocks that are wanted, by height; of the highest where none is asked for."""
    listed, by = LISTED[wanted.kind]
    only = wanted.condition()
    found = pagination.read(
        request or PageRequest(),
        f"{listed}{only.sql}",
        {"chain": chain.id, "last": chain.freshness.height, **only.parameters},
        by=by,
        rows=lambda statement, parameters: [row_of(chain, *each) for each in sql.rows(statement, parameters)],
        key=lambda row: (row.height,),
    )
    deeds = deeds_of(chain.id, [row.height for row in found.rows if row.transactions])
    return replace(found, rows=[replace(row, deeds=deeds.get(row.height, ())) for row in found.rows])


def count_above(chain: ChainView, height: int, wanted: BlockFilter = _EVERY, *, most: int) -> int:
    """How many of the blocks that are wanted lie above a height, counted up to ``most``."""
    listed, by = LISTED[wanted.kind]
    above = f"{listed} AND {by.columns[0]} > %(height)s ORDER BY {by.columns[0]} LIMIT %(most)s"
    parameters = {"chain": chain.id, "last": chain.freshness.height, "height": height, "most": most}
    ((count,),) = sql.rows(f"SELECT count(*) FROM ({above}) AS c", parameters)
    return int(count)


def at_height(chain: ChainView, height: int, *, after: int | None = None) -> Block:
    """The block at a height, with its transactions ``after`` that ordinal. Raises ``NotHere``, which says how
    far the chain is indexed, and ``Damaged``.
    """
    return _block(chain, _at_height(chain, height), after=after)


def with_rid(chain: ChainView, rid: bytes, *, after: int | None = None) -> Block:
    """The block with that RID, with its transactions ``after`` that ordinal. Raises ``NotHere``."""
    found = _find(chain, _WITH_RID, {"head": rid[:6], "rid": rid})
    if found is None:
        shown = rid.hex().upper()[:64]
        raise NotHere(f"No block {shown} is on this chain up to height {chain.freshness.height}.")
    return _block(chain, found, after=after)


def header(chain: ChainView, height: int) -> bytes:
    """The header of the block at a height, as it is signed (GTV). Raises ``NotHere``."""
    found = _at_height(chain, height)
    kept = found.stored.raw_header
    return encode_header(found.header) if kept is None else kept


def witness(chain: ChainView, height: int) -> bytes:
    """Its witness, as Postchain writes it. Raises ``NotHere``, also where it is not kept."""
    found = _at_height(chain, height).sealed.witness
    if found is None:
        raise NotHere(
            f"The witness of block {height} is not kept: an empty block's is dropped once it was checked."
        )
    return found


def _at_height(chain: ChainView, height: int) -> _Found:
    last = chain.freshness.height
    found = _find(chain, _AT_HEIGHT, {"height": height}) if 0 <= height <= last else None
    if found is None:
        raise NotHere(_which(height, last))
    return found


def _which(height: int, last: int) -> str:
    if last < 0:
        return f"There is no block {height} here: none is indexed yet."
    return f"There is no block {height} here: the chain is indexed from block 0 to block {last}."


def row_of(chain: ChainView, height: int, rid: bytes, timestamp: int, transactions: int) -> BlockRow:
    """A row of what is ``LISTED``."""
    return BlockRow(chain.brid, height, rid, moment(timestamp), timestamp, transactions)


def _find(chain: ChainView, named: Prepared, by: Mapping[str, Any]) -> _Found | None:
    rows = named.rows({"chain": chain.id, "last": chain.freshness.height, **by})
    if not rows:
        return None
    height, rid, timestamp, count, end, raw, witness, unchecked, previous_rid, digest, *nearest = rows[0]
    stored = StoredBlock(height, rid, timestamp, count, end, raw)
    return _Found(
        stored=stored,
        header=_header(stored, brid=chain.brid, previous_rid=previous_rid or chain.brid),
        sealed=Sealed(height, witness, unchecked),
        digest=digest,
        previous=nearest[0],
        next=nearest[1],
    )


def _header(stored: StoredBlock, *, brid: bytes, previous_rid: bytes) -> Header:
    """The header of a stored block. Raises ``Damaged``: that of a block with transactions is kept, and hashes
    to its RID.
    """
    try:
        header = stored.header(brid=brid, previous_rid=previous_rid)
        is_kept = stored.raw_header is not None
        is_sound = header_rid(header) == stored.rid if is_kept else not stored.transactions
    except (HeaderError, UnknownMerkleVersion):
        is_sound = False
    if not is_sound:
        logger.error("block %d is damaged: run fsck", stored.height)
        raise Damaged(BROKEN.fault)
    return header


def _block(chain: ChainView, found: _Found, *, after: int | None) -> Block:
    stored, header = found.stored, found.header
    count = stored.transactions
    skipped = -1 if after is None else min(after, count)
    transactions = _transactions(chain.id, stored.height, skipped) if count else ()
    records, record_count = _records(chain.id, stored.height) if count else ((), 0)
    last = transactions[-1].ordinal if transactions else count
    return Block(
        chain=chain,
        height=stored.height,
        rid=stored.rid,
        at=moment(stored.timestamp),
        previous_rid=header.previous_rid,
        transactions_root=header.transactions_root,
        timestamp=header.timestamp,
        dependencies=header.dependencies,
        extra=values.named(header.extra),
        transactions=transactions,
        transactions_next=last if last + 1 < count else None,
        transaction_count=count,
        evidence=evidence_of(chain.id, [found.sealed])[stored.height],
        signatures=_signatures(found.sealed),
        digest=found.digest,
        records=records,
        record_count=record_count,
        deeds=deeds_of(chain.id, [stored.height]).get(stored.height, ()) if count else (),
        previous=found.previous,
        next=found.next,
    )


def _signatures(sealed: Sealed) -> Sequence[Signature] | None:
    found = sealed.signatures()
    return None if found is None else [Signature(each.subject, each.signature) for each in found]


def _transactions(chain_id: int, height: int, after: int) -> Sequence[TransactionRow]:
    parameters = {**_within(chain_id, height), "height": height, "after": after}
    names, counts = _operations(parameters)
    return [
        TransactionRow(
            ordinal=ordinal,
            rid=rid,
            hash=hashed,
            length=length,
            signers=keys_of(signers),
            operations=names.get(ordinal, ()),
            operation_count=counts.get(ordinal, 0),
            erased=erased,
        )
        for ordinal, rid, hashed, length, signers, erased in sql.rows(_TRANSACTIONS, parameters)
    ]


def _operations(parameters: Mapping[str, Any]) -> tuple[Mapping[int, Sequence[str]], Mapping[int, int]]:
    """Names of the first operations and the count of all, by their transaction's ordinal."""
    names: dict[int, list[str]] = {}
    counts: dict[int, int] = {}
    for ordinal, count, text, raw in sql.rows(_OPERATIONS, parameters):
        names.setdefault(ordinal, []).append(name_of(text, raw))
        counts[ordinal] = count
    return names, counts


def _records(chain_id: int, height: int) -> tuple[Sequence[int], int]:
    """The first of a block's records, and how many there are."""
    rows = sql.rows(_RECORDS, _within(chain_id, height))
    return [prompt_id for _, prompt_id in rows], rows[0][0] if rows else 0


def _within(chain_id: int, height: int) -> dict[str, int]:
    """The operations of a block, as parameters."""
    return {"chain": chain_id, "first": position_of(height, 0), "end": position_of(height + 1, 0)}
