"""The directory chain and the chains that anchor: their queries, and a proof from a transaction of the dapp's
up to the system (directory chain, `cm_api`, `nm_api`, `anchoring_chain_common`).
"""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from devnet.chain.configurations import changed
from devnet.rest.exchange import OCTETS
from devnet.serving.node import DevnetNode, open_node
from indexer.postchain import configuration, gtv, gtx, proof
from indexer.postchain.block import decode_header, header_rid
from indexer.postchain.merkle import merkle_hash
from tests.devnet.grown import FOUR, Ticking, add, submit, wanted
from tests.devnet.served import Served, serving

DIRECTORY, CLUSTER, SYSTEM = "iid_0", "iid_2", "iid_3"


@pytest.fixture(scope="module", params=[1, 2])
def node(request: pytest.FixtureRequest) -> Iterator[DevnetNode]:
    with closing(open_node(None, wanted(version=request.param), clock=Ticking())) as opened:
        raw = changed(opened.dapp.configuration.raw, {"signers": FOUR[:3]})
        opened.dapp.set_configuration(4, raw)
        for number in range(8):
            submit(opened.dapp, add(uid=number))
            opened.dapp.close_block()
        opened.anchor()
        opened.dapp.close_block()
        opened.anchor()
        opened.dapp.close_block()
        yield opened


@pytest.fixture(scope="module")
def served(node: DevnetNode) -> Iterator[Served]:
    with serving(node) as found:
        node.url = found.server.url
        yield found


def ask(served: Served, chain: str, name: str, /, **arguments: Any) -> Any:
    body = gtv.encode([name, arguments])
    headers = {"content-type": OCTETS, "accept": OCTETS}
    got = served.ask(f"/query_gtv/{chain}", method="POST", headers=headers, body=body)
    value = gtv.decode(got.body)
    assert got.status == 200 or isinstance(value, str), value
    return value if got.status == 200 else (got.status, value)


def test_the_directory_is_found_by_its_number(served: Served, node: DevnetNode) -> None:
    got = served.ask("/brid/iid_0")
    assert got.body.decode() == node.chains[0].brid.hex().upper()
    assert json.loads(served.ask(f"/blocks/{got.body.decode()}").body)[0]["height"] == 1
    assert ask(served, DIRECTORY, "last_block_info")["height"] == 1


def test_it_leads_to_the_nodes_of_a_chain(served: Served, node: DevnetNode) -> None:
    brid = node.dapp.brid
    assert ask(served, DIRECTORY, "cm_get_blockchain_api_urls", blockchain_rid=brid) == [served.server.url]
    assert ask(served, DIRECTORY, "cm_get_blockchain_api_urls", blockchain_rid=brid.hex()) == [node.url]
    assert ask(served, DIRECTORY, "cm_get_blockchain_api_urls", blockchain_rid=b"\1" * 32) == []
    cluster = ask(served, DIRECTORY, "cm_get_blockchain_cluster", brid=brid)
    info = ask(served, DIRECTORY, "cm_get_cluster_info", name=cluster)
    assert info["anchoring_chain"] == node.chains[2].brid
    assert info["peers"] == [{"pubkey": key, "api_url": node.url} for key in FOUR]
    assert cluster in ask(served, DIRECTORY, "cm_get_cluster_names")
    assert brid in ask(served, DIRECTORY, "cm_get_cluster_blockchains", name=cluster)
    assert brid not in ask(served, DIRECTORY, "cm_get_system_chains")
    assert ask(served, DIRECTORY, "cm_get_system_anchoring_chain") == node.chains[3].brid
    assert ask(served, DIRECTORY, "cm_get_cluster_anchoring_chains") == [node.chains[2].brid]


def test_it_knows_configurations_and_signers_at_any_height(served: Served, node: DevnetNode) -> None:
    brid = node.dapp.brid
    first, second = (node.dapp.history.in_force(height) for height in (0, 4))
    for height, expected in ((0, first), (3, first), (4, second), (999, second)):
        asked = {"blockchain_rid": brid, "height": height}
        assert ask(served, DIRECTORY, "nm_get_blockchain_configuration", **asked) == expected.raw
        info = ask(served, DIRECTORY, "nm_get_blockchain_configuration_info", **asked)
        assert info["config_hash"] == expected.hash
        base = gtv.decode(info["base_config"])
        assert isinstance(base, dict)
        whole = {**base, "signers": info["signers"]}
        assert merkle_hash(whole, version=expected.merkle_version) == expected.hash
        peers = ask(served, DIRECTORY, "cm_get_peer_info", brid=brid, height=height)
        assert peers == list(expected.signers)
    following = [
        ask(served, DIRECTORY, "nm_find_next_configuration_height", blockchain_rid=brid, height=height)
        for height in (-1, 0, 3, 4)
    ]
    assert following == [0, 4, 4, None]
    updates = ask(served, DIRECTORY, "get_blockchain_signer_updates", blockchain_rid=brid, from_height=0)
    assert updates == [{"height": 0, "signers": FOUR}, {"height": 4, "signers": FOUR[:3]}]
    later = ask(served, DIRECTORY, "get_blockchain_signer_updates", blockchain_rid=brid, from_height=1)
    assert later == updates[1:]


