"""Transactions as JSON, argument by argument as they were posted."""

import json
from hashlib import sha256
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from indexer.models import Suppression
from indexer.postchain import gtx
from indexer.postchain.gtv import BigInteger, Gtv
from indexer.records.erase import suppress
from tests.explorer.api.asking import ask, record, refused, told, walked
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db
FOUR = "four-validators"
MOST_QUERIES = 8


def of(chain: ChainView, rid: str) -> str:
    return f"/chains/{chain.rid}/transactions/{rid}"


def every(chain: ChainView) -> list[dict[str, Any]]:
    """All transactions, those of the newest blocks first."""
    heights = walked(f"/chains/{chain.rid}/blocks?kind=with-transactions&limit=100")
    blocks = [told(f"/chains/{chain.rid}/blocks/{each['height']}") for each in heights]
    return [
        told(of(chain, each["rid"]) + "?include=texts") for block in blocks for each in block["transactions"]
    ]


def typed(value: Gtv) -> tuple[str, str]:
    """Type and value as the API gives them, for values that hold no others."""
    if value is None:
        return "null", "null"
    if isinstance(value, BigInteger):
        return "big integer", str(int(value))
    if isinstance(value, int):
        return "integer", str(value)
    if isinstance(value, bytes):
        return "byte array", value.hex().upper()
    assert isinstance(value, str)
    return "string", value


def test_every_transaction_is_what_was_posted(recorded_chain: ChainView) -> None:
    for block in recorded.blocks(FOUR):
        for ordinal, stated in enumerate(block.transactions):
            found = told(of(recorded_chain, stated.rid.hex().upper()))
            posted = gtx.decode(stated.data, version=1)
            assert (found["height"], found["ordinal"]) == (block.height, ordinal)
            assert (found["rid"], found["hash"]) == (stated.rid.hex().upper(), stated.hash.hex().upper())
            assert (found["block"], found["timestamp"]) == (block.rid.hex().upper(), block.timestamp)
            assert found["length"] == len(stated.data)
            assert found["signers"] == [each.hex().upper() for each in posted.signers]
            assert found["withheld"] is None
            assert found["operation_count"] == len(posted.operations)
            assert [each["name"] for each in found["operations"]] == [each.name for each in posted.operations]
            for said, operation in zip(found["operations"], posted.operations, strict=True):
                simple = [each for each in operation.arguments if not isinstance(each, list | dict)]
                given = [each for each in said["arguments"] if each["type"] not in ("array", "dict")]
                assert [(each["type"], each["value"]) for each in given] == [typed(each) for each in simple]


def test_arguments_have_the_dapp_s_names(recorded_chain: ChainView) -> None:
    added = record(recorded_chain, 1)
    found = told(of(recorded_chain, added["revisions"][0]["transaction"]))
    operation = found["operations"][added["revisions"][0]["operation"]]
    names = ["UID", "messages", "result", "seed", "model", "provider"]
    assert [each["name"] for each in operation["arguments"]] == names
    values = {each["name"]: each["value"] for each in operation["arguments"]}
    assert (values["UID"], values["seed"]) == (added["scout"], added["seed"])
    assert (values["messages"], values["result"]) == (added["messages"], added["result"])
    assert operation["position"] == added["position"]
    assert operation["records"] == [1]


def test_values_of_every_type_arrive(toured_chain: ChainView) -> None:
    transactions = every(toured_chain)
    arguments = [
        argument
        for each in transactions
        for operation in each["operations"]
        for argument in operation["arguments"]
    ]
    kinds = {"integer", "string", "byte array", "array", "dict", "null"}
    assert {each["type"] for each in arguments} >= kinds
    for each in arguments:
        assert each["sha256"] == sha256(each["value"].encode()).hexdigest().upper()
        assert each["length"] == len(each["value"])
        if each["type"] in ("array", "dict"):
            json.loads(each["value"])


def test_what_was_not_understood_has_a_note(toured_chain: ChainView) -> None:
    noted = {
        operation["name"]: operation["note"]
        for each in every(toured_chain)
        for operation in each["operations"]
        if operation["note"]
    }
    assert noted["note_prompt"].startswith("Not understood")


@pytest.mark.parametrize("mode", ["hide", "erase"])
def test_a_withheld_transaction_keeps_its_facts(recorded_chain: ChainView, mode: str) -> None:
    rid = record(recorded_chain, 1)["revisions"][0]["transaction"]
    before = told(of(recorded_chain, rid))
    suppress(
        Suppression.Subject.TRANSACTION,
        bytes.fromhex(rid),
        mode=Suppression.Mode(mode),
        reason="a secret",
        by="the operator",
    )
    problem = refused(of(recorded_chain, rid), 451, "withheld")
    assert "a secret" in problem["detail"]
    found = problem["transaction"]
    assert found["withheld"] == {"kind": "hidden" if mode == "hide" else "erased", "reason": "a secret"}
    assert [each["arguments"] for each in found["operations"]] == [None] * found["operation_count"]
    for name in ("rid", "hash", "height", "block", "signers", "evidence", "length"):
        assert found[name] == before[name]
    text = before["operations"][0]["arguments"][2]["value"].encode()
    assert text[:60] not in ask(of(recorded_chain, rid)).content
    refused(f"/chains/{recorded_chain.rid}/records/1", 451, "withheld")


def test_a_withheld_text_leaves_the_other_arguments(recorded_chain: ChainView) -> None:
    said = record(recorded_chain, 1)
    Suppression.objects.create(
        subject="content", hash=bytes.fromhex(said["answer_key"]), mode="hide", reason="no", by="the operator"
    )
    problem = refused(of(recorded_chain, said["revisions"][0]["transaction"]), 451, "withheld")
    arguments = {each["name"]: each for each in problem["transaction"]["operations"][0]["arguments"]}
    assert (arguments["result"]["value"], arguments["result"]["withheld"]) == (None, "hidden")
    assert arguments["result"]["sha256"] == said["result_sha256"]
    assert arguments["messages"]["value"] == said["messages"]


@pytest.mark.parametrize("rid", ["0F" * 32, "x", "0", "A" * 63])
def test_a_transaction_that_is_not_here_says_so(recorded_chain: ChainView, rid: str) -> None:
    refused(of(recorded_chain, rid), 404, "not-here")


def test_a_transaction_of_another_chain_is_not_here(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    rid = record(recorded_chain, 1)["revisions"][0]["transaction"]
    refused(of(one_validator_chain, rid), 404, "not-here")


def test_a_transaction_takes_no_other_parameter(recorded_chain: ChainView) -> None:
    rid = record(recorded_chain, 1)["revisions"][0]["transaction"]
    problem = refused(f"{of(recorded_chain, rid)}?raw=1", 400, "bad-parameter")
    assert problem["detail"] == "There is no parameter “raw”. There are: include."


def test_a_transaction_costs_few_queries(
    each_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for prompt_id in (1, each_chain.records):
        rid = record(each_chain, prompt_id)["revisions"][0]["transaction"]
        with django_assert_max_num_queries(MOST_QUERIES):
            told(of(each_chain, rid))
