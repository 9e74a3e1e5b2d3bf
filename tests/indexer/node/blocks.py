"""Blocks in a node's JSON whose shape is right; their content means nothing."""

import json
from typing import Any

from indexer.postchain.verify import StatedBlock, StatedTransaction
from tests.indexer.made import stated_json
from tests.indexer.node.stub import answer

BRID = bytes(range(32))
FIRST_AT = 1_795_474_000_000


def block(height: int, *, with_data: bool = True) -> dict[str, Any]:
    """One block with one transaction."""
    stated = StatedBlock(
        rid=bytes([height % 256]) * 32,
        previous_rid=b"\xef" * 32,
        header=b"\xa5" * 20,
        height=height,
        timestamp=FIRST_AT + height,
        transactions=(StatedTransaction(b"\xab" * 32, b"\xcd" * 32, b"\xa5" * 10),),
        witness=bytes(4),
        witnesses=(b"\x02" + b"\xab" * 32,),
    )
    found = stated_json(stated)
    if not with_data:
        del found["transactions"][0]["data"]
    return found


def listed(*heights: int) -> bytes:
    """An answer that lists blocks of these heights."""
    return answer(json.dumps([block(height) for height in heights]).encode())
