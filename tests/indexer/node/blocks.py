"""Blocks in a node's JSON whose shape is right; their content means nothing."""

import json
from typing import Any

from tests.indexer.node.stub import answer

BRID = bytes(range(32))


def block(height: int, *, with_data: bool = True) -> dict[str, Any]:
    """One block with one transaction."""
    transaction = {"rid": "AB" * 32, "hash": "CD" * 32} | ({"data": "A5" * 10} if with_data else {})
    return {
        "rid": f"{height % 256:02X}" * 32,
        "prevBlockRID": "EF" * 32,
        "header": "A5" * 20,
        "height": height,
        "transactions": [transaction],
        "witness": "00000000",
        "witnesses": ["02" + "AB" * 32],
        "timestamp": 1_795_474_000_000 + height,
    }


def listed(*heights: int) -> bytes:
    """An answer that lists blocks of these heights."""
    return answer(json.dumps([block(height) for height in heights]).encode())
