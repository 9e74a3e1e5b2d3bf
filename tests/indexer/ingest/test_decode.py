"""Verified blocks become rows: every recorded operation, and what no chain is likely to hold."""

from hashlib import sha256

import pytest
import zstandard

from indexer.dapp import rell_json
from indexer.dapp.replay import position_of
from indexer.ingest import decode
from indexer.ingest.decode import facts_of
from indexer.models import Operation
from indexer.postchain import gtx
from indexer.postchain.block import decode_header
from indexer.postchain.gtv import BigInteger
from indexer.postchain.gtx import Operation as Call
from indexer.postchain.verify import Refusal, StatedBlock, Step, VerifiedBlock, verify_block
from indexer.store import body
from indexer.store.facts import BlockFacts, Texts
from indexer.store.suppression import Suppressed
from tests.indexer.dapp import memory
from tests.indexer.made import MadeChain, add, batch_delete, call, completion, delete, update
from tests.indexer.postchain import recorded

NOTHING = Suppressed(frozenset(), frozenset())
Reading = Operation.Reading


def verified(block: StatedBlock, *, is_checked: bool = True) -> VerifiedBlock:
    brid = decode_header(block.header).brid
    read = verify_block(block, brid=brid, expected_height=block.height, previous_rid=None, signers=None)
    return VerifiedBlock(
        read.rid,
        read.header,
        read.raw_header,
        read.transactions,
        read.raw_transactions,
        read.witness,
        witness_checked=is_checked,
    )


def facts(block: StatedBlock, *, texts: Texts | None = None, erased: Suppressed = NOTHING) -> BlockFacts:
    return facts_of(verified(block), texts if texts is not None else Texts(), unchecked=None, erased=erased)


def key_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


@pytest.mark.parametrize("chain", recorded.CHAINS)
def test_every_recorded_operation_has_its_place_and_its_hashes(chain: str) -> None:
    texts = Texts()
    for block in recorded.blocks(chain):
        found = facts(block, texts=texts).operations
        said = memory.calls(block)
        assert [each.position for each in found] == [position_of(block.height, at) for at in range(len(said))]
        assert [each.name for each in found] == [each.name for each in said]
        for row, each in zip(found, said, strict=True):
            if each.name == "add_prompt_history":
                uid, messages, result, seed, model, provider = each.arguments
                assert (row.first, row.second, row.model, row.provider) == (uid, seed, model, provider)
                assert row.messages == key_of(messages)
                assert row.result == key_of(result)
                assert row.result_normal == key_of(rell_json.normalise(result))
                assert texts.prompts[row.prompt or b""] == rell_json.normalise(messages)
            assert row.answer is None or row.answer in texts.answers


@pytest.mark.parametrize("chain", recorded.CHAINS)
def test_the_bodies_of_recorded_blocks_unpack_to_the_bytes_that_were_sent(chain: str) -> None:
    for block in recorded.blocks(chain):
        body = facts(block).body
        assert (body is None) == (not block.transactions)
        if body is None:
            continue
        raw = zstandard.ZstdDecompressor().decompress(body.frame)
        assert len(raw) == body.length
        pieces = [raw[span.offset or 0 : (span.offset or 0) + span.length] for span in body.spans]
        assert pieces == [each.data for each in block.transactions]


def test_each_kind_of_operation_is_typed() -> None:
    made = MadeChain()
    block = made.block(
        call(
            add(uid=BigInteger(5)),
            update(3, completion("new")),
            delete(4),
            batch_delete(10, 20),
            Call("change_owner", (bytes(33).hex(),)),
            Call("nop", ("x",)),
            Call("note_prompt", (1,)),
            Call("delete_prompt_history", ("4",)),
        )
    )
    rows = facts(block).operations
    assert [(each.first, each.second) for each in rows] == [
        (5, 1),
        (3, None),
        (4, None),
        (10, 20),
        *[(None, None)] * 4,
    ]
    assert type(rows[0].first) is int
    assert rows[4].key == bytes(33)
    assert [each.reading for each in rows] == [
        *[Reading.UNDERSTOOD] * 6,
        Reading.UNKNOWN_NAME,
        Reading.UNKNOWN_ARGUMENTS,
    ]
    assert [each.answer is None for each in rows] == [False, False, *[True] * 6]
    assert {each.transaction for each in rows} == {0}


