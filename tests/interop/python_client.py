"""Answers, with the public Python client, the questions that come as JSON on standard input.

A process of its own: importing the client takes every handler off the root logger.
"""

import asyncio
import json
import sys
from typing import Any

from postchain_client_py import BigInt, Operation, Transaction  # type: ignore[import-untyped]
from postchain_client_py.blockchain_client.gtx import (  # type: ignore[import-untyped]
    get_digest_to_sign_from_raw_gtx_body,
    gtx_to_raw_gtx_body,
    serialize,
)
from postchain_client_py.blockchain_client.transaction import sign_transaction  # type: ignore[import-untyped]
from postchain_client_py.blockchain_client.types import GTX  # type: ignore[import-untyped]
from postchain_client_py.utils.gtv import encode_value  # type: ignore[import-untyped]
from postchain_client_py.utils.gtv_hash import gtv_hash  # type: ignore[import-untyped]


def value(asked: list[Any]) -> Any:
    """A GTV value from the form that `tests/indexer/postchain/interop.py` gives it in JSON."""
    kind, content = asked
    match kind:
        case "array":
            return [value(each) for each in content]
        case "dict":
            return {key: value(each) for key, each in content}
        case "bytes":
            return bytes.fromhex(content)
        case "integer":
            return int(content)
        case "bigInteger":
            return BigInt(int(content))
    return content


def describe(asked: list[Any]) -> dict[str, str]:
    return {"encoded": encode_value(value(asked)).hex(), "hash": gtv_hash(value(asked)).hex()}


async def sign(asked: dict[str, Any]) -> dict[str, str]:
    unsigned = Transaction(
        operations=[Operation(name, [value(each) for each in args]) for name, args in asked["operations"]],
        signers=[bytes.fromhex(asked["public_key"])],
        blockchain_rid=bytes.fromhex(asked["brid"]),
    )
    # Version 2 keeps the client from adding a random `nop`; it hashes the same way for both.
    signed = await sign_transaction(unsigned, bytes.fromhex(asked["key"]), merkle_hash_version=2)
    gtx = GTX(signed.blockchain_rid, signed.operations, signed.signers, signed.signatures)
    rid = get_digest_to_sign_from_raw_gtx_body(gtx_to_raw_gtx_body(gtx))
    return {"rid": rid.hex(), "signed": serialize(gtx).hex()}


async def main() -> None:
    asked = json.load(sys.stdin)
    answers = {
        "values": [describe(each) for each in asked["values"]],
        "signed": [await sign(each) for each in asked["transactions"]],
    }
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
