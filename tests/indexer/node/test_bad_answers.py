"""The client against answers whose content is not what belongs there: always one of our errors."""

import json
from collections.abc import Callable

import pytest

from indexer.node.client import NodeClient
from indexer.node.errors import BadAnswer
from indexer.postchain import gtv
from tests.indexer.node.blocks import BRID, block, listed
from tests.indexer.node.stub import Reaction, Request, StubNode, answer

Stub = Callable[[Callable[[Request], Reaction] | bytes], StubNode]
Connect = Callable[..., NodeClient]

OCTETS = {"content-type": "application/octet-stream"}


@pytest.mark.parametrize(
    "body",
    [
        b"garbage",
        b"",
        b"\x00" * 100,
        b"\xff\xfe{",
        b"<html><title>Sign in</title></html>",
        b"[]",
        b"null",
        b'"5"',
        b"{}",
        b'{"blockHeight":null}',
        b'{"blockHeight":"7"}',
        b'{"blockHeight":7.0}',
        b'{"blockHeight":true}',
        b'{"blockHeight":-1}',
        b'{"blockHeight":1e400}',
        b'{"blockHeight":NaN}',
        b'{"blockHeight":9223372036854775808}',
        b'{"blockHeight":' + b"9" * 5000 + b"}",
        b'{"blockHeight":7} {"blockHeight":8}',
        b'{"blockHeight":7',
        b"[" * 1000 + b"]" * 1000,
        b"[" * 500_000,
        b'{"blockHeight":7,"more":' + b'{"a":' * 100_000 + b"0" + b"}" * 100_001,
        b'{"block\\ud800Height":7}',
    ],
)
def test_what_is_not_the_right_json_is_a_bad_answer(stub: Stub, connect: Connect, body: bytes) -> None:
    node = stub(answer(body))
    with pytest.raises(BadAnswer, match="ask another node"):
        connect(node.url).height(BRID)
    assert len(node.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"blockHeight":6,"blockHeight":7}',
        b'{"more":1e400,"blockHeight":7}',
        b'{"more":"\\u0000","blockHeight":7}',
        b'{"more":' + b"9" * 5000 + b',"blockHeight":7}',
        b' {\n"blockHeight" : 7 }\n',
    ],
)
def test_what_only_looks_odd_beside_the_value_does_no_harm(stub: Stub, connect: Connect, body: bytes) -> None:
    assert connect(stub(answer(body)).url).height(BRID) == 7


WRONG_FIELDS = {
    "no field": {"witness": ...},
    "null": {"header": None},
    "number for text": {"rid": 5},
    "text for number": {"height": "3"},
    "odd hex": {"header": "A5A"},
    "no hex": {"header": "zz"},
    "white space in hex": {"header": "A5 A5"},
    "digits that are no hex": {"header": "١٢"},
    "short RID": {"rid": "AB" * 31},
    "long RID": {"prevBlockRID": "AB" * 33},
    "negative height": {"height": -1},
    "height beyond 64 bits": {"height": 2**63},
    "timestamp beyond 64 bits": {"timestamp": 2**64},
    "transactions that are none": {"transactions": {}},
    "null for a transaction": {"transactions": [None]},
    "transaction without data": {"transactions": [{"rid": "AB" * 32, "hash": "CD" * 32}]},
    "transaction with a short hash": {"transactions": [{"rid": "AB" * 32, "hash": "CD", "data": ""}]},
    "transaction with data that is no hex": {
        "transactions": [{"rid": "AB" * 32, "hash": "CD" * 32, "data": "x"}]
    },
    "witnesses that are none": {"witnesses": [1]},
    "witness that is no hex": {"witnesses": ["0x02"]},
}


@pytest.mark.parametrize("change", WRONG_FIELDS.values(), ids=WRONG_FIELDS)
def test_a_block_with_a_field_of_the_wrong_form_is_a_bad_answer(
    stub: Stub, connect: Connect, change: dict[str, object]
) -> None:
    wrong = {key: value for key, value in {**block(3), **change}.items() if value is not ...}
    client = connect(stub(answer(json.dumps(wrong).encode())).url)
    with pytest.raises(BadAnswer):
        client.block_at(BRID, 3)
    with pytest.raises(BadAnswer):
        connect(stub(answer(json.dumps([wrong]).encode())).url).blocks(BRID, before=4)


