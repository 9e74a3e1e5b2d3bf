"""What holds of any node, whether it was recorded or runs here."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache, partial
from typing import Any

import pytest

from devnet.rest.exchange import OCTETS
from devnet.serving.node import DevnetNode
from indexer.node.client import NodeClient
from indexer.postchain import configuration, gtv, gtx
from indexer.postchain.proof import decode, verify
from indexer.postchain.verify import verify_block
from tests.devnet.grown import grown
from tests.devnet.served import CHAINS, RECORDINGS, Served, serve, serving

GROWN: dict[str, Callable[[], DevnetNode]] = {
    "devnet": grown,
    "devnet-merkle-2": partial(grown, version=2),
    "devnet-merkle-rising": partial(grown, rising=True),
}


@pytest.fixture(scope="module", params=[*CHAINS, *GROWN])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    if request.param in CHAINS:
        yield from serve(RECORDINGS / request.param)
        return
    with closing(GROWN[request.param]()) as node, serving(node) as found:
        yield found


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[NodeClient]:
    with closing(NodeClient(served.server.url)) as found:
        yield found


def listed(served: Served, query: str = "") -> list[dict[str, Any]]:
    """Transactions, newest first."""
    found: list[dict[str, Any]] = json.loads(served.ask(f"/transactions/{served.brid}?limit=600{query}").body)
    return found


def in_force(client: NodeClient, brid: bytes, height: int) -> configuration.Configuration:
    return configurations(client, brid)[max(at for at in configurations(client, brid) if at <= height)]


@cache
def configurations(client: NodeClient, brid: bytes) -> dict[int, configuration.Configuration]:
    found, at = {}, client.next_configuration_height(brid, after=-1)
    while at is not None:
        raw = client.configuration(brid, height=at)
        assert raw is not None
        found[at] = configuration.decode(raw)
        at = client.next_configuration_height(brid, after=at)
    return found


def test_every_block_verifies_by_the_configuration_in_force(served: Served, client: NodeClient) -> None:
    """Real GTV, hashes, roots, links, signatures and witnesses; headers name their configuration."""
    brid = bytes.fromhex(served.brid)
    previous, height, end = brid, 0, client.height(brid)
    while height < end:
        for stated in client.blocks(brid, before=min(end, height + 100), limit=min(end - height, 100))[::-1]:
            named = in_force(client, brid, height)
            block = verify_block(
                stated, brid=brid, expected_height=height, previous_rid=previous, signers=named.signers
            )
            assert block.header.configuration_hash == named.hash
            assert block.header.merkle_version == named.merkle_version
            previous, height = block.rid, height + 1
    assert configurations(client, brid)[0].hash == brid


def test_every_proof_holds(served: Served, client: NodeClient) -> None:
    brid = bytes.fromhex(served.brid)
    for item in listed(served):
        got = served.ask(f"/tx/{served.brid}/{item['txRID']}/confirmationProof")
        proof = decode(bytes.fromhex(json.loads(got.body)["proof"]))
        signers = in_force(client, brid, item["blockHeight"]).signers
        verdict = verify(proof, brid=brid, transaction=bytes.fromhex(item["txData"]), signers=signers)
        assert verdict.holds, verdict.why


def test_every_window_gives_the_chain_newest_first(served: Served) -> None:
    for limit in (1, 7, 100):
        found, before = [], served.next_height
        while before > 0:
            window = served.blocks(f"?before-height={before}&limit={limit}&txs=true")
            assert len(window) == min(limit, before)
            found += window
            before = window[-1]["height"]
        assert [block["height"] for block in found] == list(range(served.next_height))[::-1]
        assert all("data" in tx for block in found for tx in block["transactions"])


def test_a_block_is_the_same_by_height_by_rid_in_json_and_in_gtv(served: Served) -> None:
    for block in served.blocks("?limit=100&before-height=40&txs=true"):
        by_height = f"/blocks/{served.brid}/height/{block['height']}?txs=true"
        by_rid = f"/blocks/{served.brid}/{block['rid'].lower()}?txs=true"
        assert json.loads(served.ask(by_height).body) == block
        assert json.loads(served.ask(by_rid).body) == block
        octets = served.ask(by_height, headers={"accept": OCTETS})
        assert octets.headers["content-type"] == OCTETS
        value = gtv.decode(octets.body)
        assert isinstance(value, dict)
        transactions = value["transactions"]
        assert isinstance(transactions, list)
        assert uppercase(transactions) == block["transactions"]
        assert {key: uppercase(value[key]) for key in value} == {
            key: block[key] for key in block if key != "witnesses"
        }


def uppercase(value: gtv.Gtv) -> Any:
    """The same value with bytes as uppercase hex."""
    if isinstance(value, list):
        return [uppercase(item) for item in value]
    if isinstance(value, dict):
        return {key: uppercase(item) for key, item in value.items()}
    return value.hex().upper() if isinstance(value, bytes) else value


def test_every_transaction_is_found_and_listed(served: Served) -> None:
    blocks: list[dict[str, Any]] = []
    while not blocks or blocks[-1]["height"] > 0:
        before = blocks[-1]["height"] if blocks else served.next_height
        blocks += served.blocks(f"?limit=100&before-height={before}&txs=true")
    transactions = [(block, tx) for block in blocks for tx in reversed(block["transactions"])]
    assert [item["txRID"] for item in listed(served)] == [tx["rid"] for _, tx in transactions]
    counted = served.ask(f"/transactions/{served.brid}/count")
    assert json.loads(counted.body) == {"transactionsCount": len(transactions)}
    for block, tx in transactions:
        path = f"/tx/{served.brid}/{tx['rid']}"
        assert served.ask(path, headers={"accept": OCTETS}).body.hex().upper() == tx["data"]
        assert json.loads(served.ask(path).body) == {"tx": tx["data"]}
        assert json.loads(served.ask(f"{path.lower()}/status").body) == {"status": "confirmed"}
        item = json.loads(served.ask(f"/transactions/{served.brid}/{tx['rid']}").body)
        assert (item["blockRID"], item["txHash"]) == (block["rid"], tx["hash"])
        assert (item["blockHeader"], item["witness"]) == (block["header"], block["witness"])


def test_transactions_are_listed_before_a_time_and_by_signer(served: Served) -> None:
    everything = listed(served)
    at = everything[20]["timestamp"]
    assert listed(served, f"&before-time={at}") == [item for item in everything if item["timestamp"] < at]
    owner = "031B84C5567B126440995D3ED5AABA0565D71E1834604819FF9C17F5E9D5DD078F"
    signed = listed(served, f"&signer={owner.lower()}")
    assert signed == [item for item in everything if is_signed_by(item, owner)]
    assert 0 < len(signed) < len(everything)


def is_signed_by(item: dict[str, Any], key: str) -> bool:
    return bytes.fromhex(key) in gtx.decode(bytes.fromhex(item["txData"]), version=1).signers


def test_blocks_are_listed_before_a_time(served: Served) -> None:
    blocks = served.blocks("?limit=100")
    at = blocks[7]["timestamp"]
    assert served.blocks(f"?before-time={at}&limit=3") == blocks[8:11]
    assert served.blocks("?before-time=1") == served.blocks("?before-height=-1") == []


def test_the_chain_has_three_names(served: Served) -> None:
    for route in ("blocks/{}", "blockchain/{}/height", "transactions/{}", "config/{}"):
        expected = served.ask(f"/{route.format(served.brid)}")
        assert expected.status == 200
        for name in (served.brid.lower(), "iid_1"):
            assert served.ask(f"/{route.format(name)}") == expected


def test_answers_are_packed_for_clients_that_accept_it(served: Served) -> None:
    route = f"/blocks/{served.brid}?limit=20"
    plain = served.ask(route)
    packed = served.ask(route, headers={"accept-encoding": "deflate, gzip;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) == int(packed.headers["content-length"]) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body
    assert "content-encoding" not in served.ask(route, headers={"accept-encoding": "gzip;q=0"}).headers


def test_octets_come_in_chunks_and_json_with_its_length(served: Served) -> None:
    route = f"/blocks/{served.brid}/height/1"
    assert served.ask(route).headers.get("transfer-encoding") is None
    octets = served.ask(route, headers={"accept": OCTETS})
    assert (octets.headers.get("transfer-encoding"), octets.headers.get("content-length")) == (
        "chunked",
        None,
    )


@pytest.mark.parametrize(
    ("method", "route", "status", "reason"),
    [
        ("HEAD", "/config/iid_1", 405, "Method not allowed"),
        ("POST", "/blocks/iid_1", 405, "Method not allowed"),
        ("GET", "/tx/iid_1", 405, "Method not allowed"),
        ("PUT", "/version", 405, "Method not allowed"),
        ("GET", "/", 404, "Route not found"),
        ("GET", "/blocks/iid_1/height", 404, "path"),
        ("GET", "/tx/iid_1/a/b/c/d", 404, "Route not found"),
        ("OPTIONS", "/query_gtv/iid_1", 200, "OK"),
    ],
)
def test_other_methods_and_routes_are_answered_as_a_node_does(
    served: Served, method: str, route: str, status: int, reason: str
) -> None:
    got = served.ask(route, method=method)
    if reason == "path":
        assert (got.status, json.loads(got.body)["error"]) == (400, "path 'blockRid' must be string")
        return
    assert (got.status, got.reason, got.body, got.headers["content-length"]) == (status, reason, b"", "0")
    assert got.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"tx":7}', b'{"tx":"\\ud800"}', b"[" * 100_000])
def test_no_body_makes_the_server_stumble(served: Served, body: bytes) -> None:
    for kind in ("application/json; charset=x", OCTETS, "text/plain"):
        got = served.ask("/tx/iid_1", method="POST", headers={"content-type": kind}, body=body)
        assert got.status in {400, 500, 503}