def test_it_says_how_a_chain_is(served: Served, node: DevnetNode) -> None:
    brid = node.dapp.brid
    assert ask(served, DIRECTORY, "nm_get_blockchain_state", blockchain_rid=brid) == "RUNNING"
    assert ask(served, DIRECTORY, "get_blockchain_info", rid=brid)["is_moving"] == 0
    assert ask(served, DIRECTORY, "get_moving_blockchain_info", blockchain_rid=brid) is None
    pending = {"blockchain_rid": brid, "height": 9}
    assert ask(served, DIRECTORY, "nm_get_pending_blockchain_configuration", **pending) is None
    assert ask(served, DIRECTORY, "api_version") >= 49
    assert ask(served, DIRECTORY, "nm_api_version") >= 18


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("no_such", {}, "Unknown query: no_such"),
        ("cm_get_blockchain_cluster", {"brid": b"\1" * 32}, f"Unknown blockchain {'01' * 32}"),
        ("cm_get_cluster_info", {"name": "x"}, "Unknown cluster x"),
        ("cm_get_cluster_info", {}, "Wrong arguments: [] instead of [name]"),
        ("cm_get_cluster_info", {"name": 1}, "expected STRING, actual INTEGER (parameter: name)"),
    ],
)
def test_what_it_cannot_answer_is_refused(
    served: Served, name: str, arguments: dict[str, gtv.Gtv], text: str
) -> None:
    status, said = ask(served, DIRECTORY, name, **arguments)
    assert status == 400
    assert text in said


def test_a_transaction_is_proved_up_to_the_system(served: Served, node: DevnetNode) -> None:
    """Dapp's proof, the block's anchoring transaction in the cluster, its proof, its block in the system."""
    dapp, cluster = served.brid, served.ask(f"/brid/{CLUSTER}").body.decode()
    item = json.loads(served.ask(f"/transactions/{dapp}?limit=1").body)[0]
    header = checked_header(served, dapp, item, node.dapp.history.in_force(item["blockHeight"]))
    asked = {"blockchain_rid": bytes.fromhex(dapp), "block_rid": header_rid(decode_header(header))}
    anchoring = ask(served, CLUSTER, "get_anchoring_transaction_for_block_rid", **asked)
    sent = gtx.decode(anchoring["tx_data"], version=node.chains[2].configuration.merkle_version)
    assert sent.rid == anchoring["tx_rid"]
    operation = sent.operations[anchoring["tx_op_index"]]
    assert operation.name == "__anchor_block_header"
    whole = (asked["block_rid"], gtv.decode(header), bytes.fromhex(item["witness"]))
    assert operation.arguments == whole
    found = json.loads(served.ask(f"/transactions/{cluster}/{anchoring['tx_rid'].hex()}").body)
    assert found["txData"] == anchoring["tx_data"].hex().upper()
    above = checked_header(served, cluster, found, node.chains[2].configuration)
    last = {"blockchain_rid": bytes.fromhex(cluster), "block_rid": header_rid(decode_header(above))}
    assert ask(served, SYSTEM, "is_block_anchored", **last) == 1
    assert ask(served, SYSTEM, "is_block_anchored", **asked) == 0


def checked_header(
    served: Served, brid: str, item: dict[str, Any], named: configuration.Configuration
) -> bytes:
    """The header of a transaction's block, its confirmation proof verified."""
    got = served.ask(f"/tx/{brid}/{item['txRID']}/confirmationProof")
    found = proof.decode(bytes.fromhex(json.loads(got.body)["proof"]))
    verdict = proof.verify(
        found,
        brid=bytes.fromhex(brid),
        transaction=bytes.fromhex(item["txData"]),
        signers=named.signers,
    )
    assert verdict.holds, verdict.why
    return found.header


def test_every_block_is_anchored_once_in_its_order(served: Served, node: DevnetNode) -> None:
    brid = node.dapp.brid
    last = ask(served, CLUSTER, "get_last_anchored_block", blockchain_rid=brid)
    assert last["block_height"] == 8
    for height in range(9):
        found = ask(served, CLUSTER, "get_anchored_block_at_height", blockchain_rid=brid, height=height)
        block = node.dapp.store.block(height)
        assert block is not None
        assert (found["block_rid"], found["block_header"]) == (block.rid, block.header)
    newest = {"blockchain_rid": brid, "height": 9}
    assert ask(served, CLUSTER, "get_anchored_block_at_height", **newest) is None
    unknown = {"blockchain_rid": brid, "block_rid": b"\1" * 32}
    assert ask(served, CLUSTER, "get_anchoring_transaction_for_block_rid", **unknown) is None
    assert ask(served, CLUSTER, "get_last_anchored_block", blockchain_rid=b"\1" * 32) is None


def test_anchoring_is_due_after_some_blocks_and_makes_none_without_need() -> None:
    with closing(open_node(None, wanted(), clock=Ticking())) as node:
        due = []
        for _ in range(6):
            due.append(node.is_anchoring_due())
            node.dapp.close_block()
        assert due == [False] * 5 + [True]
        node.anchor()
        assert not node.is_anchoring_due()
        heights = [node.chains[iid].next_height for iid in (2, 3)]
        assert heights == [1, 1]