def test_a_text_in_arguments_that_are_not_understood_stays_in_the_body_alone() -> None:
    made = MadeChain()
    texts = Texts()
    block = made.block(Call("add_prompt_history", (1, "[]", "{}", "no seed", "m", "p")))
    (row,) = facts(block, texts=texts).operations
    assert row.reading == Reading.UNKNOWN_ARGUMENTS
    assert (row.messages, row.prompt, row.model) == (None, None, None)
    assert (texts.prompts, texts.answers) == ({}, {})


def test_ordinals_run_through_the_block_and_not_through_each_transaction() -> None:
    made = MadeChain()
    made.block()
    block = made.block(call(add(), add()), call(add()), call(add(), add(), add()))
    rows = facts(block).operations
    assert [each.position for each in rows] == [position_of(1, at) for at in range(6)]
    assert [each.transaction for each in rows] == [0, 0, 1, 2, 2, 2]


def test_more_operations_than_positions_in_a_block_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = MadeChain()
    block = made.block(call(add(), add()), add())
    monkeypatch.setattr(decode, "POSITIONS_A_BLOCK", 3)
    assert len(facts(block).operations) == 3
    monkeypatch.setattr(decode, "POSITIONS_A_BLOCK", 2)
    with pytest.raises(Refusal, match=r"2\^20 operations") as caught:
        facts(block)
    assert (caught.value.step, caught.value.height) == (Step.TRANSACTION, 0)


def test_an_empty_block_keeps_no_bytes_once_its_witness_was_checked() -> None:
    block = MadeChain().block()
    found = facts(block)
    assert (found.raw_header, found.witness, found.body) == (None, None, None)
    unchecked = facts_of(verified(block, is_checked=False), Texts(), unchecked="nobody knows", erased=NOTHING)
    assert (unchecked.raw_header, unchecked.witness, unchecked.unchecked) == (
        None,
        block.witness,
        "nobody knows",
    )


def test_a_header_that_cannot_be_rebuilt_is_kept() -> None:
    made = MadeChain()
    assert facts(made.block(header_tail=[1])).raw_header == made.blocks[0].header
    assert facts(made.block(extra={"anything": [1, {"a": b"x"}]})).raw_header is None


def test_what_repeats_in_headers_is_apart_from_what_does_not() -> None:
    made = MadeChain()
    ends = {facts(made.block()).header_end for _ in range(3)}
    assert len(ends) == 1
    assert len({*ends, facts(made.block(extra={"x": 1})).header_end}) == 2


# Erased


def test_an_erased_transaction_leaves_neither_bytes_nor_text_and_keeps_its_row() -> None:
    made = MadeChain()
    block = made.block(add(completion("one")), add(completion("two")), add(completion("three")))
    texts = Texts()
    erased = Suppressed(frozenset(), frozenset({block.transactions[1].rid}))
    found = facts(block, texts=texts, erased=erased)
    assert found.body is not None
    first, second, third = found.body.spans
    assert (first.offset, second.offset, third.offset) == (0, None, first.length)
    assert found.body.length == first.length + third.length
    assert "two" not in texts.answers.values()
    assert found.operations == facts(block).operations


@pytest.mark.parametrize("which", ["prompt", "answer", "result_normal"])
def test_a_transaction_that_says_an_erased_text_loses_its_bytes(which: str) -> None:
    made = MadeChain()
    block = made.block(add(completion("one"), messages="[1]"), add(completion("two"), messages="[2]"))
    key = getattr(facts(block).operations[0], which)
    found = facts(block, erased=Suppressed(frozenset({key}), frozenset()))
    assert found.body is not None
    assert [span.offset for span in found.body.spans] == [None, 0]
    assert found.operations == facts(block).operations


def test_a_body_without_any_transaction_is_empty() -> None:
    packed = body.pack([b"one", b"two"], {0, 1})
    assert packed.length == 0
    assert [each.offset for each in packed.spans] == [None, None]
    again = body.pack([None, b"two"])
    assert [(each.offset, each.length) for each in again.spans] == [(None, 0), (0, 3)]


def test_the_oddities_that_nodes_accept_are_kept_with_the_transaction() -> None:
    found = {
        each.oddities
        for chain in recorded.CHAINS
        for block in recorded.blocks(chain)
        for each in facts(block).transactions
    }
    assert gtx.Oddity.EXTRA_ELEMENT in found
    assert gtx.Oddity.HIGH_S in found
