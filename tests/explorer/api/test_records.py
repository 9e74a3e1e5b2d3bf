"""Records as JSON: what nodes and transactions said, and nothing else."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from explorer.queries.records.filter import RecordFilter
from indexer.dapp import rell_json
from indexer.models import Suppression
from indexer.postchain import gtx
from indexer.records.erase import suppress
from tests.explorer.api.asking import ask, record, refused, told, walked
from tests.indexer.postchain import recorded
from tests.once import found_once

pytestmark = pytest.mark.django_db
FOUR, ONE = "four-validators", "one-validator"
MOST_QUERIES = 9
MOST_OF_ONE = 13  # of one record, four of them for the answers of its peers
_asked: dict[str, Sequence[dict[str, Any]]] = {}


def every(chain: ChainView) -> Sequence[dict[str, Any]]:
    """All records, oldest first. They are asked for once: what is in the tables is the same in each test."""
    if chain.rid not in _asked:
        _asked[chain.rid] = found_once(
            f"records as JSON of {chain.rid}",
            lambda: [record(chain, prompt_id) for prompt_id in range(1, chain.records + 1)],
        )
    return _asked[chain.rid]


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


# One record


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


# The list


@pytest.mark.parametrize("limit", [3, 7, 50, 100])
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_a_walk_meets_every_record_once_in_order(recorded_chain: ChainView, limit: int, order: str) -> None:
    found = [
        int(each["position"])
        for each in walked(f"/chains/{recorded_chain.rid}/records?limit={limit}&order={order}")
    ]
    assert len(found) == len(set(found)) == recorded_chain.records
    assert found == sorted(found, reverse=order == "newest")


@pytest.mark.parametrize("status", ["live", "edited", "deleted"])
def test_a_walk_of_one_status_meets_its_records_alone(recorded_chain: ChainView, status: str) -> None:
    path = f"/chains/{recorded_chain.rid}/records"
    found = [each["prompt_id"] for each in walked(f"{path}?limit=10&status={status}")]
    everything = {each["prompt_id"]: each["status"] for each in walked(path)}
    assert sorted(found) == sorted(key for key, value in everything.items() if value == status)
    assert found


def test_after_the_last_known_position_comes_what_was_written_since(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}/records"
    oldest = [each["position"] for each in walked(f"{path}?order=oldest")]
    since = [each["position"] for each in walked(f"{path}?order=oldest&limit=10&after={oldest[99]}")]
    assert since == oldest[100:]
    assert told(f"{path}?after={oldest[-1]}")["results"] == []
    assert told(f"{path}?after={oldest[-1]}")["next"] is None
    assert told(f"{path}?before={oldest[0]}")["results"] == []


def test_a_walk_goes_on_in_the_direction_in_which_it_began(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}/records"
    oldest = [each["position"] for each in walked(f"{path}?order=oldest")]
    upwards = [each["position"] for each in walked(f"{path}?after={oldest[9]}&limit=20")]
    downwards = [each["position"] for each in walked(f"{path}?before={oldest[200]}&order=oldest&limit=20")]
    assert sorted(upwards, key=int) == oldest[10:]
    assert sorted(downwards, key=int) == oldest[:200]
    assert upwards[:20] == oldest[29:9:-1]
    assert downwards[:20] == oldest[180:200]


def test_the_next_page_is_in_the_link_header_too(recorded_chain: ChainView) -> None:
    answer = ask(f"/chains/{recorded_chain.rid}/records?limit=2&status=live")
    following = answer.json()["next"]
    assert following.startswith("http://testserver/api/v1/chains/")
    assert "status=live" in following
    assert answer.headers["Link"] == f'<{following}>; rel="next"'
    assert "Link" not in ask(f"/chains/{recorded_chain.rid}/records?order=oldest&after={2**62}").headers


def test_more_peers_than_are_listed_are_tallied(toured_chain: ChainView) -> None:
    crowded = [each for each in every(toured_chain) if each["tallies"] is not None]
    assert crowded
    for found in crowded:
        assert found["peer_count"] > len(found["peers"]) == 60
        assert found["peer_count_is_exact"] is True
        for tally in (found["tallies"]["first"], found["tallies"]["now"]):
            clustered = sum(each["count"] for each in tally["clusters"])
            assert clustered + tally["others"] + tally["deleted"] == found["peer_count"]
        assert any(each["has_this"] for each in found["tallies"]["first"]["clusters"])


def test_a_row_says_the_same_as_its_record(recorded_chain: ChainView) -> None:
    same = ("prompt_id", "position", "height", "scout", "seed", "model", "provider", "created_at", "block_at")
    for row in walked(f"/chains/{recorded_chain.rid}/records?limit=100"):
        found = every(recorded_chain)[row["prompt_id"] - 1]
        assert {name: row[name] for name in same} == {name: found[name] for name in same}
        assert (row["status"], row["revision_count"]) == (found["status"], found["revision_count"])


def test_a_list_is_dated(recorded_chain: ChainView) -> None:
    page = told(f"/chains/{recorded_chain.rid}/records?limit=1")
    assert set(page) == {"results", "next", "as_of", "count", "searched_to", "words_to", "ranking"}
    assert (page["count"], page["searched_to"]) == ({"value": 225, "is_exact": True}, None)
    assert page["as_of"]["height"] == recorded_chain.freshness.height


def test_a_list_costs_few_queries_whatever_its_size(
    each_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for query in ("", "?limit=100", "?order=oldest&limit=100", "?after=5&status=live"):
        with django_assert_max_num_queries(MOST_QUERIES):
            told(f"/chains/{each_chain.rid}/records{query}")


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("limit=0", "limit", "out-of-range"),
        ("limit=101", "limit", "out-of-range"),
        ("limit=", "limit", "not-a-number"),
        ("limit=5.0", "limit", "not-a-number"),
        ("before=-1", "before", "not-a-number"),
        ("before=9223372036854775808", "before", "out-of-range"),
        (f"after={'9' * 900}", "after", "out-of-range"),
        ("order=random", "order", "not-a-choice"),
        ("status=LIVE", "status", "not-a-choice"),
        ("status=", "status", "not-a-choice"),
        ("before=1&after=1", "after", "not-together"),
        ("limit=5&limit=6", "limit", "repeated"),
        ("Limit=5", "Limit", "unknown"),
        ("format=json", "format", "unknown"),
        ("cursor=x", "cursor", "not-a-cursor"),
        ("seed=9223372036854775808", "seed", "out-of-range"),
        ("scout=1.5", "scout", "not-a-number"),
        ("block=7-9", "block", "not-a-range"),
        ("block=..", "block", "not-a-range"),
        ("block=9..7", "block", "upside-down"),
        ("block=8796093022208", "block", "out-of-range"),
        ("since=2026-02-29", "since", "no-such-time"),
        ("since=2026-10-01T24:00:00Z", "since", "no-such-time"),
        ("since=1.10.2026", "since", "not-a-time"),
        ("until=2026-10-01%2B02:00", "until", "not-a-time"),
        ("since=2026-10-01&until=2026-10-01", "until", "upside-down"),
        ("changed=2026-10-01T12:00:00Z", "changed", "not-a-time"),
        ("changed=2026-11-01..2026-10-01", "changed", "upside-down"),
        ("tx=12", "tx", "out-of-range"),
        ("writer=xyz", "writer", "not-hex"),
        ("has=answer", "has", "not-a-choice"),
        ("words=word", "words", "unknown"),
        ("q=modle:x", "q", "unknown-key"),
        ("q=%20", "q", "no-word"),
        ("q=", "q", "no-word"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_by_name(
    recorded_chain: ChainView, query: str, parameter: str, code: str
) -> None:
    problem = refused(f"/chains/{recorded_chain.rid}/records?{query}", 400, "bad-parameter")
    assert [(each["parameter"], each["code"]) for each in problem["errors"]] == [(parameter, code)]
    assert problem["errors"][0]["detail"] == problem["detail"]


def test_everything_that_is_wrong_with_a_query_is_told_at_once(recorded_chain: ChainView) -> None:
    problem = refused(f"/chains/{recorded_chain.rid}/records?limt=5&limit=0&order=up", 400, "bad-parameter")
    assert [each["parameter"] for each in problem["errors"]] == ["limt", "limit", "order"]
    names = sorted(["after", "before", "cursor", "limit", "order", *RecordFilter.declarations()])
    assert f"Did you mean limit? There are: {', '.join(names)}." in problem["detail"]


# All chains


def test_the_list_of_all_chains_names_the_chain_of_each(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for order in ("newest", "oldest"):
        found = list(walked(f"/records?limit=7&order={order}"))
        assert len(found) == sum(each.records for each in chains.chains())
        times = [each["block_at"] for each in found]
        assert times == sorted(times, reverse=order == "newest")
        assert len({(each["chain"], each["prompt_id"]) for each in found}) == len(found)


def test_the_list_of_all_chains_says_as_of_when_each_is_told(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    page = told("/records?limit=1&status=edited")
    assert [each["chain"] for each in page["as_of"]] == [each.rid for each in chains.chains()]
    assert page["searched_to"] is None
    every = list(walked("/records?status=edited"))
    assert page["count"] == {"value": len(every), "is_exact": True}


def test_one_of_the_chains_may_be_chosen(recorded_chain: ChainView, one_validator_chain: ChainView) -> None:
    found = list(walked(f"/records?chain={one_validator_chain.rid}&limit=7"))
    own = list(walked(f"/chains/{one_validator_chain.rid}/records"))
    assert [{name: each[name] for name in each if name != "chain"} for each in found] == own
    refused(f"/records?chain={'AB' * 32}", 404, "not-here")
    refused("/records?chain=AB", 400, "bad-parameter")


@pytest.mark.parametrize("query", ["before=5", "after=5"])
def test_the_list_of_all_chains_goes_on_by_its_cursor_alone(recorded_chain: ChainView, query: str) -> None:
    problem = refused(f"/records?{query}", 400, "bad-parameter")
    assert problem["errors"][0]["code"] == "unknown"


def test_a_cursor_of_another_list_is_refused(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    following = told("/records?limit=3&order=changed")["next"]
    told(following)
    assert "another list" in refused(f"{following}&scout=1", 400, "bad-parameter")["detail"]
    other = following.replace("order=changed", "order=newest")
    assert "another list" in refused(other, 400, "bad-parameter")["detail"]


def test_the_list_by_change_has_each_that_was_changed_once(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}/records"
    found = [each["prompt_id"] for each in walked(f"{path}?order=changed&limit=3")]
    changed = {
        each["prompt_id"] for status in ("edited", "deleted") for each in walked(f"{path}?status={status}")
    }
    assert (len(found), set(found)) == (len(changed), changed)


def test_the_list_of_all_chains_costs_few_queries(
    recorded_chain: ChainView,
    one_validator_chain: ChainView,
    toured_chain: ChainView,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for query in ("", "?limit=100", "?order=changed&limit=100", "?model=*&status=edited&since=2026-01-01"):
        with django_assert_max_num_queries(8):
            told(f"/records{query}")
