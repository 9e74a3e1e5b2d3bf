"""Nothing verified: the bench's own replacement for `indexer.postchain.verify.verify_block`.

Bytes are decoded as plainly as Python can, and what the node says of RIDs and hashes is believed. The product
has no such switch.
"""

from collections.abc import Sequence
from typing import Any

from bench.surgery import replace
from indexer.postchain.block import decode_header
from indexer.postchain.gtv import ARRAY_TAG, BYTES_TAG, DICT_TAG, INTEGER_TAG, STRING_TAG, Gtv
from indexer.postchain.gtx import NO_ODDITY, Operation, Transaction
from indexer.postchain.verify import StatedBlock, StatedTransaction, VerifiedBlock


def verify_nothing() -> None:
    """From now on, this process believes every node."""
    replace("indexer.ingest.window", "verify_block", believed)


def believed(
    stated: StatedBlock,
    *,
    brid: bytes,
    expected_height: int,
    previous_rid: bytes | None,
    signers: Sequence[bytes] | None,
) -> VerifiedBlock:
    """The block as the node states it."""
    return VerifiedBlock(
        rid=stated.rid,
        header=decode_header(stated.header),
        raw_header=stated.header,
        transactions=tuple([_transaction(each) for each in stated.transactions]),
        raw_transactions=tuple([each.data for each in stated.transactions]),
        witness=stated.witness,
        witness_checked=True,
    )


def _transaction(stated: StatedTransaction) -> Transaction:
    body, signatures = decoded(stated.data)
    brid, operations, signers = body
    return Transaction(
        brid=brid,
        operations=tuple([Operation(name, tuple(arguments)) for name, arguments in operations]),
        signers=tuple(signers),
        signatures=tuple(signatures),
        rid=stated.rid,
        hash=stated.hash,
        oddities=NO_ODDITY,
    )


def decoded(data: bytes) -> Any:
    """The GTV value in these bytes, read without a single check."""
    return _value(data, 0)[0]


def _value(data: bytes, position: int) -> tuple[Gtv, int]:
    tag = data[position]
    start, _ = _content(data, position)
    start, end = _content(data, start)
    if tag == STRING_TAG:
        return data[start:end].decode(), end
    if tag == BYTES_TAG:
        return data[start:end], end
    if tag == INTEGER_TAG:
        return int.from_bytes(data[start:end], "big", signed=True), end
    if tag == ARRAY_TAG:
        items = []
        while start < end:
            item, start = _value(data, start)
            items.append(item)
        return items, end
    if tag == DICT_TAG:
        raise ValueError("transactions of a made chain hold no dict")
    return None, end


def _content(data: bytes, position: int) -> tuple[int, int]:
    """Start and end of what the element at `position` holds."""
    length = data[position + 1]
    start = position + 2
    if length >= 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[position + 2 : start], "big")
    return start, start + length
