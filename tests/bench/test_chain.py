"""The made chain: a verifier accepts every block, and a node client reads it from the server."""

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from bench import server
from devnet.serving import build as chain
from devnet.serving.build import Plan
from indexer.dapp.owner import first_owner
from indexer.dapp.rell_json import content_of
from indexer.node.client import NodeClient
from indexer.node.errors import UnknownChain
from indexer.postchain import configuration, secp256k1
from indexer.postchain.gtx import Transaction
from indexer.postchain.verify import VerifiedBlock, verify_block

PLAN = Plan(records=250, peers=100, seed=7, size="typical")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    chain.write(PLAN, folder)
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with server.serving(folder) as url:
        yield url


@pytest.fixture
def node(url: str) -> Iterator[NodeClient]:
    client = NodeClient(url)
    yield client
    client.close()


@pytest.fixture
def verified(node: NodeClient) -> list[VerifiedBlock]:
    """The whole chain, oldest first, fetched in pages and verified with the genesis configuration alone."""
    brid = node.brid()
    genesis = configuration.decode(node.configuration(brid, height=0) or b"")
    assert genesis.hash == brid
    before, stated = node.height(brid), []
    while before > 0:
        page = node.blocks(brid, before=before, limit=3)
        stated += page
        before = page[-1].height
    blocks: list[VerifiedBlock] = []
    for height, block in enumerate(reversed(stated)):
        previous = blocks[-1].rid if blocks else None
        blocks.append(
            verify_block(
                block, brid=brid, expected_height=height, previous_rid=previous, signers=genesis.signers
            )
        )
    return blocks


def transactions(blocks: list[VerifiedBlock]) -> list[Transaction]:
    return [transaction for block in blocks for transaction in block.transactions]


def test_every_block_verifies_from_the_genesis_configuration(
    verified: list[VerifiedBlock], folder: Path
) -> None:
    assert all(block.witness_checked for block in verified)
    made = json.loads((folder / chain.CHAIN).read_text())
    assert made["height"] == len(verified)
    assert made["records"] == len(transactions(verified)) == 250
    assert made["transaction_bytes"] == sum(len(raw) for block in verified for raw in block.raw_transactions)


def test_the_first_owner_stands_in_the_source_and_signs(
    verified: list[VerifiedBlock], node: NodeClient
) -> None:
    genesis = configuration.decode(node.configuration(node.brid()) or b"")
    assert first_owner(genesis.sources) == secp256k1.public_key(chain.OWNER)
    signers = {transaction.signers for transaction in transactions(verified)}
    assert signers == {(secp256k1.public_key(chain.OWNER),)}


def test_a_prompt_fills_a_block_and_six_in_a_hundred_scouts_dissent(verified: list[VerifiedBlock]) -> None:
    full = [block for block in verified if len(block.transactions) == 100]
    assert [len(block.transactions) for block in verified if block.transactions] == [100, 100, 50]
    assert any(not block.transactions for block in verified)
    for block in full:
        added = [transaction.operations[0].arguments for transaction in block.transactions]
        contents = Counter(content_of(str(arguments[2])).content for arguments in added)
        assert sorted(contents.values()) == [3, 3, 94]
        assert len({arguments[0] for arguments in added}) == 100
        assert len({arguments[1] for arguments in added}) == 1
        assert len({arguments[2] for arguments in added}) == 100
        assert Counter(arguments[5] for arguments in added) == {"groq": 94, "openrouter": 6}


@pytest.mark.parametrize(("size", "least", "most"), [("typical", 2_200, 2_600), ("small", 1_200, 1_400)])
def test_transactions_are_as_large_as_those_of_the_real_chain(
    tmp_path: Path, size: str, least: int, most: int
) -> None:
    made = chain.write(Plan(records=200, size=size), tmp_path)
    assert least < made.transaction_bytes / made.records < most


def test_the_same_plan_gives_the_same_bytes_whoever_works(folder: Path, tmp_path: Path) -> None:
    chain.write(PLAN, tmp_path, processes=2)
    for name in (chain.BLOCKS, chain.OFFSETS, chain.CONFIGURATION, chain.CHAIN):
        assert digest(tmp_path / name) == digest(folder / name)


def test_another_seed_gives_another_chain(folder: Path, tmp_path: Path) -> None:
    made = chain.write(Plan(records=5, peers=5, seed=8), tmp_path)
    assert made.brid != json.loads((folder / chain.CHAIN).read_text())["brid"]


def test_a_chain_without_records_has_its_first_block(tmp_path: Path) -> None:
    assert chain.write(Plan(records=0), tmp_path).height == 1
    with server.serving(tmp_path) as url:
        client = NodeClient(url)
        assert [block.height for block in client.blocks(client.brid(), before=1)] == [0]
        client.close()


def digest(file: Path) -> bytes:
    return sha256(file.read_bytes()).digest()


# The server


def test_pages_are_bounded_as_on_a_node(url: str, node: NodeClient, folder: Path) -> None:
    blocks = httpx.get(f"{url}/blocks/iid_1", params={"limit": 100, "txs": "true"})
    assert blocks.content == (folder / chain.BLOCKS).read_bytes()
    height = node.height(node.brid())

    def heights(**parameters: int) -> list[int]:
        found = httpx.get(f"{url}/blocks/iid_1", params=parameters).json()
        return [block["height"] for block in found]

    everything = list(reversed(range(height)))
    assert heights() == everything[:25]
    assert heights(limit=1_000, **{"before-height": 1_000}) == everything[:100]
    assert heights(limit=2, **{"before-height": 3}) == [2, 1]
    assert heights(limit=5, **{"before-height": 2}) == [1, 0]
    assert heights(**{"before-height": 0}) == heights(limit=0) == heights(limit=-1) == []


def test_data_comes_only_where_it_is_asked_for(url: str) -> None:
    with_data = httpx.get(f"{url}/blocks/iid_1", params={"txs": "true"}).json()
    without = httpx.get(f"{url}/blocks/iid_1").json()
    for block in with_data:
        for transaction in block["transactions"]:
            del transaction["data"]
    assert without == with_data


def test_single_blocks_and_configurations_are_found_or_not(node: NodeClient) -> None:
    brid = node.brid()
    height = node.height(brid)
    assert node.version() == 5
    for each in (0, height - 1):
        block = node.block_at(brid, each)
        assert block is not None
        assert block.height == each
    assert node.block_at(brid, height) is None
    assert node.configuration(brid) == node.configuration(brid, height=0) is not None
    assert node.configuration(brid, height=1) is None
    assert node.next_configuration_height(brid, after=-1) == 0
    assert node.next_configuration_height(brid, after=0) is None


def test_what_is_not_there_is_refused_as_a_node_does(url: str, node: NodeClient) -> None:
    with pytest.raises(UnknownChain):
        node.height(bytes(32))
    assert httpx.get(f"{url}/nope").status_code == 404
    assert httpx.get(f"{url}/blocks/iid_1", params={"limit": "x"}).status_code == 400
