"""Blocks as JSON, beside what the nodes of the recorded chains said of them."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from indexer.postchain.block import decode_header, decode_witness
from tests.explorer.api.asking import refused, told, walked
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db
FOUR = "four-validators"
MOST_QUERIES = 7


def test_every_block_is_what_the_node_said_and_the_chain_signed(recorded_chain: ChainView) -> None:
    for stated in recorded.blocks(FOUR):
        found = told(f"/chains/{recorded_chain.rid}/blocks/{stated.height}")
        header = decode_header(stated.header)
        assert (found["chain"], found["height"]) == (recorded_chain.rid, stated.height)
        assert found["rid"] == stated.rid.hex().upper()
        assert found["previous_rid"] == stated.previous_rid.hex().upper()
        assert found["transactions_root"] == header.transactions_root.hex().upper()
        assert found["timestamp"] == stated.timestamp
        assert [each["rid"] for each in found["transactions"]] == [
            each.rid.hex().upper() for each in stated.transactions
        ]
        assert [each["hash"] for each in found["transactions"]] == [
            each.hash.hex().upper() for each in stated.transactions
        ]
        assert [each["length"] for each in found["transactions"]] == [
            len(each.data) for each in stated.transactions
        ]
        assert found["transaction_count"] == len(stated.transactions)
        if found["signatures"] is not None:
            assert [(each["signer"], each["signature"]) for each in found["signatures"]] == [
                (each.subject.hex().upper(), each.signature.hex().upper())
                for each in decode_witness(stated.witness)
            ]
        assert bool(found["evidence"]["why"]) is (found["evidence"]["standing"] != "on chain")


def test_a_block_is_the_same_by_its_rid(recorded_chain: ChainView) -> None:
    for height in (0, 5, 115):
        found = told(f"/chains/{recorded_chain.rid}/blocks/{height}")
        assert told(f"/chains/{recorded_chain.rid}/blocks/{found['rid']}") == found


def test_extra_data_are_named(recorded_chain: ChainView) -> None:
    found = told(f"/chains/{recorded_chain.rid}/blocks/0")
    assert found["extra"] == [{"name": "config_hash", "value": recorded_chain.rid}]


def test_transactions_are_given_from_the_one_after_that_is_asked_for(recorded_chain: ChainView) -> None:
    whole = max(
        (told(f"/chains/{recorded_chain.rid}/blocks/{each.height}") for each in recorded.blocks(FOUR)),
        key=lambda each: each["transaction_count"],
    )
    assert whole["transactions_next"] is None
    for name in (whole["height"], whole["rid"]):
        for after in range(whole["transaction_count"] + 1):
            part = told(f"/chains/{recorded_chain.rid}/blocks/{name}?transactions_after={after}")
            assert part == {**whole, "transactions": whole["transactions"][after + 1 :]}
    path = f"/chains/{recorded_chain.rid}/blocks/0?transactions_after=x"
    assert refused(path, 400, "bad-parameter")["errors"][0]["code"] == "not-a-number"


def test_blocks_with_transactions_are_linked_past_the_empty_ones(recorded_chain: ChainView) -> None:
    filled = [each.height for each in recorded.blocks(FOUR) if each.transactions]
    first = told(f"/chains/{recorded_chain.rid}/blocks/{filled[0]}")
    assert (first["previous"], first["next"]) == (None, filled[1])
    assert told(f"/chains/{recorded_chain.rid}/blocks/{filled[-1]}")["next"] is None


def test_a_walk_meets_every_block_once_newest_first(each_chain: ChainView) -> None:
    for limit in (7, 100):
        found = [each["height"] for each in walked(f"/chains/{each_chain.rid}/blocks?limit={limit}")]
        assert found == [*range(each_chain.freshness.height, -1, -1)]


def test_a_walk_upwards_goes_on_upwards(recorded_chain: ChainView) -> None:
    found = [each["height"] for each in walked(f"/chains/{recorded_chain.rid}/blocks?after=50&limit=20")]
    assert sorted(found) == [*range(51, recorded_chain.freshness.height + 1)]
    assert found[:20] == [*range(70, 50, -1)]


def test_a_walk_from_the_oldest_meets_every_block_in_order(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}/blocks?order=oldest&limit=50"
    assert [each["height"] for each in walked(path)] == [*range(recorded_chain.freshness.height + 1)]
    path = f"/chains/{recorded_chain.rid}/blocks?order=oldest&after=50&limit=2"
    assert [each["height"] for each in told(path)["results"]] == [51, 52]


def test_empty_blocks_can_be_left_out(recorded_chain: ChainView) -> None:
    filled = {each.height: len(each.transactions) for each in recorded.blocks(FOUR) if each.transactions}
    path = f"/chains/{recorded_chain.rid}/blocks?kind=with-transactions&limit=10"
    assert {each["height"]: each["transaction_count"] for each in walked(path)} == filled


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("order=up", "order", "not-a-choice"),
        ("status=any", "status", "unknown"),
        ("kind=empty", "kind", "not-a-choice"),
        ("limit=1000", "limit", "out-of-range"),
        ("before=7&after=3", "after", "not-together"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_by_name(
    recorded_chain: ChainView, query: str, parameter: str, code: str
) -> None:
    problem = refused(f"/chains/{recorded_chain.rid}/blocks?{query}", 400, "bad-parameter")
    assert [(each["parameter"], each["code"]) for each in problem["errors"]] == [(parameter, code)]


@pytest.mark.parametrize("height", ["116", "9223372036854775807", "9999999999999999999"])
def test_a_block_that_is_not_here_says_how_far_the_chain_is_indexed(
    recorded_chain: ChainView, height: str
) -> None:
    problem = refused(f"/chains/{recorded_chain.rid}/blocks/{height}", 404, "not-here")
    assert problem["detail"].endswith("the chain is indexed from block 0 to block 115.")


@pytest.mark.parametrize("block", ["-1", "x", "A" * 63, "0x10", "1" * 20])
def test_what_is_neither_height_nor_rid_is_not_here(recorded_chain: ChainView, block: str) -> None:
    problem = refused(f"/chains/{recorded_chain.rid}/blocks/{block}", 404, "not-here")
    assert "64 hex digits" in problem["detail"]


def test_an_unknown_rid_is_not_here(recorded_chain: ChainView) -> None:
    refused(f"/chains/{recorded_chain.rid}/blocks/{'0F' * 32}", 404, "not-here")
    refused(f"/chains/{recorded_chain.rid}/blocks/{'1' * 64}", 404, "not-here")


def test_blocks_cost_few_queries(
    each_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for path in ("/blocks?limit=100", "/blocks?kind=with-transactions", "/blocks/0", "/blocks/5"):
        with django_assert_max_num_queries(MOST_QUERIES):
            told(f"/chains/{each_chain.rid}{path}")


def test_blocks_of_all_chains_or_of_the_one_that_is_chosen(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    found = list(walked("/blocks?limit=30&kind=with-transactions"))
    assert {recorded_chain.rid, one_validator_chain.rid} <= {each["chain"] for each in found}
    assert any(each["did"] for each in found)
    as_of = told("/blocks?limit=1")["as_of"]
    assert {recorded_chain.rid, one_validator_chain.rid} <= {each["chain"] for each in as_of}
    chosen = list(walked(f"/blocks?chain={recorded_chain.rid}&limit=50&order=oldest"))
    assert chosen == list(walked(f"/chains/{recorded_chain.rid}/blocks?limit=50&order=oldest"))
    assert refused("/blocks?before=5", 400, "bad-parameter")["errors"][0]["code"] == "unknown"
