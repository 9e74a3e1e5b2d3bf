"""What transactions said, from their bytes: each block is unpacked once, whatever is asked of it.

Nothing here passes the gate: whoever asks has asked it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.queries.db import sql
from indexer.postchain import gtx
from indexer.postchain.gtx import Operation
from indexer.store import body
from indexer.store.body import ByteRange

MOST_BYTES = 128 << 20
"""Of unpacked blocks, in one answer: what lies beyond is not read, but for the first two blocks asked for."""

# Offsets come with the body that they count in: erasing writes both again.
_BODIES = """
    SELECT height, body, length, ARRAY(
        SELECT ARRAY[t.ordinal, t."offset", t.length] FROM indexer_transaction t
        WHERE t.chain_id = %(chain)s AND t.height = b.height AND t.ordinal = ANY(%(ordinals)s))
    FROM (
        SELECT y.height, y.body, y.length, w.rank, sum(y.length) OVER (ORDER BY w.rank) AS total
        FROM unnest(%(heights)s::bigint[]) WITH ORDINALITY AS w (height, rank)
        JOIN indexer_blockbody y ON y.chain_id = %(chain)s AND y.height = w.height
    ) AS b WHERE rank <= 2 OR total <= %(most)s
"""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a transaction is."""

    height: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class TransactionBytes:
    """A transaction's bytes. None where they were erased, or cannot be read and ``fault`` says why."""

    data: bytes | None
    fault: str = ""

    def operations(self) -> Sequence[Operation]:
        """Its operations; none where its bytes are not there."""
        # Of any version: hashes are not asked for.
        return () if self.data is None else gtx.decode(self.data, version=1).operations


NOT_READ = TransactionBytes(
    None, "These blocks hold more than can be read at once: see the transaction itself."
)
BROKEN = TransactionBytes(
    None, "The stored block does not hold what it should: whoever runs this finds out with fsck."
)


def read(
    chain_id: int, places: Iterable[Place], *, most: int = MOST_BYTES
) -> Mapping[Place, TransactionBytes]:
    """The bytes of transactions, in one query: those of the first places first, where all is too much."""
    asked = dict.fromkeys(places)
    if not asked:
        return {}
    parameters: dict[str, Any] = {
        "chain": chain_id,
        "heights": list(dict.fromkeys(each.height for each in asked)),
        "ordinals": list({each.ordinal for each in asked}),
        "most": most,
    }
    found: dict[Place, TransactionBytes] = dict.fromkeys(asked, NOT_READ)
    for height, frame, length, spans in sql.rows(_BODIES, parameters):
        found |= _unpacked(height, frame, length, spans)
    return {each: found[each] for each in asked}


def _unpacked(
    height: int, frame: Any, length: int, spans: Sequence[Sequence[int | None]]
) -> dict[Place, TransactionBytes]:
    try:
        unpacked = body.unpack(frame, length)
    except body.Damaged:
        unpacked = b""
    return {
        Place(height, ordinal or 0): _cut(unpacked, ByteRange(offset, size or 0), ordinal or 0)
        for ordinal, offset, size in spans
    }


def _cut(unpacked: bytes, place: ByteRange, ordinal: int) -> TransactionBytes:
    try:
        return TransactionBytes(body.cut(unpacked, place, ordinal=ordinal))
    except body.Damaged:
        return BROKEN
