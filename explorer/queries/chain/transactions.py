"""Transactions and their operations, argument by argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.evidence import Evidence, Sealed, evidence_of
from explorer.queries.chain.operations import (
    Argument,
    Kind,
    Operation,
    Stored,
    declared_at,
    operation_of,
    unlisted_keys,
)
from explorer.queries.db import sql, transaction_bytes
from explorer.queries.db.errors import Damaged, NotHere
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.sql import GENERATION, name_of
from explorer.queries.db.texts import Text, text_of
from explorer.queries.db.transaction_bytes import Place, TransactionBytes
from explorer.queries.db.values import keys_of
from indexer.dapp.declarations import declarations
from indexer.dapp.replay import position_of
from indexer.postchain.gtx import Oddity
from indexer.postchain.times import moment
from indexer.store.suppression import Hold, Withheld, gate

__all__ = ["Argument", "Kind", "Operation", "Transaction", "WithheldBytes", "raw", "with_rid"]

MOST = 1_000
"""Operations of a transaction that are given."""

_GONE = "Its bytes were erased: they held a text that must not be kept."
_ODDITIES = {
    Oddity.NOT_CANONICAL: "Its bytes are not in the one form that nodes take from clients.",
    Oddity.EXTRA_ELEMENT: "It holds an element more than a transaction has, which nodes ignore.",
    Oddity.LONG_SIGNATURE: "A signature is longer than 64 bytes; nodes read the first 64.",
    Oddity.HIGH_S: "A signature is in the second of its two valid forms (high S).",
    Oddity.LONG_KEY: "A signer's key is not in compressed form.",
    Oddity.REPEATED_SIGNER: "A key is named as a signer more than once.",
}

# By the indexed head of the RID in a step of its own: the planner might rather take an index by chain.
_TRANSACTION = Prepared(
    """
    WITH t AS MATERIALIZED (
        SELECT * FROM indexer_transaction WHERE substr(rid, 1, 6) = %(head)s AND rid = %(rid)s
    )
    SELECT t.height, t.ordinal, t.rid, t.hash, t.length, t.oddities, s.raw, b.rid, b.timestamp,
           y.witness, x.why
    FROM t JOIN indexer_name s ON s.id = t.signers_id
    JOIN indexer_block b ON b.chain_id = t.chain_id AND b.height = t.height
    LEFT JOIN indexer_blockbody y ON y.chain_id = t.chain_id AND y.height = t.height
    LEFT JOIN indexer_uncheckedwitness x ON x.chain_id = t.chain_id AND x.height = t.height
    WHERE t.chain_id = %(chain)s AND t.height <= %(last)s ORDER BY t.height LIMIT 1
""",
    {"chain": "smallint", "head": "bytea", "rid": "bytea", "last": "bigint"},
)
_OF_TRANSACTION = """
    chain_id = %(chain)s AND position >= %(first)s AND position < %(end)s AND transaction = %(ordinal)s
"""
_OPERATIONS = f"""
    SELECT o.count, o.position, n.text, n.raw, o.reading, o.prompt, o.answer, o.result_normal, o.said, ARRAY(
        SELECT v.prompt_id FROM indexer_revision v
        WHERE v.chain_id = %(chain)s AND v.generation = {GENERATION} AND v.position = o.position
        ORDER BY v.prompt_id)
    FROM (SELECT *, count(*) OVER () FROM indexer_operation
          WHERE {_OF_TRANSACTION} ORDER BY position LIMIT {MOST}) o
    JOIN indexer_name n ON n.id = o.name_id ORDER BY o.position
"""
_KEYS = f"""
    SELECT DISTINCT unnest(ARRAY[prompt, answer, result_normal, said]) FROM indexer_operation
    WHERE {_OF_TRANSACTION}
"""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction at its place in a block. ``oddities`` are sentences.

    ``withheld`` is None where all of it may be shown; where but an argument of it is withheld, it is that.
    """

    chain: ChainView
    rid: bytes
    hash: bytes
    height: int
    block_rid: bytes
    ordinal: int  # in its block
    at: datetime  # of its block
    timestamp: int  # ms, the same as its builder stated it
    length: int  # bytes
    signers: Sequence[bytes]
    oddities: Sequence[str]
    evidence: Evidence
    operations: Sequence[Operation]  # at most 1,000
    operation_count: int
    withheld: Text | None

    @property
    def damage(self) -> str:
        """What is wrong with the stored copy, and what to do; empty where it can be read."""
        held = self.withheld
        return held.reason if held is not None and held.withheld is Withheld.UNREADABLE else ""


