"""Records as JSON: what nodes and transactions said, and nothing else."""

import json
from hashlib import sha256
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from indexer.dapp import rell_json
from indexer.models import Suppression
from indexer.postchain import gtx
from indexer.records.erase import suppress
from tests.explorer.api.asking import ask, every, record, refused, told, walked
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db
FOUR, ONE = "four-validators", "one-validator"
MOST_OF_ONE = 13  # of one record, four of them for the answers of its peers


def as_a_node_answers(found: dict[str, Any]) -> dict[str, Any]:
    """The struct of the dapp's query."""
    return {
        "UID": int(found["scout"]),
        "created_at": found["created_at"],
        "messages": rell_json.normalise(found["messages"]),
        "model": found["model"],
        "prompt_id": found["prompt_id"],
        "provider": found["provider"],
        "result": found["result_state"],
        "seed": int(found["seed"]),
    }


def sha(text: str) -> str:
    return sha256(text.encode()).hexdigest().upper()


def withhold(content_key: str, *, mode: str = "hide") -> None:
    suppress(
        Suppression.Subject.CONTENT,
        bytes.fromhex(content_key),
        mode=Suppression.Mode(mode),
        reason="a home address",
        by="the operator",
    )


def test_live_records_are_what_the_node_answered_at_the_end(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for chain, name in ((recorded_chain, FOUR), (one_validator_chain, ONE)):
        live = [each for each in every(chain) if each["status"] != "deleted"]
        newest_first = sorted(live, key=lambda each: (-each["created_at"], each["prompt_id"]))
        assert [as_a_node_answers(each) for each in newest_first] == list(recorded.lines(name, "state"))


def test_every_revision_is_the_operation_that_was_posted(recorded_chain: ChainView) -> None:
    said = {}
    for block in recorded.blocks(FOUR):
        position = block.height << 20
        for tx in block.transactions:
            for index, operation in enumerate(gtx.decode(tx.data, version=1).operations):
                said[str(position)] = (tx.rid.hex().upper(), block, index, operation)
                position += 1
    kinds = set()
    for found in every(recorded_chain):
        assert [each["number"] for each in found["revisions"]] == [*range(1, found["revision_count"] + 1)]
        for revision in found["revisions"]:
            rid, block, index, operation = said[revision["position"]]
            kinds.add(operation.name)
            assert (revision["transaction"], revision["block"]) == (rid, block.rid.hex().upper())
            assert (revision["operation"], revision["kind"]) == (index, operation.name)
            assert (revision["height"], revision["timestamp"]) == (block.height, block.timestamp)
            if operation.name == "add_prompt_history":
                assert (found["messages"], revision["result"]) == (
                    operation.arguments[1],
                    operation.arguments[2],
                )
            elif operation.name == "update_prompt_history":
                assert revision["result"] == operation.arguments[1]
            else:
                assert (revision["result"], revision["answer"]) == (None, None)
                assert (revision["result_sha256"], revision["answer_key"]) == (None, None)
    assert len(kinds) == 4


def test_hashes_are_those_of_the_texts_beside_them(each_chain: ChainView) -> None:
    for found in every(each_chain):
        assert found["messages_sha256"] == sha(found["messages"])
        assert found["result_sha256"] == sha(found["result"])
        for each in [found, *(each for each in found["revisions"] if each["answer"] is not None)]:
            answer = each["answer"] if each["answer_reason"] else rell_json.quote(each["answer"])
            assert each["answer_key"] == sha(answer)


def test_a_record_has_the_fields_that_were_promised(recorded_chain: ChainView) -> None:
    found = told(f"/chains/{recorded_chain.rid}/records/1")
    assert found["chain"] == recorded_chain.rid
    assert (found["status"], found["revision_count"], found["withheld"]) == ("live", 1, [])
    assert found["created"] == "2026-11-23T22:47:56.882Z"
    assert isinstance(found["scout"], str)
    assert isinstance(found["seed"], str)
    assert isinstance(found["position"], str)
    assert json.loads(found["result"]) == json.loads(found["result_state"])
    assert found["answer"] == json.loads(found["result"])["choices"][0]["message"]["content"]
    assert [each["role"] for each in found["conversation"]] == ["system", "user"]
    assert found["revisions"][0]["standing"] == found["revisions"][0]["evidence"]["standing"] == "on chain"
    assert found["as_of"] == {
        "chain": recorded_chain.rid,
        "height": recorded_chain.freshness.height,
        "at": "2026-11-23T22:53:10.778Z",
    }


def test_numbers_of_64_bits_arrive_whole(toured_chain: ChainView) -> None:
    found = {int(each["scout"]) for each in walked(f"/chains/{toured_chain.rid}/records?limit=100")}
    assert found >= {0, -1, 2**63 - 1, -(2**63), 2**53 + 1}


@pytest.mark.parametrize("prompt_id", [1, 2])
def test_a_revision_that_there_is_not_is_not_here(recorded_chain: ChainView, prompt_id: int) -> None:
    count = record(recorded_chain, prompt_id)["revision_count"]
    path = f"/chains/{recorded_chain.rid}/records/{prompt_id}?revision="
    assert ask(f"{path}{count}").status_code in (200, 410)
    problem = refused(f"{path}{count + 1}", 404, "not-here")
    assert problem["detail"].endswith(f"it has {count} in all.")


def test_a_deleted_record_is_gone_and_says_all_that_was_said(recorded_chain: ChainView) -> None:
    deleted = list(walked(f"/chains/{recorded_chain.rid}/records?status=deleted"))
    assert len(deleted) == recorded_chain.records - recorded_chain.live
    for row in deleted:
        problem = refused(f"/chains/{recorded_chain.rid}/records/{row['prompt_id']}", 410, "deleted")
        found = problem["record"]
        assert (found["status"], found["result_state"]) == ("deleted", None)
        assert found["revisions"][-1]["kind"] in problem["detail"]
        assert found["messages"]
        assert found["result"]
        assert found["answer"].startswith(row["answer"]["text"][:20])


@pytest.mark.parametrize("mode", ["hide", "erase"])
def test_a_withheld_answer_is_in_no_answer_of_the_api(recorded_chain: ChainView, mode: str) -> None:
    before = record(recorded_chain, 1)
    withhold(before["answer_key"], mode=mode)
    path = f"/chains/{recorded_chain.rid}/records/1"
    problem = refused(path, 451, "withheld")
    assert "a home address" in problem["detail"]
    assert ask(path).headers["Link"] == '</contact>; rel="blocked-by"'
    found = problem["record"]
    assert (found["answer"], found["result"], found["result_state"]) == (None, None, None)
    assert (found["answer_key"], found["result_sha256"]) == (before["answer_key"], before["result_sha256"])
    assert found["conversation"] == before["conversation"]
    assert found["messages"] == (before["messages"] if mode == "hide" else None)
    reasons = {(each["field"], each["revision"]): each["reason"] for each in found["withheld"]}
    assert (reasons["answer", 1], reasons["result", 1]) == ("a home address", "a home address")
    paths = [
        path,
        f"/chains/{recorded_chain.rid}/records?order=oldest&limit=100",
        f"/chains/{recorded_chain.rid}/blocks/5",
        f"/chains/{recorded_chain.rid}/transactions/{before['revisions'][0]['transaction']}",
    ]
    assert not any(before["answer"].encode() in ask(each).content for each in paths)


def test_a_withheld_prompt_leaves_the_answer(recorded_chain: ChainView) -> None:
    before = record(recorded_chain, 1)
    withhold(before["prompt_key"])
    found = refused(f"/chains/{recorded_chain.rid}/records/1", 451, "withheld")["record"]
    assert (found["messages"], found["conversation"]) == (None, None)
    assert (found["answer"], found["messages_sha256"]) == (before["answer"], before["messages_sha256"])


def test_a_record_that_is_both_deleted_and_withheld_answers_451(recorded_chain: ChainView) -> None:
    row = next(walked(f"/chains/{recorded_chain.rid}/records?status=deleted"))
    withhold(record(recorded_chain, row["prompt_id"])["answer_key"])
    problem = refused(f"/chains/{recorded_chain.rid}/records/{row['prompt_id']}", 451, "withheld")
    assert problem["record"]["status"] == "deleted"


def test_hostile_records_are_json_and_arrive_as_they_were_signed(toured_chain: ChainView) -> None:
    models, controls = set(), False
    for found in every(toured_chain):
        models.add(found["model"])
        controls = controls or "\x1b" in found["answer"]
        assert found["withheld"] == []
    assert {"<img src=x onerror=alert(1)>", "", "a" * 5_000} <= models
    assert controls


def test_answers_are_no_pages_of_a_browser(toured_chain: ChainView) -> None:
    answer = ask(f"/chains/{toured_chain.rid}/records/1")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_last_day_that_can_be_written_is_asked_for_as_any_other(recorded_chain: ChainView) -> None:
    for address in ("/api/v1/records", f"/api/v1/chains/{recorded_chain.rid}/records"):
        answer = ask(f"{address}?changed=9999-12-31")
        assert answer.status_code == 200
        assert answer.json()["results"] == []


@pytest.mark.parametrize("prompt_id", ["0", "226", "9223372036854775807", "9999999999999999999"])
def test_a_record_that_is_not_here_says_which_are(recorded_chain: ChainView, prompt_id: str) -> None:
    problem = refused(f"/chains/{recorded_chain.rid}/records/{prompt_id}", 404, "not-here")
    assert "ids go from 1 to 225" in problem["detail"]


@pytest.mark.parametrize("prompt_id", ["-1", "x", "1.0", "%00", "٣", "1" * 20, "1e3", "<script>"])
def test_what_is_no_prompt_id_is_not_here(recorded_chain: ChainView, prompt_id: str) -> None:
    problem = refused(f"/chains/{recorded_chain.rid}/records/{prompt_id}", 404, "not-here")
    assert problem["detail"].startswith("A prompt id is a whole number")


def test_a_record_costs_few_queries(
    each_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for prompt_id in range(1, each_chain.records + 1, 7):
        with django_assert_max_num_queries(MOST_OF_ONE):
            record(each_chain, prompt_id)
