"""A running chain: what it takes in, what its blocks hold, its configurations, and going on after a stop."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from devnet.chain import validators
from devnet.chain.chain import BadConfiguration, NotTheSame, TooEarly
from devnet.chain.configurations import Wanted, changed, of_dapp
from devnet.chain.mempool import CAPACITY, REMEMBERED, Mempool, Waiting
from devnet.chain.shown import ShownChain
from devnet.chain.store import Store, Unusable
from devnet.rest.answers import Refusal
from devnet.serving.node import DevnetNode, open_node
from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.block import decode_header, decode_witness
from indexer.postchain.configuration import decode
from indexer.postchain.gtx import Operation
from tests.devnet.grown import FOUR, Ticking, add, signed, submit, wanted

VALIDATE = Operation("validate_user_with_no_operation")
STRANGER = b"\x03" * 32


@pytest.fixture
def node() -> Iterator[DevnetNode]:
    with closing(open_node(None, wanted(), clock=Ticking())) as opened:
        yield opened


def nop(number: int) -> Operation:
    return Operation("nop", (number,))


def shown(node: DevnetNode) -> ShownChain:
    return node.chain("iid_1")


def status(node: DevnetNode, rid: str) -> dict[str, str]:
    return dict(shown(node).status(rid))


def count(node: DevnetNode) -> Any:
    return shown(node).query("get_prompt_history_count", {})


def test_a_transaction_waits_and_is_confirmed_by_the_next_block(node: DevnetNode) -> None:
    node.dapp.close_block()
    rid = submit(node.dapp, add())
    assert status(node, rid) == {"status": "waiting"}
    assert shown(node).transaction(rid) is None
    block = node.dapp.close_block()
    assert [tx.rid.hex().upper() for tx in block.transactions] == [rid]
    assert status(node, rid) == {"status": "confirmed"}
    assert count(node) == 1


def test_what_fails_in_a_block_is_rejected_with_its_reason_and_may_be_sent_again(node: DevnetNode) -> None:
    rid = submit(node.dapp, VALIDATE, keys=(STRANGER,))
    good = submit(node.dapp, add())
    block = node.dapp.close_block()
    assert [tx.rid.hex().upper() for tx in block.transactions] == [good]
    reason = "[main:only_owner(main.rell:34)] Operation 'main:validate_user_with_no_operation' failed: "
    assert status(node, rid) == {"status": "rejected", "rejectReason": f"{reason}The owner has to sign"}
    assert submit(node.dapp, VALIDATE, keys=(STRANGER,)) == rid
    assert status(node, rid) == {"status": "waiting"}


def test_a_transaction_of_which_one_operation_fails_leaves_nothing_behind(node: DevnetNode) -> None:
    rid = submit(node.dapp, add(), Operation("delete_prompt_history", (99,)))
    node.dapp.close_block()
    assert status(node, rid)["status"] == "rejected"
    assert count(node) == 0
    submit(node.dapp, add())
    node.dapp.close_block()
    assert shown(node).query("latest_prompt_id", {}) == 1


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_transaction_is_taken_once_also_with_other_signatures(node: DevnetNode, confirmed: bool) -> None:
    """Two encodings of one body share their RID, and that is what counts."""
    data = signed(node.dapp, add())
    node.dapp.submit(data)
    if confirmed:
        node.dapp.close_block()
    longer = gtv.decode(data)
    assert isinstance(longer, list)
    with pytest.raises(Refusal) as refused:
        node.dapp.submit(gtv.encode([*longer, 1]))
    where = "database" if confirmed else "queue"
    assert (refused.value.status, refused.value.text) == (409, f"Transaction already in {where}")


def test_a_block_holds_what_came_first_up_to_what_its_configuration_allows(node: DevnetNode) -> None:
    rids = [submit(node.dapp, VALIDATE, nop(number)) for number in range(103)]
    first, second = node.dapp.close_block(), node.dapp.close_block()
    found = [tx.rid.hex().upper() for block in (first, second) for tx in block.transactions]
    assert (len(first.transactions), len(second.transactions)) == (100, 3)
    assert found == rids


def test_large_transactions_come_into_several_blocks() -> None:
    waiting = Mempool()
    built = gtx.build(brid=b"\1" * 32, operations=[VALIDATE], private_keys=(), version=1)
    for number in range(3):
        each = gtx.decode(built, version=1)
        waiting.add(Waiting(_with_rid(each, bytes([number]) * 32), b"x" * 10, number))
    assert len(waiting.first(count=100, size=25)) == 2
    assert len(waiting.first(count=100, size=1)) == 1


def _with_rid(transaction: gtx.Transaction, rid: bytes) -> gtx.Transaction:
    fields = (transaction.brid, transaction.operations, transaction.signers, transaction.signatures)
    return gtx.Transaction(*fields, rid, transaction.hash, transaction.oddities)


def test_a_full_queue_refuses_and_old_reasons_are_forgotten() -> None:
    pool = Mempool()
    built = gtx.decode(gtx.build(brid=b"\1" * 32, operations=[], private_keys=(), version=1), version=1)
    rids = [number.to_bytes(32, "big") for number in range(CAPACITY + 1)]
    for rid in rids[:-1]:
        pool.add(Waiting(_with_rid(built, rid), b"", 0))
    with pytest.raises(Refusal) as refused:
        pool.add(Waiting(_with_rid(built, rids[-1]), b"", 0))
    assert (refused.value.status, refused.value.text) == (503, "Transaction queue is full")
    for rid in rids[: REMEMBERED + 1]:
        pool.reject(rid, "why")
    assert (pool.reason(rids[0]), pool.reason(rids[1])) == (None, "why")


def test_times_rise_though_the_clock_stands_or_falls_back(node: DevnetNode) -> None:
    times = iter([1_000_000, 1_000_000, 999_000, 2_000_000])
    node.dapp._clock = lambda: next(times)
    found = [node.dapp.close_block().timestamp for _ in range(4)]
    assert found == [1_000_000, 1_000_001, 1_000_002, 2_000_000]
    with pytest.raises(TooEarly, match="the last one's time is 2000000"):
        node.dapp.close_block(at=2_000_000)
    assert node.dapp.close_block(at=2_000_001).timestamp == 2_000_001


def test_witnesses_hold_enough_of_the_signers_in_no_fixed_order(node: DevnetNode) -> None:
    witnesses = [decode_witness(node.dapp.close_block().witness) for _ in range(40)]
    subjects = [tuple(each.subject for each in witness) for witness in witnesses]
    assert {len(set(each)) for each in subjects} == {3, 4}
    assert len({each[0] for each in subjects}) == 4


def test_a_configuration_changes_signers_from_its_height_on(node: DevnetNode) -> None:
    raw = changed(node.dapp.configuration.raw, {"signers": FOUR[:1]})
    node.dapp.set_configuration(2, raw)
    blocks = [node.dapp.close_block() for _ in range(4)]
    named = [decode_header(block.header).configuration_hash for block in blocks]
    assert named == [node.dapp.brid] * 2 + [decode(raw).hash] * 2
    assert [len(decode_witness(block.witness)) for block in blocks[2:]] == [1, 1]
    assert shown(node).configuration(2) == shown(node).running_configuration() == raw
    assert shown(node).configuration(1) is None
    assert [shown(node).next_configuration_height(at) for at in (-1, 0, 1, 2)] == [0, 2, 2, None]


def test_without_header_hash_headers_name_no_configuration(node: DevnetNode) -> None:
    node.dapp.set_configuration(1, changed(node.dapp.configuration.raw, {"config_consensus_strategy": None}))
    extras = [decode_header(node.dapp.close_block().header).extra for _ in range(2)]
    assert extras == [{"config_hash": node.dapp.brid}, {}]


def test_a_change_of_the_merkle_version_changes_rids_and_drops_what_was_signed_for_the_other(
    node: DevnetNode,
) -> None:
    node.dapp.set_configuration(
        1, changed(node.dapp.configuration.raw, {"features": {"merkle_hash_version": 2}})
    )
    one = signed(node.dapp, add(uid=1))
    both = signed(node.dapp, add(uid=2), add(uid=3))
    node.dapp.close_block()
    assert node.dapp.configuration.merkle_version == 2
    with pytest.raises(Refusal, match="is not valid"):
        node.dapp.submit(one)
    node.dapp.submit(both)
    submit(node.dapp, add(uid=4))
    header = decode_header(node.dapp.close_block().header)
    assert header.extra["merkle_hash_version"] == 2
    assert count(node) == 3
    with pytest.raises(BadConfiguration, match="cannot fall"):
        node.dapp.set_configuration(9, changed(node.dapp.configuration.raw, {"features": {}}))


def test_a_configuration_forgets_reasons_and_keeps_what_still_fits(node: DevnetNode) -> None:
    rejected = submit(node.dapp, VALIDATE, keys=(STRANGER,))
    node.dapp.close_block()
    assert status(node, rejected)["status"] == "rejected"
    waiting = submit(node.dapp, add())
    node.dapp.set_configuration(1, node.dapp.configuration.raw)
    assert status(node, rejected) == {"status": "unknown"}
    assert status(node, waiting) == {"status": "waiting"}


def test_a_configuration_cannot_be_set_for_the_past_or_for_signers_that_cannot_sign(node: DevnetNode) -> None:
    raw = node.dapp.configuration.raw
    with pytest.raises(BadConfiguration, match="block 0 is next"):
        node.dapp.set_configuration(0, raw)
    node.dapp.close_block()
    node.dapp.close_block()
    with pytest.raises(BadConfiguration, match="block 2 is next"):
        node.dapp.set_configuration(1, raw)
    strangers: list[gtv.Gtv] = [secp256k1.public_key(bytes([number]) * 32) for number in (7, 8)]
    with pytest.raises(validators.NoKeys, match="the keys of 1 are known"):
        node.dapp.set_configuration(5, changed(raw, {"signers": [FOUR[0], *strangers]}))


def test_the_chain_is_not_live_while_its_configuration_changes(node: DevnetNode) -> None:
    node.dapp.pause = 60.0
    node.dapp.set_configuration(1, node.dapp.configuration.raw)
    assert node.dapp.is_live
    node.dapp.close_block()
    assert not node.dapp.is_live
    assert not node.dapp.is_block_due()
    with pytest.raises(Refusal, match="Blockchain is unavailable"):
        shown(node).check_live()


def test_a_chain_goes_on_where_it_was_left(tmp_path: Path) -> None:
    with closing(open_node(tmp_path, wanted(), clock=Ticking())) as node:
        node.dapp.set_configuration(3, changed(node.dapp.configuration.raw, {"signers": FOUR[:3]}))
        for number in range(5):
            submit(node.dapp, add(uid=number))
            node.dapp.close_block()
        submit(node.dapp, Operation("delete_prompt_history", (2,)))
        rejected = submit(node.dapp, VALIDATE, keys=(STRANGER,))
        before = node.dapp.close_block()
        waiting = submit(node.dapp, VALIDATE)
        node.anchor()
        state = histories(node)
        brids = [chain.brid for chain in node.chains.values()]
    with closing(open_node(tmp_path, wanted(name="another"), clock=Ticking())) as node:
        assert [chain.brid for chain in node.chains.values()] == brids
        assert (node.dapp.next_height, histories(node)) == (6, state)
        assert node.dapp.close_block(at=before.timestamp + 1).previous_rid == before.rid
        assert status(node, rejected) == status(node, waiting) == {"status": "unknown"}
        assert len(node.dapp.configuration.signers) == 3
        node.anchor()
        assert node.chains[2].store.transaction_count() == 2


def histories(node: DevnetNode) -> Any:
    arguments = {"start_time": -1, "end_time": 1 << 62, "pointer": 0, "n_prompts": 1_000}
    return shown(node).query("get_prompt_histories", arguments)


def test_one_process_has_a_file_at_a_time(tmp_path: Path) -> None:
    with closing(open_node(tmp_path, wanted())):
        with pytest.raises(Unusable, match="another devnet may be running there"):
            open_node(tmp_path, wanted())
        with pytest.raises(Unusable, match="another devnet may be running there"):
            Store(tmp_path / "dapp.sqlite")
    open_node(tmp_path, wanted()).close()


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "directory.sqlite").write_text("This is no database, and quite long enough to be one." * 9)
    with pytest.raises(Unusable, match="cannot be used"):
        open_node(tmp_path, wanted())


def test_blocks_that_other_code_built_are_not_gone_on_with(tmp_path: Path) -> None:
    with closing(open_node(tmp_path, wanted())) as node:
        submit(node.dapp, VALIDATE)
        node.dapp.close_block()
    with closing(sqlite3.connect(tmp_path / "dapp.sqlite")) as database:
        data = gtx.build(
            brid=b"\1" * 32,
            operations=[Operation("delete_prompt_history", (1,))],
            private_keys=(validators.OWNER,),
            version=1,
        )
        with database:
            database.execute("UPDATE transactions SET data = ?", (data,))
    with pytest.raises(NotTheSame, match="No inference has the id 1"):
        open_node(tmp_path, wanted())


def test_a_block_that_cannot_be_kept_has_no_effect(node: DevnetNode) -> None:
    rid = submit(node.dapp, add(json.dumps("x" * 100_000)))
    database = node.dapp.store._connection
    database.execute("PRAGMA max_page_count = 1")  # no more than it has
    with pytest.raises(sqlite3.OperationalError, match="full"):
        node.dapp.close_block()
    assert (node.dapp.next_height, count(node), status(node, rid)) == (0, 0, {"status": "waiting"})
    database.execute("PRAGMA max_page_count = 100000")
    node.dapp.close_block()
    assert (count(node), status(node, rid)) == (1, {"status": "confirmed"})


def test_an_upgraded_dapp_has_an_operation_more(node: DevnetNode) -> None:
    note = Operation("note_prompt", (1, "seen", "0.5", [], {}, b"", None))
    with pytest.raises(Refusal) as refused:
        submit(node.dapp, note)
    assert (refused.value.status, refused.value.text) == (400, "Unknown operation: note_prompt")
    upgraded = of_dapp(Wanted(keys=validators.FOUR, upgraded=True))
    node.dapp.set_configuration(1, upgraded)
    node.dapp.close_block()
    submit(node.dapp, note)
    node.dapp.close_block()
    assert shown(node).query("get_notes", {"prompt_id": 1}) == [{"note": "seen", "weight": "0.5"}]
