"""Verification of blocks: recorded and made ones hold, and each kind of damage is refused at its own step."""

from dataclasses import replace

import pytest

from indexer.postchain import gtx, secp256k1
from indexer.postchain.block import (
    WitnessSignature,
    decode_header,
    decode_witness,
    encode_header,
    encode_witness,
    header_rid,
)
from indexer.postchain.verify import (
    Refusal,
    StatedTransaction,
    Step,
    verify_block,
    verify_header,
    verify_witness,
)
from tests.indexer.postchain import made, recorded
from tests.indexer.postchain.samples import (
    Sample,
    empty,
    flipped,
    holds_the_same,
    made_sample,
    recorded_sample,
    several,
    some_bits,
)

STRANGER_KEY = bytes([9]) * 32


SAMPLES = {f"{chain}, several": recorded_sample(chain, wanted=several) for chain in recorded.CHAINS}
SAMPLES |= {f"{chain}, empty": recorded_sample(chain, wanted=empty) for chain in recorded.CHAINS}
SAMPLES |= {"made, version 2": made_sample()}
FULL = {name: each for name, each in SAMPLES.items() if each.block.transactions}

every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
full_sample = pytest.mark.parametrize("sample", FULL.values(), ids=FULL.keys())


# What holds


@every_sample
def test_a_sound_block_gives_what_it_holds(sample: Sample) -> None:
    verified = sample.verify()
    assert verified.rid == sample.block.rid
    assert verified.raw_header == sample.block.header
    assert verified.header == decode_header(sample.block.header)
    assert verified.witness == sample.block.witness
    assert verified.witness_checked
    assert [each.rid for each in verified.transactions] == [each.rid for each in sample.block.transactions]
    assert verified.raw_transactions == tuple(each.data for each in sample.block.transactions)


@every_sample
def test_a_header_is_checked_without_its_transactions(sample: Sample) -> None:
    block = replace(sample.block, transactions=())
    header = verify_header(block, brid=sample.brid, expected_height=block.height)
    assert header == decode_header(block.header)
    verify_witness(block, signers=sample.signers or ())
    with pytest.raises(Refusal) as gap:
        verify_header(
            replace(block, height=block.height + 1), brid=sample.brid, expected_height=block.height + 1
        )
    with pytest.raises(Refusal) as unsigned:
        verify_witness(block, signers=[secp256k1.public_key(STRANGER_KEY)])
    assert (gap.value.step, unsigned.value.step) == (Step.GAP, Step.WITNESS)


@pytest.mark.parametrize("version", [1, 2])
def test_a_made_chain_verifies_block_by_block(version: int) -> None:
    previous = None
    for height, block in enumerate(made.chain(version=version, length=5)):
        verified = verify_block(
            block,
            brid=made.BRID,
            expected_height=height,
            previous_rid=previous,
            signers=made.VALIDATORS,
        )
        assert verified.header.merkle_version == version
        previous = verified.rid


def test_a_chain_that_changes_its_merkle_version_verifies_across_the_change() -> None:
    old = made.chain(version=1, length=3)
    data = made.transaction(gtx.Operation("add", (1,)), version=2)
    new = made.stated_block([data], height=3, previous_rid=old[-1].rid, version=2)
    assert Sample(new, made.BRID, old[-1].rid, made.VALIDATORS).verify().transactions[0].rid


def test_the_block_before_may_be_unknown() -> None:
    sample = made_sample()
    verify_block(
        sample.block,
        brid=sample.brid,
        expected_height=sample.block.height,
        previous_rid=None,
        signers=sample.signers,
    )


@every_sample
def test_without_signers_the_witness_is_not_checked_and_that_is_said(sample: Sample) -> None:
    verified = verify_block(
        replace(sample.block, witness=b"", witnesses=()),
        brid=sample.brid,
        expected_height=sample.block.height,
        previous_rid=sample.previous_rid,
        signers=None,
    )
    assert not verified.witness_checked


def test_a_block_stated_in_gtv_lists_no_witnesses() -> None:
    assert made_sample().verify(witnesses=None).witness_checked


def test_honest_nodes_may_keep_different_witnesses_of_one_block() -> None:
    sample = made_sample()
    signatures = decode_witness(sample.block.witness)
    for chosen in (signatures[1:], signatures[::-1]):
        listed = tuple(each.subject for each in chosen)
        assert sample.verify(witness=encode_witness(chosen), witnesses=listed).rid == sample.block.rid


# Single bits


@every_sample
def test_a_bit_flipped_in_the_header_is_refused(sample: Sample) -> None:
    for bit in range(len(sample.block.header) * 8):
        header = flipped(sample.block.header, bit)
        if holds_the_same(header, sample.block.header):
            assert sample.verify(header=header).rid == sample.block.rid
        else:
            assert sample.refusal(header=header).step in {Step.HEADER, Step.GAP, Step.STATED}, bit


