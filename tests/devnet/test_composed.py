"""Answers composed from a recorded chain equal those that its node gave."""

import json
from dataclasses import replace
from typing import Any

import pytest

from devnet.composed import compose
from devnet.contradiction import contradicts
from devnet.exchange import OCTETS, Answer
from devnet.recording import Block, Exchange, load
from indexer.postchain import gtv
from tests.devnet.served import CHAINS, RECORDINGS, Served

ONLY_ITS_NODE_KNEW = {"query", "query_gtv", "node"}


@pytest.mark.parametrize("name", CHAINS)
def test_what_can_be_composed_equals_what_was_recorded(name: str) -> None:
    """Byte for byte with status, reason and headers, without a look at the recorded answer."""
    recording = load(RECORDINGS / name)
    judged = 0
    for exchange in recording.exchanges:
        if is_left_to_the_recording(exchange) or contradicts(recording, exchange):
            continue
        judged += 1
        assert in_one_form(compose(recording, exchange.question)) == in_one_form(exchange.answer)
    assert judged > 200


def is_left_to_the_recording(exchange: Exchange) -> bool:
    question, answer = exchange.question, exchange.answer
    if (
        question.method == "POST"
        or question.path[0] in ONLY_ITS_NODE_KNEW
        or question.path[-1] == "nodestate"
    ):
        return True
    is_xml = question.path[0] == "config" and b"<?xml" in answer.body
    return is_xml or b"rejectReason" in answer.body


def in_one_form(answer: Answer) -> Answer:
    return replace(answer, headers=tuple(sorted(answer.headers)))


@pytest.mark.parametrize("name", CHAINS)
def test_lists_that_knew_a_later_block_are_composed_as_the_node_would_have(name: str) -> None:
    """With that block added to the chain, the composed lists equal the recorded ones."""
    recording = load(RECORDINGS / name)
    late = [
        exchange
        for exchange in recording.exchanges
        if is_late_list(exchange) and contradicts(recording, exchange)
    ]
    known = len(recording.blocks)
    for exchange in late:
        stated = [item for item in json.loads(exchange.answer.body) if item["height"] >= known]
        longer = replace(recording, blocks=(*recording.blocks, Block.read(stated[0])))
        assert in_one_form(compose(longer, exchange.question)) == in_one_form(exchange.answer)
    assert bool(late) == (name == "four-validators")


def is_late_list(exchange: Exchange) -> bool:
    return exchange.question.path[0] == "blocks" and len(exchange.question.path) == 2


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
    transactions = served.server.node.recording.transactions
    for rid, tx in transactions.items():
        assert (
            served.ask(f"/tx/{served.brid}/{rid}", headers={"accept": OCTETS}).body.hex().upper() == tx.data
        )
        assert json.loads(served.ask(f"/tx/{served.brid}/{rid.lower()}/status").body) == {
            "status": "confirmed"
        }
        proof = json.loads(served.ask(f"/tx/{served.brid}/{rid}/confirmationProof").body)["proof"]
        assert proof == served.server.node.recording.proofs[rid]
    listed = json.loads(served.ask(f"/transactions/{served.brid}?limit=600").body)
    assert [item["txRID"] for item in listed] == list(transactions)[::-1]


def test_transactions_are_listed_before_a_time_and_by_signer(served: Served) -> None:
    everything = json.loads(served.ask(f"/transactions/{served.brid}?limit=600").body)
    at = everything[20]["timestamp"]
    before = json.loads(served.ask(f"/transactions/{served.brid}?limit=600&before-time={at}").body)
    assert before == [item for item in everything if item["timestamp"] < at]
    owner = "031B84C5567B126440995D3ED5AABA0565D71E1834604819FF9C17F5E9D5DD078F"
    signed = json.loads(served.ask(f"/transactions/{served.brid}?limit=600&signer={owner.lower()}").body)
    assert signed == [item for item in everything if owner in item["txData"]]
    assert 0 < len(signed) < len(everything)


def test_the_running_configuration_is_the_last_one_at_or_below_the_head(served: Served) -> None:
    configurations = served.server.node.recording.configurations
    for query in ("", "?height=-1"):
        got = served.ask(f"/config/iid_1{query}", headers={"accept": OCTETS})
        assert got.body == configurations[max(configurations)]
