"""Properties over values and bytes drawn at random; `make fuzz` draws many more."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from indexer.postchain import block, configuration, gtv, gtx, merkle, proof
from indexer.postchain.gtx import Operation
from indexer.postchain.walk import hashed
from tests.indexer.postchain import made, plain, recorded
from tests.indexer.postchain.canonical import is_canonical
from tests.indexer.postchain.strategies import NEARLY_GTV, NESTS, VALUES, mutated, plainly, typed

versions = st.sampled_from((1, 2))

TRANSACTIONS = [each.data for chain in recorded.CHAINS for each in recorded.transactions(chain)]
HEADERS = [each.header for chain in recorded.CHAINS for each in recorded.blocks(chain)]
WITNESSES = [each.witness for chain in recorded.CHAINS for each in recorded.blocks(chain)]
PROOFS = [bytes.fromhex(line["proof"]) for line in recorded.lines(recorded.CHAINS[0], "all-proofs")]
CONFIGURATIONS = [each.raw for chain in recorded.CHAINS for each in recorded.configurations(chain).values()]

CALLS = st.builds(Operation, st.text(max_size=12), st.lists(VALUES, max_size=4).map(tuple))
KEYS = st.lists(st.sampled_from([bytes([number]) * 32 for number in (1, 2, 3)]), max_size=3)


@given(VALUES | NESTS)
def test_fuzz_a_value_comes_back_from_its_bytes_which_are_canonical(value: Any) -> None:
    data = gtv.encode(value)
    assert data == plain.encode(plainly(value))
    read = gtv.decode(data, trailing=False)
    assert gtv.encode(read) == data
    assert typed(read) == typed(gtv.decode(data + b"\x00"))
    assert is_canonical(data)
    assert not is_canonical(data + b"\x00")
    assert typed(read) == typed(_in_order(value))


def _in_order(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_order(each) for each in value]
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in gtv.sorted_keys(value)}
    return value


@given(VALUES | NESTS, versions)
@example([[[{}]]], 1)
@example([[[{}]]], 2)
def test_fuzz_three_ways_give_one_hash(value: Any, version: int) -> None:
    digest = merkle.merkle_hash(value, version=version)
    assert digest == plain.merkle_hash(plainly(value), version)
    walked = hashed(gtv.encode(value), version=version)
    assert walked is not None
    assert walked.hash == digest
    assert typed(walked.value) == typed(_in_order(value))


@given(NEARLY_GTV)
def test_fuzz_any_bytes_are_read_or_refused_with_a_typed_error(data: bytes) -> None:
    try:
        value = gtv.decode(data)
    except gtv.GtvError:
        assert hashed(data, version=1) is None
        return
    again = gtv.encode(value)
    assert typed(gtv.decode(again, trailing=False)) == typed(value)
    check_walk(data, value)


def check_walk(data: bytes, value: Any) -> None:
    """The walk has an answer exactly where the bytes are canonical, and then the right one."""
    canonical = gtv.encode(value) == data
    assert is_canonical(data) == canonical
    for version in (1, 2):
        walked = hashed(data, version=version)
        assert (walked is not None) == canonical
        if walked is not None:
            assert typed(walked.value) == typed(value)
            assert walked.hash == merkle.merkle_hash(value, version=version)


@given(mutated((VALUES | NESTS).map(gtv.encode)))
def test_fuzz_changed_gtv_is_read_or_refused_with_a_typed_error(data: bytes) -> None:
    try:
        value = gtv.decode(data)
    except gtv.GtvError:
        assert hashed(data, version=1) is None
        return
    check_walk(data, value)


@given(st.lists(CALLS, max_size=3), KEYS, versions)
def test_fuzz_a_transaction_reads_back_with_the_hashes_of_its_value(
    calls: list[Operation], keys: list[bytes], version: int
) -> None:
    data = gtx.build(brid=made.BRID, operations=calls, private_keys=keys, version=version)
    read = gtx.decode(data, version=version)
    assert [each.name for each in read.operations] == [each.name for each in calls]
    check_hashes(data, read, version)
    assert gtx.first_bad_signature(read) is None
    assert gtx.encode(read) == data


def check_hashes(data: bytes, read: gtx.Transaction, version: int) -> None:
    value: Any = gtv.decode(data)
    assert read.hash == plain.merkle_hash(plainly(value), version)
    body = value[0]
    kept = [body[0], [call[:2] for call in body[1]], body[2]]
    assert read.rid == plain.merkle_hash(plainly(kept), version)
    assert (gtx.Oddity.NOT_CANONICAL in read.oddities) == (not is_canonical(data))


@given(mutated(st.sampled_from(TRANSACTIONS)), versions)
def test_fuzz_a_changed_transaction_is_read_by_its_value_or_refused(data: bytes, version: int) -> None:
    try:
        read = gtx.decode(data, version=version)
    except gtx.GtxError:
        return
    check_hashes(data, read, version)
    gtx.first_bad_signature(read)


@given(mutated(st.sampled_from(HEADERS)) | NEARLY_GTV)
def test_fuzz_a_changed_header_is_read_or_refused(data: bytes) -> None:
    try:
        header = block.decode_header(data)
    except (block.HeaderError, merkle.UnknownMerkleVersion):
        return
    assert block.decode_header(block.encode_header(header)) == header
    value = gtv.decode(data)
    assert isinstance(value, list)
    assert block.header_rid(header) == merkle.merkle_hash(value[:7], version=header.merkle_version)


@given(mutated(st.sampled_from(WITNESSES)) | st.binary(max_size=40))
def test_fuzz_a_changed_witness_is_read_or_refused(data: bytes) -> None:
    try:
        signatures = block.decode_witness(data)
    except block.WitnessError:
        return
    assert data.startswith(block.encode_witness(signatures))
    block.witness_fault(signatures, rid=bytes(32), signers=[each.subject for each in signatures])


@given(mutated(st.sampled_from(PROOFS)) | NEARLY_GTV, st.sampled_from(TRANSACTIONS))
def test_fuzz_a_changed_proof_is_read_and_judged_or_refused(data: bytes, sent: bytes) -> None:
    try:
        confirmation = proof.decode(data)
    except proof.ProofError:
        return
    brid = recorded.brid(recorded.CHAINS[0])
    proof.verify(confirmation, brid=brid, transaction=sent, signers=())


@given(mutated(st.sampled_from(CONFIGURATIONS)) | NEARLY_GTV)
def test_fuzz_a_changed_configuration_is_read_or_refused(data: bytes) -> None:
    try:
        read = configuration.decode(data)
    except (configuration.ConfigurationError, merkle.UnknownMerkleVersion):
        return
    assert read.hash == merkle.merkle_hash(gtv.decode(data), version=read.merkle_version)
