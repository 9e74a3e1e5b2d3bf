"""What `POST /tx` refuses beyond what was recorded, and in which order it looks."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from coincurve import PublicKey

from devnet.chain import validators
from devnet.rest.exchange import OCTETS
from devnet.serving.node import open_node
from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.gtx import Operation
from indexer.postchain.merkle import merkle_hash
from tests.devnet.grown import Ticking, add, signed, wanted
from tests.devnet.served import Got, Served, serving

OWNER = secp256k1.public_key(validators.OWNER)
CHOICE = "Error decoding CHOICE: Tag identifier"
VALIDATE: list[gtv.Gtv] = ["validate_user_with_no_operation", []]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with closing(open_node(None, wanted(), clock=Ticking())) as node, serving(node) as found:
        yield found


def post(served: Served, data: bytes, **headers: str) -> Got:
    sent = {"content-type": OCTETS, **headers}
    return served.ask(f"/tx/{served.brid}", method="POST", headers=sent, body=data)


def refusal(served: Served, value: Any) -> tuple[int, str]:
    got = post(served, value if isinstance(value, bytes) else gtv.encode(value))
    return got.status, json.loads(got.body).get("error", "")


def sent(served: Served, operations: Any, *, keys: tuple[bytes, ...] = (OWNER,), more: int = 0) -> Any:
    """A transaction signed by the owner, whatever its keys say."""
    body = [bytes.fromhex(served.brid), operations, list(keys)]
    rid = merkle_hash(body, version=1)
    return [body, [secp256k1.sign(rid, private_key=validators.OWNER)] * (len(keys) + more)]


def rid_of(value: Any) -> str:
    return merkle_hash(value[0], version=1).hex().upper()


def test_a_transaction_that_fits_is_taken_in_either_form(served: Served) -> None:
    taken = post(served, gtv.encode(sent(served, [VALIDATE, ["nop", [1]]])))
    assert (taken.status, taken.body) == (200, b"{}")
    octets = post(served, gtv.encode(sent(served, [VALIDATE, ["nop", [2]]])), accept=OCTETS)
    assert (octets.status, octets.headers["content-type"], octets.body.hex()) == (200, OCTETS, "a4023000")
    data = gtv.encode(sent(served, [VALIDATE, ["nop", [3]]])).hex()
    plain = served.ask(f"/tx/{served.brid}", method="POST", body=json.dumps({"tx": data}).encode())
    assert plain.status == 200
    assert refusal(served, bytes.fromhex(data)) == (409, "Transaction already in queue")


@pytest.mark.parametrize(
    ("value", "status", "text"),
    [
        (None, 400, "Type error: array expected, found NULL with value null"),
        (7, 400, "Type error: array expected, found INTEGER with value 7"),
        ([7, []], 400, "Type error: array expected, found INTEGER with value 7"),
        ([[], []], 500, "Index 0 out of bounds for length 0"),
        ([["x", [], []], []], 400, 'Type error: byte array expected, found STRING with value "x"'),
        ([[b"\1", [], []], []], 400, "Wrong size of Blockchain RID, was 1 should be 32 (64 characters)"),
        ([[b"\1" * 32], []], 500, "Index 1 out of bounds for length 1"),
        ([[b"\1" * 32, [[]], []], []], 500, "Index 0 out of bounds for length 0"),
        (
            [[b"\1" * 32, [[b"\2", []]], []], []],
            400,
            'Type error: string expected, found BYTEARRAY with value x"02"',
        ),
        ([[b"\1" * 32, [["x", {}]], []], []], 400, "Type error: array expected, found DICT with value []"),
        ([[b"\1" * 32, [], [[]]], []], 400, "Type error: byte array expected, found ARRAY with value []"),
        ([[b"\1" * 32, [], []], [b"\1"]], 400, "Expected 0 signatures, found 1"),
    ],
)
def test_another_shape_is_refused_where_it_differs(
    served: Served, value: Any, status: int, text: str
) -> None:
    assert refusal(served, value) == (status, text)


@pytest.mark.parametrize(
    ("data", "status", "text"),
    [
        (
            b"\0\1",
            500,
            f"{CHOICE} class: 0, primitive: 0, tag number: 0 matched to no item.",
        ),
        (
            b"\xa7\2\5\0",
            500,
            f"{CHOICE} class: 128, primitive: 32, tag number: 7 matched to no item.",
        ),
        (b"\xa0\x80\5\0\0\0", 400, "Transaction is not encoded with valid encoding."),
        (b"\xa5\x81\2\x30\0", 400, "Transaction is not encoded with valid encoding."),
    ],
)
def test_bytes_that_are_no_gtv_or_not_its_own_encoding_are_refused_first(
    served: Served, data: bytes, status: int, text: str
) -> None:
    assert refusal(served, data) == (status, text)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (b"\x05" + b"\1" * 32, "Invalid point encoding 0x5"),
        (b"\x02" + b"\1" * 31, "Incorrect length for compressed encoding"),
        (b"\x02" + b"\xff" * 32, "Invalid point compression"),
        (b"\x04" + b"\1" * 32, "Incorrect length for uncompressed encoding"),
        (b"\x04" + b"\1" * 64, "Invalid point coordinates"),
        (b"\x06" + b"\1" * 32, "Incorrect length for hybrid encoding"),
    ],
)
def test_a_key_that_is_no_point_is_refused_for_that(served: Served, key: bytes, text: str) -> None:
    assert refusal(served, sent(served, [VALIDATE], keys=(key,))) == (400, text)


def test_refusals_come_in_the_order_in_which_a_node_looks(served: Served) -> None:
    """Chain before names of operations, those before signatures, these before arguments."""
    wrong = sent(served, [["no_such", []]], keys=(OWNER, OWNER[:9]), more=-1)
    wrong[0][0] = b"\2" * 32
    assert refusal(served, wrong) == (400, "Expected 2 signatures, found 1")
    wrong[1].append(b"")
    named = f"Should be: {served.brid}, but was: {'02' * 32} "
    assert refusal(served, wrong) == (400, f"Transaction has wrong blockchainRID: {named}")
    wrong[0][0] = bytes.fromhex(served.brid)
    assert refusal(served, wrong) == (400, "Unknown operation: no_such")
    wrong[0][1] = [["add_prompt_history", [1]]]
    incorrect = f"Transaction {rid_of(wrong)} is not correct: "
    assert refusal(served, wrong) == (400, f"{incorrect}Signature by {OWNER.hex().upper()} is not valid")
    wrong = sent(served, wrong[0][1])
    failed = "Operation 'main:add_prompt_history' failed: Wrong argument count: 1 instead of 6"
    assert refusal(served, wrong) == (400, f"Transaction {rid_of(wrong)} is not correct: {failed}")


@pytest.mark.parametrize(
    "change",
    [
        "a third element",
        "a longer signature",
        "a high S",
        "an uncompressed key",
        "a key twice",
        "a big integer",
    ],
)
def test_oddities_that_real_nodes_accept_are_accepted(served: Served, change: str) -> None:
    operations: Any = [VALIDATE, ["nop", [change[:64]]]]
    value = sent(served, operations)
    if change == "a third element":
        value.append(1)
    elif change == "a longer signature":
        value[1][0] += b"\1"
    elif change == "a high S":
        s = secp256k1.ORDER - int.from_bytes(value[1][0][32:], "big")
        value[1][0] = value[1][0][:32] + s.to_bytes(32, "big")
    elif change == "an uncompressed key":
        value = sent(served, operations, keys=(OWNER, uncompressed()))
    elif change == "a key twice":
        value = sent(served, operations, keys=(OWNER, OWNER))
    else:
        value = sent(served, [["delete_prompt_history", [gtv.BigInteger(1)]]])
    assert post(served, gtv.encode(value)).status == 200


def uncompressed() -> bytes:
    return PublicKey(OWNER).format(compressed=False)


def test_a_body_with_an_element_more_has_another_rid_than_was_signed(served: Served) -> None:
    body: list[gtv.Gtv] = [bytes.fromhex(served.brid), [VALIDATE], [OWNER], 7]
    signature = secp256k1.sign(merkle_hash(body, version=1), private_key=validators.OWNER)
    status, text = refusal(served, [body, [signature]])
    assert status == 400
    assert text.endswith("is not valid")


def test_a_value_of_any_depth_is_answered(served: Served) -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    assert refusal(served, deep)[0] == 400
    assert refusal(served, b"\xa5\x80\x30" * 5_000)[0] == 500


def test_the_chains_of_the_system_take_nothing(served: Served) -> None:
    brid = served.ask("/brid/iid_2").body
    data = gtx.build(
        brid=bytes.fromhex(brid.decode()),
        operations=[Operation("__anchor_block_header", (b"\1" * 32, [], b""))],
        private_keys=(),
        version=1,
    )
    got = served.ask("/tx/iid_2", method="POST", headers={"content-type": OCTETS}, body=data)
    assert json.loads(got.body) == {"error": "Unknown operation: __anchor_block_header"}


def test_a_transaction_for_a_chain_that_changed_its_merkle_version_is_signed_anew() -> None:
    with closing(open_node(None, wanted(version=2), clock=Ticking())) as node, serving(node) as served:
        assert post(served, signed(node.dapp, add())).status == 200
        old = gtx.build(
            brid=node.dapp.brid, operations=[add(uid=8)], private_keys=(validators.OWNER,), version=1
        )
        assert refusal(served, old)[0] == 400
