"""What transactions said, from their bytes: each block is unpacked once, whatever is asked of it.

Bytes that do not hash as their row says are damaged, and told as that. Nothing here passes the gate: whoever
asks has asked it.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.queries.db import sql
from explorer.queries.db.texts import Text, Withheld
from indexer.postchain import gtx
from indexer.postchain.gtx import Operation
from indexer.store import body
from indexer.store.body import ByteRange

logger = logging.getLogger(__name__)

_MERKLE_VERSIONS = (1, 2)

MOST_BYTES = 128 << 20
"""Of unpacked blocks, in one answer: what lies beyond is not read, but for the first two blocks asked for."""

# Offsets come with the body that they count in: erasing writes both again.
_BODIES = """
    SELECT height, body, length, ARRAY(
        SELECT ARRAY[t.ordinal, t."offset", t.length] FROM indexer_transaction t
        WHERE t.chain_id = %(chain)s AND t.height = b.height AND t.ordinal = ANY(%(ordinals)s)
        ORDER BY t.ordinal), ARRAY(
        SELECT t.hash FROM indexer_transaction t
        WHERE t.chain_id = %(chain)s AND t.height = b.height AND t.ordinal = ANY(%(ordinals)s)
        ORDER BY t.ordinal)
    FROM (
        SELECT w.height, y.body, coalesce(y.length, 0) AS length, w.rank,
               sum(coalesce(y.length, 0)) OVER (ORDER BY w.rank) AS total
        FROM unnest(%(heights)s::bigint[]) WITH ORDINALITY AS w (height, rank)
        LEFT JOIN indexer_blockbody y ON y.chain_id = %(chain)s AND y.height = w.height
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
    _read: gtx.Transaction | None = field(default=None, compare=False, repr=False)

    def operations(self) -> Sequence[Operation]:
        """Its operations; none where its bytes are not there."""
        return () if self._read is None else self._read.operations


NOT_READ = TransactionBytes(
    None, "These blocks hold more than can be read at once: see the transaction itself."
)
BROKEN = TransactionBytes(
    None,
    "This site's copy of the block is damaged, so what it says cannot be shown. That is an error of this "
    "site, and nothing is withheld. Whoever runs it sees with fsck what else does not hold, and fetches "
    "blocks again with manage.py refetch.",
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
    for height, frame, length, spans, hashes in sql.rows(_BODIES, parameters):
        unpacked = _unpacked(frame, length)
        for (ordinal, offset, size), hashed in zip(spans, hashes, strict=True):
            if Place(height, ordinal) not in asked:
                continue
            cut = _cut(unpacked, ByteRange(offset, size), ordinal, bytes(hashed))
            if cut is BROKEN:
                logger.error(
                    "chain %d: transaction %d of block %d is damaged: run fsck", chain_id, ordinal, height
                )
            found[Place(height, ordinal)] = cut
    return {each: found[each] for each in asked}


def is_damage(text: Text) -> bool:
    """Whether a text is not there because the block that said it is damaged."""
    return text.withheld is Withheld.UNREADABLE and text.reason == BROKEN.fault


def _unpacked(frame: Any, length: int) -> bytes:
    try:
        return body.unpack(frame, length)
    except body.Damaged:
        return b""


def _cut(unpacked: bytes, place: ByteRange, ordinal: int, hashed: bytes) -> TransactionBytes:
    try:
        data = body.cut(unpacked, place, ordinal=ordinal)
    except body.Damaged:
        return BROKEN
    if data is None:
        return TransactionBytes(None)
    read = _read(data, hashed)
    return BROKEN if read is None else TransactionBytes(data, _read=read)


def _read(data: bytes, hashed: bytes) -> gtx.Transaction | None:
    """The transaction with that hash in these bytes, of whichever merkle version; None where it is not."""
    for version in _MERKLE_VERSIONS:
        try:
            found = gtx.decode(data, version=version)
        except ValueError:
            return None
        if found.hash == hashed:
            return found
    return None
