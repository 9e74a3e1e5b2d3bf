"""Headers and witnesses."""

import pytest

from indexer.postchain import gtv, secp256k1
from indexer.postchain.block import (
    EMPTY_ROOT,
    Header,
    HeaderNotGtv,
    NotAHeader,
    WitnessError,
    WitnessSignature,
    decode_header,
    decode_witness,
    encode_header,
    encode_witness,
    header_rid,
    threshold,
    witness_fault,
)
from indexer.postchain.merkle import UnknownMerkleVersion, merkle_hash
from tests.indexer.made import sign_header
from tests.indexer.postchain.made import BRID, VALIDATOR_KEYS, VALIDATORS

HEADER = Header(BRID, BRID, EMPTY_ROOT, 1_700_000_000_000, 0, None, {"config_hash": b"\x07" * 32})
ELEMENTS: list[gtv.Encodable] = [BRID, BRID, EMPTY_ROOT, 1, 0, None, {}]


def test_the_empty_root_is_the_hash_of_an_empty_array() -> None:
    assert EMPTY_ROOT.hex().upper() == "46AF9064F12528CAD6A7C377204ACD0AC38CDC6912903E7DAB3703764C8DD5E5"


@pytest.mark.parametrize("dependencies", [None, (), (BRID,), (None, BRID)])
def test_a_header_reads_back_and_its_rid_is_the_hash_of_its_value(
    dependencies: tuple[bytes | None, ...] | None,
) -> None:
    header = Header(BRID, BRID, EMPTY_ROOT, 5, 0, dependencies, {"config_hash": b"\x01" * 32, "x": [[1]]})
    data = encode_header(header)
    assert decode_header(data) == header
    assert header_rid(header) == merkle_hash(gtv.decode(data), version=1)


def test_the_version_is_the_one_that_extra_names() -> None:
    header = Header(BRID, BRID, EMPTY_ROOT, 5, 0, None, {"merkle_hash_version": 2, "x": [[1]]})
    assert header.merkle_version == 2
    assert header_rid(header) == merkle_hash(gtv.decode(encode_header(header)), version=2)
    assert HEADER.merkle_version == 1


def test_the_configuration_hash_is_there_where_the_chain_names_it() -> None:
    assert HEADER.configuration_hash == b"\x07" * 32
    assert Header(BRID, BRID, EMPTY_ROOT, 5, 0).configuration_hash is None
    assert Header(BRID, BRID, EMPTY_ROOT, 5, 0, None, {"config_hash": "07"}).configuration_hash is None


@pytest.mark.parametrize("version", [0, 3, "2", None, gtv.BigInteger(1), gtv.BigInteger(1 << 20_000)])
def test_a_version_that_is_not_known_is_refused(version: gtv.Gtv) -> None:
    with pytest.raises(UnknownMerkleVersion):
        decode_header(gtv.encode([*ELEMENTS[:6], {"merkle_hash_version": version}]))


def test_an_element_after_the_seventh_is_dropped_before_hashing_as_nodes_do() -> None:
    longer = decode_header(gtv.encode([*ELEMENTS, "extra"]))
    assert header_rid(longer) == header_rid(decode_header(gtv.encode(ELEMENTS)))


def replaced(index: int, value: gtv.Encodable) -> list[gtv.Encodable]:
    return [*ELEMENTS[:index], value, *ELEMENTS[index + 1 :]]


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        ELEMENTS[:6],
        replaced(0, BRID[:31]),
        replaced(1, None),
        replaced(2, "x"),
        replaced(3, gtv.BigInteger(1)),
        replaced(4, "0"),
        replaced(5, {}),
        replaced(5, [1]),
        replaced(6, None),
        replaced(6, []),
    ],
)
def test_another_shape_is_no_header(value: gtv.Encodable) -> None:
    with pytest.raises(NotAHeader):
        decode_header(gtv.encode(value))


def test_bytes_that_are_no_gtv_are_no_header() -> None:
    with pytest.raises(HeaderNotGtv):
        decode_header(b"")


@pytest.mark.parametrize(
    ("signers", "needed"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (8, 6), (9, 7), (10, 7)]
)
def test_the_threshold_is_more_than_two_thirds(signers: int, needed: int) -> None:
    assert threshold(signers) == needed


RID = header_rid(HEADER)
WITNESS = decode_witness(sign_header(HEADER, private_keys=VALIDATOR_KEYS))


def test_a_witness_reads_back() -> None:
    assert [each.subject for each in WITNESS] == list(VALIDATORS)
    assert decode_witness(encode_witness(WITNESS)) == WITNESS
    assert encode_witness(()) == bytes(4)
    assert decode_witness(bytes(4)) == ()


def test_what_follows_a_witness_is_ignored_as_nodes_do() -> None:
    assert decode_witness(encode_witness(WITNESS) + b"more") == WITNESS


def test_a_witness_cut_at_any_place_is_refused() -> None:
    data = encode_witness(WITNESS)
    for length in range(len(data)):
        with pytest.raises(WitnessError):
            decode_witness(data[:length])


@pytest.mark.parametrize("data", ["FFFFFFFF", "0000000180000000", "7FFFFFFF00000000FFFFFFFF00"])
def test_a_witness_that_announces_gigabytes_is_refused(data: str) -> None:
    with pytest.raises(WitnessError):
        decode_witness(bytes.fromhex(data))


@pytest.mark.parametrize("chosen", [(0, 1, 2), (3, 1, 0), (0, 1, 2, 3)])
def test_enough_signers_in_any_order_carry_a_block(chosen: tuple[int, ...]) -> None:
    assert witness_fault([WITNESS[each] for each in chosen], rid=RID, signers=VALIDATORS) is None


@pytest.mark.parametrize("chosen", [(), (0,), (0, 1), (0, 1, 1, 0)])
def test_a_witness_below_the_threshold_is_refused_however_often_one_signs(chosen: tuple[int, ...]) -> None:
    fault = witness_fault([WITNESS[each] for each in chosen], rid=RID, signers=VALIDATORS)
    assert fault is not None
    assert "3 must" in fault


def test_a_signature_by_no_signer_spoils_a_witness_above_the_threshold() -> None:
    fault = witness_fault(WITNESS, rid=RID, signers=VALIDATORS[:3])
    assert fault is not None
    assert VALIDATORS[3].hex().upper() in fault


def test_a_wrong_signature_spoils_a_witness_above_the_threshold() -> None:
    other = secp256k1.sign(bytes(32), private_key=VALIDATOR_KEYS[3])
    fault = witness_fault([*WITNESS[:3], WitnessSignature(VALIDATORS[3], other)], rid=RID, signers=VALIDATORS)
    assert fault is not None
    assert "not one over this block RID" in fault


def test_without_signers_nothing_carries_a_block() -> None:
    assert witness_fault((), rid=RID, signers=()) is not None
