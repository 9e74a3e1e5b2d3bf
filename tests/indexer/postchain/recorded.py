"""What real nodes said, as the recordings under `tests/recordings` have it."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from indexer.postchain import configuration
from indexer.postchain.verify import StatedBlock, StatedTransaction

FOLDER = Path(__file__).parents[2] / "recordings"
CHAINS = sorted(each.parent.name for each in FOLDER.glob("*/chain.jsonl"))
ALL = sorted(each.parent.name for each in FOLDER.glob("*/blocks.jsonl"))
OCTETS = "application/octet-stream"

OWNER_KEY = bytes([0x01]) * 32
SINGLE_VALIDATOR_KEY = b"12345678901234567890123456789011"


def lines(chain: str, name: str) -> Iterator[dict[str, Any]]:
    """The lines of one file; none where the chain has no such file."""
    path = FOLDER / chain / f"{name}.jsonl"
    if path.exists():
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)


def brid(chain: str) -> bytes:
    return bytes.fromhex(story(chain)["brid"])


@lru_cache
def story(chain: str) -> dict[str, Any]:
    with (FOLDER / chain / "story.json").open(encoding="utf-8") as file:
        read: dict[str, Any] = json.load(file)
    return read


@lru_cache
def blocks(chain: str) -> tuple[StatedBlock, ...]:
    """The whole chain, block 0 first."""
    found: dict[int, StatedBlock] = {}
    for line in lines(chain, "chain"):
        body = json.loads(line["response"]["body"])
        for block in body if isinstance(body, list) else [body]:
            found[block["height"]] = stated(block)
    return tuple(found[height] for height in sorted(found))


def stated(block: dict[str, Any]) -> StatedBlock:
    """A block of a JSON answer; transactions that came without their bytes are left out."""
    return StatedBlock(
        rid=bytes.fromhex(block["rid"]),
        previous_rid=bytes.fromhex(block["prevBlockRID"]),
        header=bytes.fromhex(block["header"]),
        height=block["height"],
        timestamp=block["timestamp"],
        transactions=tuple(_stated_transaction(each) for each in block["transactions"] if each.get("data")),
        witness=bytes.fromhex(block["witness"]),
        witnesses=tuple(bytes.fromhex(each) for each in block["witnesses"]),
    )


def _stated_transaction(each: dict[str, str]) -> StatedTransaction:
    return StatedTransaction(*(bytes.fromhex(each[name]) for name in ("rid", "hash", "data")))


@lru_cache
def transactions(chain: str) -> tuple[StatedTransaction, ...]:
    return tuple(each for block in blocks(chain) for each in block.transactions)


@lru_cache
def configurations(chain: str) -> dict[int, configuration.Configuration]:
    """Configurations by the height at which each came into force."""
    found = {}
    for line in lines(chain, "configuration"):
        request, response = line["request"], line["response"]
        height = request.get("query", {}).get("height")
        if (
            request["path"].startswith("/config/")
            and "next_height" not in request["path"]
            and request.get("accept") == OCTETS
            and response["status"] == 200
            and height is not None
            and int(height) >= 0
        ):
            found[int(height)] = configuration.decode(bytes.fromhex(response["body_hex"]))
    return found


def configuration_at(chain: str, height: int) -> configuration.Configuration:
    """The configuration in force at this height."""
    every = configurations(chain)
    return every[max(each for each in every if each <= height)]


def gtv_bodies(chain: str) -> Iterator[bytes]:
    """The body of every answer that is GTV."""
    for path in sorted((FOLDER / chain).glob("*.jsonl")):
        for line in lines(chain, path.stem):
            response = line.get("response", {})
            if "body_hex" in response:
                yield bytes.fromhex(response["body_hex"])


def posts(chain: str) -> Iterator[tuple[bytes, int, str]]:
    """What was posted as a transaction, with the status and text of the answer."""
    for name in ("posts", "posts-refused"):
        for line in lines(chain, name):
            response = line["response"]
            sent = _sent(line["request"])
            if sent is not None:
                yield sent, response["status"], response.get("body") or ""


def _sent(request: dict[str, Any]) -> bytes | None:
    """The transaction's bytes; None where the body was not even of the right form."""
    try:
        if "body_hex" in request:
            return bytes.fromhex(request["body_hex"])
        if request["content_type"] == OCTETS:
            return bytes.fromhex(request["body"])
        return bytes.fromhex(json.loads(request["body"])["tx"])
    except (ValueError, KeyError):
        return None
