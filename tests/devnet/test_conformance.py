"""The devnet answers as the recorded nodes did, chain for chain and byte for byte.

Both recorded chains are built again: from their configurations, their validators' keys and what was posted,
each block closed by the test control at the recorded time and signed by the recorded validators. With these
the blocks' headers, RIDs, witnesses and proofs come out the same, so there is no answer to leave out for its
time or its signatures; what cannot agree is in `DIFFERING`.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from devnet.rest.exchange import CORS
from tests.devnet.rebuilt import Rebuilt, lines_of, rebuilt
from tests.devnet.served import CHAINS, Got, lines, told

PATTERN = "GET /node/…/{}"
DIFFERING: dict[str, tuple[str, set[str]]] = {
    PATTERN.format("my_status"): (
        "a moment in the building of a block, by the node's own clock",
        {"serial", "state", "height", "blockRid"},
    ),
    PATTERN.format("statuses"): ("the same of its peers", {"serial", "state", "height", "blockRid"}),
}
"""Answers that cannot agree: why, and in which fields."""

COUNTED = "Query: SELECT timestamp FROM blocks WHERE block_iid"
"""`tx_confirmation_time` fails with words of the database that count the blocks that it tried to build; a
node that built some in vain, as one of four does, is ahead of the height.
"""
ELSEWHERE = {"posts.jsonl", "posts-refused.jsonl", "while-reconfiguring.jsonl"}


@pytest.fixture(scope="module", params=CHAINS)
def double(request: pytest.FixtureRequest) -> Iterator[Rebuilt]:
    with rebuilt(request.param) as built:
        yield built


def test_the_chain_has_the_recorded_rids_and_every_submission_got_its_recorded_answer(
    double: Rebuilt,
) -> None:
    """That each block has its RID is checked as it is closed (`Rebuilt.close`)."""
    assert double.node.spelling == double.told.recording.spelling
    posted = list(lines_of(double.told, "posts.jsonl"))
    assert len(double.posts) == len(posted)
    for line, got in double.posts:
        response = line["response"]
        assert (got.status, got.body) == (response["status"], said(response)), line["label"]
        assert got.headers["content-type"] == response["content_type"]


def test_every_recorded_question_is_answered_as_recorded(double: Rebuilt) -> None:
    """In three passes, as the recording took a while: what its record ends with, what was asked when the
    next block had come, and what was posted to look for refusals.
    """
    asked = [line for line in lines(double.told.folder) if line["file"] not in ELSEWHERE]
    left = [line for line in asked if not agrees(line, double.ask(line["request"]))]
    if double.late is not None:
        double.close(double.late)
    left = [line for line in left if not agrees(line, double.ask(line["request"]))]
    left += [
        line
        for line in lines_of(double.told, "posts-refused.jsonl")
        if not agrees(line, double.ask(line["request"]))
    ]
    unlike = [line for line in left if not may_differ(double, line, double.ask(line["request"]))]
    assert [named(double, line) for line in unlike] == []
    assert len(asked) > 500
    assert len(left) <= len(DIFFERING) + 3


def said(response: dict[str, Any]) -> bytes:
    return bytes.fromhex(response["body_hex"]) if "body_hex" in response else response["body"].encode()


def agrees(line: dict[str, Any], got: Got) -> bool:
    """Status, reason, body and all headers, content type, caching, CORS and length among them."""
    response = line["response"]
    same = (got.status, got.reason, got.body) == (response["status"], response["reason"], said(response))
    return same and response["headers"].items() <= got.headers.items()


def named(double: Rebuilt, line: dict[str, Any]) -> str:
    return told(line).replace(double.told.recording.spelling.brid, "…")


def may_differ(double: Rebuilt, line: dict[str, Any], got: Got) -> bool:
    """Whether an answer that is not as recorded is so only where it cannot be."""
    response = line["response"]
    length = {"content-length"}
    headers = {name: value for name, value in response["headers"].items() if name not in length}
    if (got.status, got.reason) != (response["status"], response["reason"]) or not (
        headers.items() <= got.headers.items()
    ):
        return False
    if COUNTED.encode() in said(response):
        return got.body.partition(b"Parameters")[0] == said(response).partition(b"Parameters")[0]
    _, fields = DIFFERING.get(named(double, line), ("", set()))
    return bool(fields) and without(json.loads(got.body), fields) == without(
        json.loads(said(response)), fields
    )


def without(value: Any, fields: set[str]) -> Any:
    if isinstance(value, list):
        return [without(each, fields) for each in value]
    return {name: each for name, each in value.items() if name not in fields}


def test_every_proof_is_the_recorded_one(double: Rebuilt) -> None:
    brid = double.told.recording.spelling.brid
    for line in lines_of(double.told, "all-proofs.jsonl"):
        got = double.send(f"/tx/{brid}/{line['tx_rid']}/confirmationProof")
        assert json.loads(got.body) == {"proof": line["proof"]}


def test_the_whole_state_is_the_recorded_one(double: Rebuilt) -> None:
    brid = double.told.recording.spelling.brid
    query = f"type=get_prompt_histories&start_time=0&end_time={1 << 62}&pointer=0&n_prompts=100000"
    got = double.send(f"/query/{brid}?{query}")
    assert json.loads(got.body)["prompts"] == list(lines_of(double.told, "state.jsonl"))


def test_while_it_changes_its_configuration_it_says_so_as_the_recorded_node_did() -> None:
    with rebuilt("four-validators") as double:
        chain = double.node.dapp
        raw = chain.configuration.raw
        chain.set_configuration(chain.next_height + 1, raw)
        chain.pause = 60.0
        chain.close_block()
        for line in lines_of(double.told, "while-reconfiguring.jsonl"):
            got = double.ask(line["request"])
            assert (got.status, got.body) == (503, said(line["response"]))
            assert dict(CORS).items() <= got.headers.items()
        brid = double.told.recording.spelling.brid
        for live in ("query_gtv", "config", "brid"):
            assert double.send(f"/{live}/{brid}?type=get_owner").status == 503
        for lasting in (f"blocks/{brid}", f"blockchain/{brid}/height", f"transactions/{brid}"):
            assert double.send(f"/{lasting}").status == 200
