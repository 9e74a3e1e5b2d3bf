"""Every recorded query of both chains, answered by a dapp that was fed their transactions."""

import json
from typing import Any

import pytest

from devnet.dapp.dapp import Dapp, LastBlock, QueryRefused
from devnet.recorded.recording import Exchange
from devnet.rest.exchange import Question, to_json
from devnet.rest.gtv_json import NotInGtv, NotInJson, from_json
from devnet.rest.gtv_json import to_json as jsonable
from indexer.postchain import gtv
from indexer.postchain.gtv import BigInteger, Gtv
from tests.devnet.replayed import Told, named, told
from tests.devnet.served import CHAINS

# Block numbers of four-validators' own database begin at 1 and skip one: a block that was built twice.
COMPARED = {"four-validators": (252, 244), "one-validator": (249, 241)}
BLOCK_IID = {"four-validators": "Parameters: [5]", "one-validator": "Parameters: [18]"}


@pytest.fixture(params=CHAINS, scope="module")
def chain(request: pytest.FixtureRequest) -> Told:
    return told(request.param)


@pytest.fixture(scope="module")
def dapp(chain: Told) -> Dapp:
    *_, (_, dapp) = chain.replay()
    return dapp


def is_for_the_routes(question: Question) -> bool:
    """Whether the question has no query in it, so that no dapp is asked."""
    if question.method == "GET":
        return question.parameter("type") is None
    if isinstance(question.body, bytes):
        return question.body in (b"", b"\x00\x01")
    return question.body in ("{", "{}")


def is_broken(exchange: Exchange) -> bool:
    """Whether the answer names the number of a row in the node's database."""
    return b"Parameters: [" in exchange.answer.body


def answered(dapp: Dapp, question: Question, *, last_block: LastBlock) -> tuple[int, bytes]:
    """Status and body of the answer to a question, in the form that it asks for."""
    try:
        status, value = 200, ask(dapp, question, last_block=last_block)
    except QueryRefused as refused:
        status, value = refused.status, refused.text
    if status == 200:
        if question.path[0] == "query_gtv":
            return status, gtv.encode(value)
        return status, to_json(jsonable(value))
    return status, gtv.encode(value) if question.wants_gtv else to_json({"error": value})


def ask(dapp: Dapp, question: Question, *, last_block: LastBlock) -> gtv.Encodable:
    if question.method == "GET":
        arguments = {name: text for name, text in question.query if name != "type"}
        return dapp.query_untyped(question.parameter("type") or "", arguments, last_block=last_block)
    if isinstance(question.body, bytes):
        query: Any = gtv.decode(question.body)
        return dapp.query(query[0], query[1], last_block=last_block)
    given: Any = from_json(question.body)
    return dapp.query(given.pop("type"), given, last_block=last_block)


def last_block_told(chain: Told) -> LastBlock:
    """The block that was the last when the queries were asked."""
    answers = [
        json.loads(exchange.answer.body)
        for exchange in chain.queries()
        if exchange.question.parameter("type") == "last_block_info"
    ]
    (height,) = {answer["height"] for answer in answers}
    return chain.block(height)


def test_every_recorded_query_is_answered_with_the_same_bytes(chain: Told, dapp: Dapp) -> None:
    last_block = last_block_told(chain)
    recorded = list(chain.queries())
    comparable = [each for each in recorded if not is_for_the_routes(each.question) and not is_broken(each)]
    for exchange in comparable:
        question = exchange.question
        status, body = answered(dapp, question, last_block=last_block)
        assert status == exchange.answer.status, named(question)
        assert body == exchange.answer.body, named(question)
    assert (len(recorded), len(comparable)) == COMPARED[chain.folder.name]


def test_the_broken_query_is_broken_in_the_same_words(chain: Told, dapp: Dapp) -> None:
    last_block = last_block_told(chain)
    found = [each for each in chain.queries() if is_broken(each)]
    assert len(found) == 3
    for exchange in found:
        status, body = answered(dapp, exchange.question, last_block=last_block)
        recorded = exchange.answer.body.decode()
        number = BLOCK_IID[chain.folder.name]
        assert status == exchange.answer.status == 500
        assert number in recorded
        assert body.decode().partition("Parameters: ")[0] == recorded.partition("Parameters: ")[0]


def test_an_unknown_transaction_has_no_confirmation_time(dapp: Dapp) -> None:
    with pytest.raises(QueryRefused, match="nonexistent tx"):
        dapp.query("tx_confirmation_time", {"txRID": "00" * 32}, last_block=None)


def test_a_chain_without_blocks_says_so(dapp: Dapp) -> None:
    info = dapp.query("last_block_info", {}, last_block=None)
    assert info == {"height": -1, "timestamp": -1, "blockRID": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":true,"b":[false,null,"x",-9223372036854775808]}', {"a": 1, "b": [0, None, "x", -(2**63)]}),
        ("1", 1),
    ],
)
def test_json_becomes_gtv(text: str, value: Gtv) -> None:
    assert from_json(text) == value


@pytest.mark.parametrize("text", ["1.5", "9223372036854775808", "NaN", "", "[" * 5_000, "{"])
def test_json_that_gtv_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(NotInGtv):
        from_json(text)


def test_a_big_integer_is_not_written_as_json() -> None:
    with pytest.raises(NotInJson, match=r"^big_integer cannot be serialized as JSON$"):
        jsonable([BigInteger(1)])