class WithheldBytes(Exception):
    """What was asked for is withheld by the operator; the message is the reason."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A transaction's row."""

    place: Place
    rid: bytes
    hash: bytes
    length: int
    oddities: int
    signers: Sequence[bytes]
    block_rid: bytes
    timestamp: int
    sealed: Sealed

    def operations(self, chain: ChainView) -> dict[str, Any]:
        """Where its operations are, as parameters."""
        return {
            "chain": chain.id,
            "first": position_of(self.place.height, 0),
            "end": position_of(self.place.height + 1, 0),
            "ordinal": self.place.ordinal,
        }


def with_rid(chain: ChainView, rid: bytes) -> Transaction:
    """The transaction with that RID; five queries, six where an operation is not understood. Raises
    ``NotHere``.
    """
    found = _find(chain, rid)
    count, stored = _stored(chain, found)
    data = transaction_bytes.read(chain.id, [found.place])[found.place]
    spoken = data.operations()[:MOST]
    keys = [key for each in stored for key in each.keys]
    asked = gate(contents=[*keys, *unlisted_keys(spoken)], transactions=[rid])
    hold = _hold(data, asked.hold(transaction=rid), asked.hold(*keys))
    unread = hold is None and not all(each.is_understood for each in stored)
    declared = declared_at(chain, found.place.height) if unread else declarations({})
    operations = [
        operation_of(each, spoken[index] if hold is None else None, asked, index=index, declared=declared)
        for index, each in enumerate(stored)
    ]
    return Transaction(
        chain=chain,
        rid=found.rid,
        hash=found.hash,
        height=found.place.height,
        block_rid=found.block_rid,
        ordinal=found.place.ordinal,
        at=moment(found.timestamp),
        timestamp=found.timestamp,
        length=found.length,
        signers=found.signers,
        oddities=[sentence for oddity, sentence in _ODDITIES.items() if found.oddities & oddity],
        evidence=evidence_of(chain.id, [found.sealed])[found.place.height],
        operations=operations,
        operation_count=count,
        withheld=text_of(None, hash=rid, hold=hold) if hold else _first_withheld(operations),
    )


def raw(chain: ChainView, rid: bytes) -> bytes:
    """Its bytes as they are in the block. Raises ``NotHere``, ``WithheldBytes`` where they are withheld or a
    text in them is, and ``Damaged``.
    """
    found = _find(chain, rid)
    data = transaction_bytes.read(chain.id, [found.place])[found.place]
    keys = [key for (key,) in sql.rows(_KEYS, found.operations(chain))]
    asked = gate(contents=[*keys, *unlisted_keys(data.operations())], transactions=[rid])
    hold = _hold(data, asked.hold(*asked.contents, transaction=rid), None)
    if hold is None and data.data is not None:
        return data.data
    if hold is None or hold.withheld is Withheld.UNREADABLE:
        raise Damaged(data.fault)
    raise WithheldBytes(hold.reason)


def _find(chain: ChainView, rid: bytes) -> _Found:
    last = chain.freshness.height
    rows = _TRANSACTION.rows({"chain": chain.id, "head": rid[:6], "rid": rid, "last": last})
    if not rows:
        shown = rid.hex().upper()[:64]
        raise NotHere(f"No transaction {shown} is on this chain up to height {last}.")
    height, ordinal, _, hashed, length, oddities, signers, block_rid, timestamp, witness, unchecked = rows[0]
    return _Found(
        place=Place(height, ordinal),
        rid=rid,
        hash=hashed,
        length=length,
        oddities=oddities,
        signers=keys_of(signers),
        block_rid=block_rid,
        timestamp=timestamp,
        sealed=Sealed(height, witness, unchecked),
    )


def _stored(chain: ChainView, found: _Found) -> tuple[int, Sequence[Stored]]:
    """How many operations there are, and the first of them."""
    rows = sql.rows(_OPERATIONS, found.operations(chain))
    stored = [Stored(position, name_of(text, raw), *rest) for _, position, text, raw, *rest in rows]
    return (rows[0][0] if rows else 0), stored


def _hold(data: TransactionBytes, hold: Hold | None, of_a_text: Hold | None) -> Hold | None:
    """Why all of a transaction is withheld, or cannot be read: its own hold, or that of the text for which
    its bytes were erased.
    """
    if hold is not None or data.data is not None:
        return hold
    if data.fault:
        return Hold(Withheld.UNREADABLE, data.fault)
    return of_a_text or Hold(Withheld.ERASED, _GONE)


def _first_withheld(operations: Sequence[Operation]) -> Text | None:
    shown = (each.shown for operation in operations for each in operation.arguments or ())
    return next((each for each in shown if each.withheld is not None), None)
