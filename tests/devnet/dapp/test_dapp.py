"""The dapp against real nodes: states, refusals and reject reasons as recorded."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from devnet.dapp.dapp import Dapp, NoOwner, QueryRefused, Refused, Rejected, UnknownOperation
from devnet.dapp.sources import modules, sources
from indexer.postchain import configuration, gtv, gtx, secp256k1
from indexer.postchain.configuration import Configuration
from indexer.postchain.gtv import BigInteger
from indexer.postchain.gtx import Operation, Transaction
from tests.devnet.replayed import Told, told
from tests.devnet.served import CHAINS

BRID = bytes(32)
OWNER_KEY = b"\x01" * 32
OWNER = secp256k1.public_key(OWNER_KEY)
NEXT_KEY = b"\x02" * 32
NEXT = secp256k1.public_key(NEXT_KEY)
PREFIX = "is not correct: "


@pytest.fixture(params=CHAINS)
def chain(request: pytest.FixtureRequest) -> Told:
    return told(request.param)


def configured(*, upgraded: bool = False, owner: bytes = OWNER) -> Configuration:
    value: gtv.Encodable = {
        "gtx": {
            "rell": {
                "sources": sources(owner=owner, upgraded=upgraded),
                "modules": modules(upgraded=upgraded),
            }
        },
        "signers": [],
    }
    return configuration.decode(gtv.encode(value))


@pytest.fixture
def dapp() -> Dapp:
    return Dapp(configured())


def signed(*operations: Operation, keys: Sequence[bytes] = (OWNER_KEY,)) -> Transaction:
    data = gtx.build(brid=BRID, operations=operations, private_keys=keys, version=1)
    return gtx.decode(data, version=1)


def add(*, uid: int = 1, result: str = "{}", model: str = "m", provider: str = "p") -> Operation:
    return Operation("add_prompt_history", (uid, "[]", result, 7, model, provider))


def asked(dapp: Dapp, name: str, **arguments: gtv.Gtv) -> Any:
    return dapp.query(name, arguments, last_block=None)


def ids(dapp: Dapp, *, limit: int = 1_000) -> list[int]:
    page = asked(dapp, "get_prompt_histories", start_time=-1, end_time=2**62, pointer=0, n_prompts=limit)
    return [row["prompt_id"] for row in page["prompts"]]


def seen(dapp: Dapp) -> dict[str, Any]:
    page = asked(dapp, "get_prompt_histories", start_time=-1, end_time=2**62, pointer=0, n_prompts=10_000)
    return {
        "count": asked(dapp, "get_prompt_history_count"),
        "latest": asked(dapp, "latest_prompt_id"),
        "owner": asked(dapp, "get_owner").hex().upper(),
        "order": [row["prompt_id"] for row in page["prompts"]],
        "created_at": {str(row["prompt_id"]): row["created_at"] for row in page["prompts"]},
    }


def test_states_are_those_of_the_node_after_every_step_of_the_story(chain: Told) -> None:
    expected = {state["height"]: state for state in chain.story["states"]}
    compared = 0
    for height, dapp in chain.replay():
        if height in expected:
            state = seen(dapp)
            assert state == {name: expected[height][name] for name in state}
            compared += 1
    assert compared >= 30


def test_the_final_state_is_the_node_s_to_the_last_character(chain: Told) -> None:
    *_, (_, dapp) = chain.replay()
    expected = [json.loads(line) for line in (chain.folder / "state.jsonl").read_text().splitlines()]
    page = asked(dapp, "get_prompt_histories", start_time=0, end_time=2**62, pointer=0, n_prompts=10_000)
    assert page["prompts"] == expected


def test_every_transaction_of_the_chain_passes_the_checks_of_its_submission(chain: Told) -> None:
    for height, dapp in chain.replay():
        for stated in chain.recording.blocks[height].stated["transactions"]:
            dapp.check_all(gtx.decode(bytes.fromhex(stated["data"]), version=1).operations)


def test_refusals_at_submission_are_the_node_s_to_the_letter(chain: Told) -> None:
    dapp = Dapp(configuration.decode(chain.recording.configurations[0]))
    refused = [post for post in chain.posts() if PREFIX in post.text]
    for post in refused:
        with pytest.raises(Refused) as caught:
            dapp.check_all(gtx.decode(post.data, version=1).operations)
        assert str(caught.value) == post.text.partition(PREFIX)[2]
    assert len(refused) == 13


def test_accepted_transactions_that_are_in_no_block_are_rejected_for_the_node_s_reasons(chain: Told) -> None:
    reasons = {
        bytes.fromhex(line["rid"]): line["status"].get("rejectReason") for line in chain.story["refused"]
    }
    posts = {}
    for post in chain.posts():
        rid = gtx.decode(post.data, version=1).rid
        if post.status == 200 and rid.hex().upper() not in chain.recording.transactions:
            posts[rid] = post
    for height, dapp in chain.replay():
        for rid, post in posts.items():
            if height != chain.height_of(post.label):
                continue
            before = seen(dapp)
            transaction = gtx.decode(post.data, version=1)
            dapp.check_all(transaction.operations)
            with pytest.raises(Rejected) as caught:
                dapp.execute(transaction, height=height, last_block_time=chain.last_block_time(height))
            assert reasons.get(rid) in (None, str(caught.value))
            assert seen(dapp) == before
    assert reasons.keys() & posts.keys() == {rid for rid, reason in reasons.items() if reason}
    assert len(posts) == 9


def test_a_rejected_transaction_leaves_no_trace_of_its_first_operations(dapp: Dapp) -> None:
    dapp.execute(signed(add(), add()), height=1, last_block_time=10)
    changes = (
        add(),
        Operation("update_prompt_history", (1, '{"edited":1}')),
        Operation("delete_prompt_history", (2,)),
        Operation("batch_delete_prompt_histories", (0, 2**62)),
        Operation("change_owner", (NEXT,)),
        Operation("delete_prompt_history", (99,)),
    )
    before = asked(dapp, "get_prompt_history", prompt_id=1)
    with pytest.raises(Rejected, match="No inference has the id 99"):
        dapp.execute(signed(*changes, keys=(OWNER_KEY, NEXT_KEY)), height=2, last_block_time=20)
    assert ids(dapp) == [1, 2]
    assert asked(dapp, "get_prompt_history", prompt_id=1) == before
    assert asked(dapp, "get_owner") == OWNER
    dapp.execute(signed(add()), height=3, last_block_time=30)
    assert ids(dapp) == [3, 1, 2]


def test_inferences_of_block_zero_are_dated_zero(dapp: Dapp) -> None:
    dapp.execute(signed(add()), height=0, last_block_time=-1)
    assert asked(dapp, "get_prompt_history", prompt_id=1)["created_at"] == 0


def test_a_batch_deletion_takes_a_hundred_of_the_newest_and_the_lowest_ids_of_one_block(dapp: Dapp) -> None:
    dapp.execute(signed(*[add() for _ in range(30)]), height=1, last_block_time=10)
    dapp.execute(signed(*[add() for _ in range(90)]), height=2, last_block_time=20)
    dapp.execute(signed(Operation("batch_delete_prompt_histories", (9, 21))), height=3, last_block_time=30)
    assert ids(dapp) == list(range(11, 31))
    assert asked(dapp, "get_prompt_history_count") == 20


def test_bounds_of_a_batch_deletion_are_exclusive(dapp: Dapp) -> None:
    dapp.execute(signed(add()), height=1, last_block_time=10)
    dapp.execute(signed(add()), height=2, last_block_time=20)
    dapp.execute(signed(Operation("batch_delete_prompt_histories", (10, 20))), height=3, last_block_time=30)
    assert ids(dapp) == [2, 1]


def test_a_new_owner_counts_within_the_transaction(dapp: Dapp) -> None:
    change = Operation("change_owner", (NEXT.hex(),))
    dapp.execute(signed(change, add(), keys=(OWNER_KEY, NEXT_KEY)), height=1, last_block_time=10)
    assert dapp.owner == NEXT
    with pytest.raises(Rejected, match="The owner has to sign"):
        dapp.execute(signed(add()), height=2, last_block_time=20)


def test_an_integer_may_be_a_big_integer_of_64_bits(dapp: Dapp) -> None:
    dapp.execute(signed(add(uid=BigInteger(2**63 - 1))), height=1, last_block_time=10)
    assert asked(dapp, "get_prompt_history", prompt_id=1)["UID"] == 2**63 - 1
    with pytest.raises(Refused, match=r"value out of range: 9223372036854775808 \(parameter: UID\)"):
        dapp.check(add(uid=BigInteger(2**63)))


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (Operation("change_owner", ("0x",)), "expected BYTEARRAY, actual STRING (parameter: new_address)"),
        (
            Operation("update_prompt_history", ([], "{}")),
            "expected INTEGER, actual ARRAY (parameter:",
        ),
        (Operation("update_prompt_history", (1, {})), "expected STRING, actual DICT (parameter: result)"),
        (Operation("nop", (1, 2)), "expected not more than one argument"),
        (Operation("nop", ([],)), "Argument of type: ARRAY not allowed for operation: nop."),
        (Operation("nop", ("x" * 65,)), "Argument of type: GtvString too big. Max: 64 chains but was 65"),
        (Operation("timeb", (0,)), "expected 2 args"),
        (Operation("timeb", (2, 1)), "expected arg1 < arg0"),
        (Operation("timeb", ("now", None)), "Type error: integer expected, found STRING"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(dapp: Dapp, operation: Operation, text: str) -> None:
    with pytest.raises(Refused) as caught:
        dapp.check(operation)
    assert text in str(caught.value)


def test_timeb_holds_against_the_time_of_the_block_before(dapp: Dapp) -> None:
    within = Operation("timeb", (10, 20))
    dapp.execute(signed(within, add()), height=1, last_block_time=10)
    dapp.execute(signed(within, add(), add()), height=2, last_block_time=20)
    with pytest.raises(Rejected):
        dapp.execute(signed(within, add(uid=2)), height=3, last_block_time=21)
    assert ids(dapp) == [2, 3, 1]


def test_an_operation_that_the_code_lacks_is_refused_until_the_upgrade(dapp: Dapp) -> None:
    note = Operation("note_prompt", (1, "odd", "0.12500", ["a"], {"k": 1}, b"\x00", None))
    with pytest.raises(UnknownOperation, match=r"^Unknown operation: note_prompt$"):
        dapp.check_all([note])
    with pytest.raises(Rejected, match="Unknown operation: note_prompt"):
        dapp.execute(signed(note), height=1, last_block_time=10)
    with pytest.raises(QueryRefused, match="Unknown query: get_notes"):
        asked(dapp, "get_notes", prompt_id=1)

    dapp.adopt(configured(upgraded=True))
    dapp.check_all([note])
    dapp.execute(
        signed(note, Operation("note_prompt", (1, "", -3, [], {}, "00ff", "x"))), height=2, last_block_time=20
    )
    notes = asked(dapp, "get_notes", prompt_id=1)
    assert notes == [{"note": "odd", "weight": "0.125"}, {"note": "", "weight": "-3"}]


def test_a_nul_deep_in_a_result_is_told_as_postgresql_tells_it(dapp: Dapp) -> None:
    result = json.dumps({"text": "é" * 40 + "\0tail"})
    with pytest.raises(Rejected) as caught:
        dapp.execute(signed(add(result=result)), height=1, last_block_time=10)
    shown = "é" * 21 + r"\u0000"
    assert f"Where: JSON data, line 1: ...{shown}...\n" in str(caught.value)


def test_a_backslash_before_u0000_is_no_nul(dapp: Dapp) -> None:
    dapp.execute(signed(add(result=r'{"path":"c:\\u0000"}')), height=1, last_block_time=10)
    assert ids(dapp) == [1]


def test_a_source_without_an_owner_is_refused() -> None:
    with pytest.raises(NoOwner):
        Dapp(configuration.decode(gtv.encode({"signers": []})))


@pytest.mark.parametrize(
    ("file", "number", "part"),
    [
        ("main.rell", 34, "The owner has to sign"),
        ("main.rell", 38, "No inference has the id "),
        ("main.rell", 49, "create prompt_history("),
        ("main.rell", 55, "update prompt_history"),
        ("main.rell", 72, "The next owner has to sign as well"),
        ("main.rell", 86, "query get_prompt_history("),
        ("main.rell", 89, "offset pointer"),
        ("main.rell", 94, "offset pointer"),
        ("extra.rell", 11, "create prompt_note("),
    ],
)
def test_places_in_messages_are_where_the_source_has_them(file: str, number: int, part: str) -> None:
    assert part in sources(owner=OWNER, upgraded=True)[file].splitlines()[number - 1]