@every_sample
def test_a_bit_flipped_in_the_witness_is_refused(sample: Sample) -> None:
    every_bit = len(sample.block.witness) * 8
    for bit in some_bits(sample.block.witness, at_most=150 if sample.block.transactions else every_bit):
        assert sample.refusal(witness=flipped(sample.block.witness, bit)).step is Step.WITNESS, bit


@full_sample
def test_a_bit_flipped_in_a_transaction_is_refused(sample: Sample) -> None:
    for index, stated in enumerate(sample.block.transactions):
        for bit in some_bits(stated.data, at_most=2000 // len(sample.block.transactions)):
            data = flipped(stated.data, bit)
            transactions = sample.with_transaction(index, replace(stated, data=data))
            if holds_the_same(data, stated.data):
                oddities = sample.verify(transactions=transactions).transactions[index].oddities
                assert gtx.Oddity.NOT_CANONICAL in oddities
            else:
                step = sample.refusal(transactions=transactions).step
                assert step in {Step.TRANSACTION, Step.SIGNATURE}, (index, bit)


@full_sample
def test_a_bit_flipped_in_a_transactions_signature_is_called_that(sample: Sample) -> None:
    stated = sample.block.transactions[0]
    signature = gtx.decode(stated.data, version=1).signatures[0]
    start = stated.data.index(signature) * 8
    for bit in range(start, start + 512):
        changed = replace(stated, data=flipped(stated.data, bit))
        assert sample.refusal(transactions=sample.with_transaction(0, changed)).step is Step.SIGNATURE, bit


@every_sample
def test_a_bit_flipped_in_what_the_node_states_is_refused(sample: Sample) -> None:
    for bit in range(256):
        assert sample.refusal(rid=flipped(sample.block.rid, bit)).step is Step.STATED
        assert sample.refusal(previous_rid=flipped(sample.block.previous_rid, bit)).step is Step.STATED
    for bit in range(40):
        assert sample.refusal(timestamp=sample.block.timestamp ^ 1 << bit).step is Step.STATED
        assert sample.refusal(height=sample.block.height ^ 1 << bit).step is Step.STATED


@full_sample
def test_a_bit_flipped_in_a_stated_rid_or_hash_of_a_transaction_is_refused(sample: Sample) -> None:
    stated = sample.block.transactions[-1]
    last = len(sample.block.transactions) - 1
    for bit in range(256):
        for changed in (
            replace(stated, rid=flipped(stated.rid, bit)),
            replace(stated, hash=flipped(stated.hash, bit)),
        ):
            transactions = sample.with_transaction(last, changed)
            assert sample.refusal(transactions=transactions).step is Step.TRANSACTION


# Lies that agree with themselves


def restated(data: bytes, version: int) -> StatedTransaction:
    return made.stated_transaction(data, version=version)


@full_sample
def test_a_changed_body_restated_by_the_node_lacks_its_signature(sample: Sample) -> None:
    version = decode_header(sample.block.header).merkle_version
    transaction = gtx.decode(sample.block.transactions[0].data, version=version)
    forged = replace(transaction, operations=(*transaction.operations, gtx.Operation("nop")))
    transactions = sample.with_transaction(0, restated(gtx.encode(forged), version))
    assert sample.refusal(transactions=transactions).step is Step.SIGNATURE


@full_sample
def test_a_transaction_signed_anew_does_not_belong_to_the_root(sample: Sample) -> None:
    version = decode_header(sample.block.header).merkle_version
    forged = gtx.build(
        brid=sample.brid,
        operations=(gtx.Operation("nop"),),
        private_keys=(STRANGER_KEY,),
        version=version,
    )
    transactions = sample.with_transaction(0, restated(forged, version))
    assert sample.refusal(transactions=transactions).step is Step.ORDER


@full_sample
def test_transactions_out_of_order_are_refused(sample: Sample) -> None:
    first, second, *rest = sample.block.transactions
    assert sample.refusal(transactions=(second, first, *rest)).step is Step.ORDER


@full_sample
def test_a_transaction_dropped_repeated_or_added_is_refused(sample: Sample) -> None:
    every = sample.block.transactions
    for transactions in (every[1:], every[:-1], (), (*every, every[-1]), (every[0], *every)):
        assert sample.refusal(transactions=transactions).step is Step.ORDER


def test_a_transaction_in_an_empty_block_is_refused() -> None:
    sample = next(each for each in SAMPLES.values() if not each.block.transactions)
    chain = next(each for each in recorded.CHAINS if recorded.brid(each) == sample.brid)
    assert sample.refusal(transactions=recorded.transactions(chain)[:1]).step is Step.ORDER


@full_sample
def test_a_transaction_of_another_chain_is_refused(sample: Sample) -> None:
    version = decode_header(sample.block.header).merkle_version
    other = gtx.build(
        brid=bytes(32), operations=(gtx.Operation("nop"),), private_keys=(STRANGER_KEY,), version=version
    )
    transactions = sample.with_transaction(0, restated(other, version))
    refusal = sample.refusal(transactions=transactions)
    assert refusal.step is Step.TRANSACTION
    assert "is for chain" in refusal.why


@every_sample
def test_a_header_forged_with_all_its_statements_lacks_its_witness(sample: Sample) -> None:
    header = replace(decode_header(sample.block.header), timestamp=sample.block.timestamp + 1)
    forged = replace(sample.block, header=encode_header(header), timestamp=header.timestamp)
    rid = header_rid(header)
    assert sample.refusal(header=forged.header, timestamp=forged.timestamp, rid=rid).step is Step.WITNESS


# Places and signers


@every_sample
def test_a_skipped_height_is_a_gap(sample: Sample) -> None:
    for expected in (0, sample.block.height - 1, sample.block.height + 1):
        with pytest.raises(Refusal) as refused:
            verify_block(
                sample.block,
                brid=sample.brid,
                expected_height=expected,
                previous_rid=sample.previous_rid,
                signers=sample.signers,
            )
        if expected != sample.block.height:
            assert refused.value.step is Step.GAP
            assert refused.value.height == expected


@every_sample
def test_a_block_that_follows_another_one_does_not_link(sample: Sample) -> None:
    assert replace(sample, previous_rid=bytes(32)).refusal().step is Step.LINK
    assert replace(sample, previous_rid=sample.block.rid).refusal().step is Step.LINK


@pytest.mark.parametrize("chain", recorded.CHAINS)
def test_block_0_links_to_the_brid_whatever_came_before(chain: str) -> None:
    first = recorded.blocks(chain)[0]
    signers = recorded.configuration_at(chain, 0).signers
    sample = Sample(first, recorded.brid(chain), b"anything", signers)
    assert sample.verify().header.height == 0
    forged = made.stated_block([], height=0, previous_rid=bytes(32), version=1)
    assert Sample(forged, made.BRID, bytes(32), made.VALIDATORS).refusal().step is Step.LINK


@every_sample
def test_a_block_of_another_chain_is_refused(sample: Sample) -> None:
    assert replace(sample, brid=flipped(sample.brid, 0)).refusal().step is Step.HEADER


@every_sample
def test_signers_that_were_not_in_force_refuse_the_witness(sample: Sample) -> None:
    strangers = [secp256k1.public_key(bytes([number]) * 32) for number in (5, 6, 7, 8)]
    for signers in (strangers, [], sample.signers[1:], [*strangers, *sample.signers]):
        assert replace(sample, signers=signers).refusal().step is Step.WITNESS


@every_sample
def test_a_witness_that_is_not_the_one_listed_is_refused(sample: Sample) -> None:
    listed = sample.block.witnesses or ()
    for witnesses in (listed[1:], (*listed, listed[0]), (bytes(33), *listed[1:])):
        assert sample.refusal(witnesses=witnesses).step is Step.WITNESS


@every_sample
def test_a_stranger_cannot_carry_a_block(sample: Sample) -> None:
    key = secp256k1.public_key(STRANGER_KEY)
    theirs = WitnessSignature(key, secp256k1.sign(sample.block.rid, private_key=STRANGER_KEY))
    for signatures in ([theirs], [*decode_witness(sample.block.witness), theirs]):
        assert sample.refusal(witness=encode_witness(signatures), witnesses=None).step is Step.WITNESS


def test_a_header_of_an_unknown_merkle_version_is_refused() -> None:
    header = decode_header(made_sample().block.header)
    newer = replace(header, extra=header.extra | {"merkle_hash_version": 3})
    refusal = made_sample().refusal(header=encode_header(newer))
    assert refusal.step is Step.HEADER
    assert "upgrade" in refusal.why


# What is said


def test_a_refusal_says_where_what_and_whether_the_node_may_be_honest() -> None:
    sample = made_sample()
    said = str(sample.refusal(transactions=sample.block.transactions[1:]))
    assert said.startswith("Block 3 was refused at the step “order”: its 2 transactions, in this order,")
    assert "honest" in said
    assert said.endswith("Ask again, then ask another node.")


@pytest.mark.parametrize("step", Step)
def test_every_step_has_its_advice(step: Step) -> None:
    said = str(Refusal(step, height=0, why="so it is"))
    assert said.startswith(f"Block 0 was refused at the step “{step.value}”: so it is. ")
    assert "honest" in said
