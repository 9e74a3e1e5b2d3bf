"""Talks, with the public Python client, to a node as a program would. Prints what it got as JSON.

A process of its own: importing the client takes every handler off the root logger.
"""

import asyncio
import json
import sys
from typing import Any

from postchain_client_py import BlockchainClient, Operation, Transaction  # type: ignore[import-untyped]
from postchain_client_py.blockchain_client.types import NetworkSettings  # type: ignore[import-untyped]


async def talk(asked: dict[str, Any]) -> dict[str, Any]:
    client = await BlockchainClient.create(
        NetworkSettings(
            directory_node_url_pool=[asked["url"]],
            blockchain_rid=asked["brid"],
            status_poll_interval=100,
            status_poll_count=100,
        )
    )
    numbered = await BlockchainClient.create(NetworkSettings(node_url_pool=[asked["url"]], blockchain_iid=1))
    add = ["[]", '{"a":1}', 3, "m", "p"]
    transaction = Transaction(
        operations=[Operation("add_prompt_history", [uid, *add]) for uid in (7, 8)],
        signers=[bytes.fromhex(asked["public_key"])],
        blockchain_rid=bytes.fromhex(asked["brid"]),
    )
    receipt = await client.sign_and_send_transaction(client.add_nop(transaction), bytes.fromhex(asked["key"]))
    status = await client.get_transaction_status(receipt.transaction_rid)
    record = await client.query("get_prompt_history", {"prompt_id": 2})
    owner = await client.query("get_owner")
    try:
        refusal = str(await client.query("no_such_query"))
    except Exception as error:
        refusal = str(error)
    return {
        "nodes": client.config.node_urls,
        "brid": numbered.config.blockchain_rid,
        "receipt": receipt.status,
        "rid": receipt.transaction_rid.hex().upper(),
        "status": status.status,
        "count": await client.query("get_prompt_history_count"),
        "record": record,
        "owner": owner.hex().upper(),
        "refusal": refusal,
    }


if __name__ == "__main__":
    json.dump(asyncio.run(talk(json.load(sys.stdin))), sys.stdout)
