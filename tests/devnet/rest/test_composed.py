"""Answers composed from a recorded chain equal those that its node gave."""

import json
from dataclasses import replace

import pytest

from devnet.chain import proofs
from devnet.recorded.chain import RecordedChain
from devnet.recorded.contradiction import contradicts
from devnet.recorded.recording import Block, Exchange, load
from devnet.rest.composed import compose
from devnet.rest.exchange import OCTETS, Answer
from tests.devnet.served import CHAINS, RECORDINGS, Served

ONLY_ITS_NODE_KNEW = {"query", "query_gtv", "node"}


@pytest.mark.parametrize("name", CHAINS)
def test_what_can_be_composed_equals_what_was_recorded(name: str) -> None:
    """Byte for byte with status, reason and headers, without a look at the recorded answer."""
    recording = load(RECORDINGS / name)
    node = RecordedChain(recording)
    judged = 0
    for exchange in recording.exchanges:
        if is_left_to_the_recording(exchange) or contradicts(recording, exchange):
            continue
        judged += 1
        assert in_one_form(compose(node, exchange.question)) == in_one_form(exchange.answer)
    assert judged > 200


def is_left_to_the_recording(exchange: Exchange) -> bool:
    question, answer = exchange.question, exchange.answer
    if (
        question.method == "POST"
        or question.path[0] in ONLY_ITS_NODE_KNEW
        or question.path[-1] == "nodestate"
    ):
        return True
    return b"rejectReason" in answer.body


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
        assert in_one_form(compose(RecordedChain(longer), exchange.question)) == in_one_form(exchange.answer)
    assert bool(late) == (name == "four-validators")


def is_late_list(exchange: Exchange) -> bool:
    return exchange.question.path[0] == "blocks" and len(exchange.question.path) == 2


@pytest.mark.parametrize("name", CHAINS)
def test_every_proof_is_composed_as_its_node_gave_it(name: str) -> None:
    recording = load(RECORDINGS / name)
    made = {rid: proofs.of(each).hex().upper() for rid, each in recording.transactions.items()}
    assert made == recording.proofs


def test_the_running_configuration_is_the_last_one_at_or_below_the_head(served: Served) -> None:
    configurations = served.recording.configurations
    for query in ("", "?height=-1"):
        got = served.ask(f"/config/iid_1{query}", headers={"accept": OCTETS})
        assert got.body == configurations[max(configurations)]