@pytest.mark.parametrize("heights", [(3, 4), (3, 3), (5,), (6, 5), (4, 2, 3), (4, 3, 2, 1)])
def test_a_list_that_breaks_the_rules_of_lists_is_a_bad_answer(
    stub: Stub, connect: Connect, heights: tuple[int, ...]
) -> None:
    with pytest.raises(BadAnswer):
        connect(stub(listed(*heights)).url).blocks(BRID, before=5, limit=3)


def test_null_in_a_list_is_a_bad_answer(stub: Stub, connect: Connect) -> None:
    body = json.dumps([block(4), None, block(2)]).encode()
    with pytest.raises(BadAnswer, match="null in the place of a block"):
        connect(stub(answer(body)).url).blocks(BRID, before=5)


def test_another_block_than_the_one_asked_for_is_a_bad_answer(stub: Stub, connect: Connect) -> None:
    client = connect(stub(answer(json.dumps(block(3)).encode())).url)
    with pytest.raises(BadAnswer, match="block 3 where block 0 was asked for"):
        client.block_at(BRID, 0)


@pytest.mark.parametrize("height", [0, 7])
def test_a_walk_over_configurations_that_does_not_go_on_is_a_bad_answer(
    stub: Stub, connect: Connect, height: int
) -> None:
    client = connect(stub(answer(b'{"blockHeight":%d}' % height)).url)
    with pytest.raises(BadAnswer, match="as the next one above 7"):
        client.next_configuration_height(BRID, after=7)


@pytest.mark.parametrize("text", [b"", b"AB", b"zz" * 32, b"\xff" * 64, b"AB" * 33, b'"' + b"AB" * 32 + b'"'])
def test_a_chains_rid_must_be_one(stub: Stub, connect: Connect, text: bytes) -> None:
    with pytest.raises(BadAnswer):
        connect(stub(answer(text)).url).brid()


@pytest.mark.parametrize(
    "body", [b"", b"\x00", gtv.encode(7)[:-1], b"<html>", b"\xa5\x84\xff\xff\xff\xff", b"\xa5\x80" * 10_000]
)
def test_a_query_answer_that_is_no_gtv_is_a_bad_answer(stub: Stub, connect: Connect, body: bytes) -> None:
    with pytest.raises(BadAnswer, match=r"no GTV|sent a web page"):
        connect(stub(answer(body, headers=OCTETS)).url).query(BRID, "count", {})


def test_gtv_of_any_depth_ends_in_one_of_our_errors(stub: Stub, connect: Connect) -> None:
    deep = b"\xa0\x02\x05\x00"
    for _ in range(10_000):
        inner = b"\x30\x83" + len(deep).to_bytes(3, "big") + deep
        deep = b"\xa5\x83" + len(inner).to_bytes(3, "big") + inner
    with pytest.raises(BadAnswer, match="no GTV"):
        connect(stub(answer(deep, headers=OCTETS)).url).query(BRID, "count", {})


@pytest.mark.parametrize("height", ["x", "", "1.5", "9" * 5000, "--1", "٣"])
def test_a_stated_query_height_must_be_one(stub: Stub, connect: Connect, height: str) -> None:
    node = stub(
        answer(gtv.encode(7), headers={**OCTETS, "x-block-height": height.encode().decode("latin-1")})
    )
    with pytest.raises(BadAnswer):
        connect(node.url).query(BRID, "count", {})


def test_another_type_than_octets_is_a_bad_answer(stub: Stub, connect: Connect) -> None:
    xml = answer(b"<?xml?><dict/>", headers={"content-type": "text/xml; charset=utf-8"})
    client = connect(stub(xml).url)
    for ask in (
        lambda: client.configuration(BRID, height=0),
        lambda: client.query(BRID, "count", {}),
        lambda: client.transaction(BRID, bytes(32)),
    ):
        with pytest.raises(BadAnswer, match="text/xml where application/octet-stream"):
            ask()


def test_no_configuration_is_empty(stub: Stub, connect: Connect) -> None:
    with pytest.raises(BadAnswer, match="nothing"):
        connect(stub(answer(b"", headers=OCTETS)).url).configuration(BRID, height=0)
