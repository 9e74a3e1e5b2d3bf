"""The client reads everything of the chains that real nodes gave."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devnet.recorded.node import RecordedServer
from devnet.recorded.recording import Recording
from indexer.node.client import NodeClient
from indexer.node.errors import Refused, UnknownChain
from indexer.postchain import gtv
from indexer.postchain.verify import StatedBlock
from tests.indexer.node.conftest import RECORDINGS

Connect = Callable[..., NodeClient]


@pytest.fixture
def client(recorded: RecordedServer, connect: Connect) -> NodeClient:
    return connect(recorded.url)


@pytest.fixture
def chain(recorded: RecordedServer) -> Recording:
    return recorded.node.recording


@pytest.fixture
def brid(chain: Recording) -> bytes:
    return bytes.fromhex(chain.spelling.brid)


def exchanges(brid: bytes, name: str) -> Iterator[dict[str, Any]]:
    """The lines of a file of the recording of this chain."""
    folder = next(path for path in RECORDINGS.iterdir() if _brid(path) == brid)
    yield from map(json.loads, (folder / name).read_text().splitlines())


def _brid(folder: Path) -> bytes | None:
    story = folder / "story.json"
    return bytes.fromhex(json.loads(story.read_text())["brid"]) if story.is_file() else None


def walk(client: NodeClient, brid: bytes, *, limit: int) -> list[StatedBlock]:
    """All blocks, oldest first, in windows of `limit`."""
    found: list[StatedBlock] = []
    before = client.height(brid)
    while before > 0:
        window = client.blocks(brid, before=before, limit=limit)
        found += window
        before = window[-1].height
    return found[::-1]


def test_the_node_says_who_and_where_it_is(client: NodeClient, chain: Recording, brid: bytes) -> None:
    assert client.version() == 5
    assert client.brid() == brid
    assert client.height(brid) == chain.next_height
    assert client.node_state(brid) == "RUNNING_VALIDATOR"
    with pytest.raises(UnknownChain):
        client.brid(0)
    with pytest.raises(UnknownChain):
        client.height(bytes(32))


@pytest.mark.parametrize("limit", [100, 7, 1])
def test_windows_of_any_size_give_the_whole_chain(
    client: NodeClient, chain: Recording, brid: bytes, limit: int
) -> None:
    blocks = walk(client, brid, limit=limit)
    assert [block.height for block in blocks] == list(range(chain.next_height))
    for block, recorded in zip(blocks, chain.blocks, strict=True):
        stated = recorded.stated
        assert block.rid.hex().upper() == stated["rid"]
        assert block.previous_rid.hex().upper() == stated["prevBlockRID"]
        assert block.header.hex().upper() == stated["header"]
        assert block.witness.hex().upper() == stated["witness"]
        assert block.witnesses is not None
        assert [key.hex().upper() for key in block.witnesses] == stated["witnesses"]
        assert block.timestamp == stated["timestamp"]
        assert [
            {"rid": tx.rid.hex().upper(), "hash": tx.hash.hex().upper(), "data": tx.data.hex().upper()}
            for tx in block.transactions
        ] == stated["transactions"]


def test_each_block_is_found_by_its_height(client: NodeClient, chain: Recording, brid: bytes) -> None:
    blocks = walk(client, brid, limit=100)
    assert [client.block_at(brid, height) for height in range(chain.next_height)] == blocks
    assert client.block_at(brid, chain.next_height) is None
    assert client.block_at(brid, -1) is None


def test_the_walk_finds_every_configuration(client: NodeClient, chain: Recording, brid: bytes) -> None:
    found: dict[int, bytes | None] = {}
    height = client.next_configuration_height(brid, after=-1)
    while height is not None:
        found[height] = client.configuration(brid, height=height)
        height = client.next_configuration_height(brid, after=height)
    assert found == chain.configurations
    assert client.configuration(brid) == found[max(found)]
    assert client.configuration(brid, height=1) is None
    with pytest.raises(Refused, match="must be integer"):
        client.configuration(brid, height=-2)


def test_every_transaction_is_found(client: NodeClient, chain: Recording, brid: bytes) -> None:
    for tx in chain.transactions.values():
        rid = bytes.fromhex(tx.rid)
        assert client.transaction(brid, rid) == bytes.fromhex(tx.data)
    assert client.transaction(brid, bytes(32)) is None


def test_every_recorded_query_gives_its_value_or_its_refusal(client: NodeClient, brid: bytes) -> None:
    asked = 0
    for line in exchanges(brid, "queries.jsonl"):
        request, response = line["request"], line["response"]
        if not request["path"].startswith("/query_gtv") or request.get("accept") is None:
            continue
        question = gtv.decode(bytes.fromhex(request["body_hex"]))
        assert isinstance(question, list)
        name, arguments = question
        assert isinstance(name, str)
        assert isinstance(arguments, dict)
        asked += 1
        if response["status"] == 200:
            value = gtv.decode(bytes.fromhex(response["body_hex"]))
            assert client.query(brid, name, arguments).value == value
        else:
            with pytest.raises(Refused, match="Unknown query"):
                client.query(brid, name, arguments)
    assert asked
