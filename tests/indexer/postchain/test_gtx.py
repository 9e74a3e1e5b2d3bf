"""Transactions: RID, hash, signatures, and the oddities that nodes accept."""

import coincurve
import pytest

from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.gtx import Oddity, Operation
from indexer.postchain.merkle import UnknownMerkleVersion, merkle_hash
from tests.indexer.postchain.made import BRID, SENDER_KEY
from tests.indexer.postchain.test_gtv import nested_bytes
from tests.indexer.postchain.test_secp256k1 import high_s

SENDER = secp256k1.public_key(SENDER_KEY)
UNCOMPRESSED = coincurve.PublicKey(SENDER).format(compressed=False)
OTHER_KEY = bytes([2]) * 32
ADD = Operation("add_prompt_history", (1, "[]", "{}", 42, "gemma2-9b-it", "groq"))
NOP = Operation("nop", (b"\x01",))

# Postchain, restapi-docs/postchain-restapi.yaml: schema `tx`, parameter `txRid`.
DOCUMENTED = bytes.fromhex(
    "A581B83081B5A56B3069A12204200398A1E7B0F87709AFD14CD1821EAAAFB41931A8097FFA2D83E5FE10DA7E4DD5A51A3018A5163014"
    "A20E0C0C6D795F6F7065726174696F6EA5023000A5273025A1230421032BF0FCF83A287FB5EC71E4DAEA5DE892804A5BBBED6130DBCD"
    "DB871015C34EA0A5463044A14204404B425779BF8BD5ED503837337BBE102B7013F791F3BCFB812726EA93E076A3267656EC773AA106"
    "17E1ABDB25E97AB1CF2992CDB3E059D668C90BDA6BB91FE836"
)

Body = tuple[gtv.Encodable, ...]


def body(*operations: Operation, signers: tuple[bytes, ...] = (SENDER,)) -> Body:
    return BRID, [(each.name, each.arguments) for each in operations], signers


def signed(sent: Body, *more: gtv.Encodable, signs: Body | None = None) -> bytes:
    """The body with the sender's signature over it (or over `signs`), and further elements."""
    signature = secp256k1.sign(merkle_hash(signs or sent, version=1), private_key=SENDER_KEY)
    return gtv.encode((sent, [signature], *more))


def test_the_documented_transaction_has_the_documented_rid() -> None:
    read = gtx.decode(DOCUMENTED, version=1)
    assert read.operations == (Operation("my_operation"),)
    assert read.rid.hex().upper() == "868F5C1BDF086BE6300233B820E1119484665A350CE4C05811D328EFECB6FE93"
    assert read.hash.hex().upper().startswith("BE8C83B6")
    assert read.hash.hex().upper().endswith("0327FAD")
    assert gtx.first_bad_signature(read) is None
    assert read.oddities == gtx.NO_ODDITY
    assert gtx.encode(read) == DOCUMENTED


def test_under_version_2_it_would_have_another_rid_which_nobody_signed() -> None:
    read = gtx.decode(DOCUMENTED, version=2)
    assert read.rid.hex().upper().startswith("4F598A69")
    assert read.rid.hex().upper().endswith("B66ACB8")
    assert gtx.first_bad_signature(read) == 0


@pytest.mark.parametrize("version", [1, 2])
def test_what_is_built_reads_back_with_valid_signatures(version: int) -> None:
    data = gtx.build(brid=BRID, operations=(ADD, NOP), private_keys=(SENDER_KEY, OTHER_KEY), version=version)
    read = gtx.decode(data, version=version)
    assert read.brid == BRID
    assert read.operations == (ADD, NOP)
    assert read.signers == (SENDER, secp256k1.public_key(OTHER_KEY))
    assert gtx.first_bad_signature(read) is None
    assert read.rid == merkle_hash(body(ADD, NOP, signers=read.signers), version=version)
    assert read.hash == merkle_hash(gtv.decode(data), version=version)
    assert gtx.encode(read) == data


def test_with_two_operations_both_versions_give_the_same_rid_with_one_they_do_not() -> None:
    two = gtx.build(brid=BRID, operations=(ADD, NOP), private_keys=(SENDER_KEY,), version=1)
    assert gtx.decode(two, version=1).rid == gtx.decode(two, version=2).rid
    one = gtx.build(brid=BRID, operations=(ADD,), private_keys=(SENDER_KEY,), version=1)
    assert gtx.decode(one, version=1).rid != gtx.decode(one, version=2).rid


def test_a_transaction_without_signers_needs_no_signature() -> None:
    read = gtx.decode(gtv.encode((body(NOP, signers=()), ())), version=1)
    assert gtx.first_bad_signature(read) is None


def test_a_third_element_is_hashed_but_not_signed() -> None:
    plain, odd = (gtx.decode(signed(body(ADD), *more), version=1) for more in ((), (1,)))
    assert odd.oddities == Oddity.EXTRA_ELEMENT
    assert odd.rid == plain.rid
    assert odd.hash != plain.hash
    assert gtx.first_bad_signature(odd) is None


def test_what_follows_in_the_body_or_an_operation_is_hashed_but_no_part_of_the_rid() -> None:
    sent = (BRID, [(ADD.name, ADD.arguments, "extra")], (SENDER,), "extra")
    odd = gtx.decode(signed(sent, signs=body(ADD)), version=1)
    assert odd.oddities == Oddity.EXTRA_ELEMENT
    assert odd.rid == merkle_hash(body(ADD), version=1)
    assert gtx.first_bad_signature(odd) is None
    assert gtx.first_bad_signature(gtx.decode(signed(sent), version=1)) == 0


def test_a_long_signature_counts_by_its_first_64_bytes() -> None:
    read = gtx.decode(signed(body(ADD)), version=1)
    odd = gtx.decode(gtv.encode((body(ADD), [read.signatures[0] + b"\x1b"])), version=1)
    assert odd.oddities == Oddity.LONG_SIGNATURE
    assert gtx.first_bad_signature(odd) is None


def test_a_high_s_signature_is_accepted_and_marked() -> None:
    read = gtx.decode(signed(body(ADD)), version=1)
    odd = gtx.decode(gtv.encode((body(ADD), [high_s(read.signatures[0])])), version=1)
    assert odd.oddities == Oddity.HIGH_S
    assert gtx.first_bad_signature(odd) is None


@pytest.mark.parametrize("first", [4, 6 + (UNCOMPRESSED[-1] & 1)])
def test_an_uncompressed_or_hybrid_key_is_accepted_and_marked(first: int) -> None:
    odd = gtx.decode(signed(body(ADD, signers=(bytes((first,)) + UNCOMPRESSED[1:],))), version=1)
    assert odd.oddities == Oddity.LONG_KEY
    assert gtx.first_bad_signature(odd) is None


def test_a_signer_who_signs_twice_is_accepted_and_marked() -> None:
    data = gtx.build(brid=BRID, operations=(ADD,), private_keys=(SENDER_KEY, SENDER_KEY), version=1)
    odd = gtx.decode(data, version=1)
    assert odd.oddities == Oddity.REPEATED_SIGNER
    assert gtx.first_bad_signature(odd) is None


def test_a_big_integer_stays_one_and_is_no_oddity() -> None:
    read = gtx.decode(signed(body(Operation("add", (gtv.BigInteger(5),)))), version=1)
    assert type(read.operations[0].arguments[0]) is gtv.BigInteger
    assert read.oddities == gtx.NO_ODDITY


@pytest.mark.parametrize("version", [1, 2])
def test_bytes_that_are_not_canonical_are_hashed_by_their_value_and_marked(version: int) -> None:
    data = gtx.build(brid=BRID, operations=(ADD,), private_keys=(SENDER_KEY,), version=version)
    plain = gtx.decode(data, version=version)
    longer = b"\xa5\x83\x00" + data[2:] if data[1] == 0x82 else b"\xa5\x82\x00" + data[2:]
    for odd_bytes in (data + b"\x00", longer):
        odd = gtx.decode(odd_bytes, version=version)
        assert odd.oddities == Oddity.NOT_CANONICAL
        assert (odd.rid, odd.hash, odd.operations) == (plain.rid, plain.hash, plain.operations)
        assert gtx.first_bad_signature(odd) is None


def test_oddities_add_up() -> None:
    read = gtx.decode(signed(body(ADD)), version=1)
    odd = gtv.encode((body(ADD), [high_s(read.signatures[0]) + b"\x00"], None)) + b"\x00"
    expected = Oddity.NOT_CANONICAL | Oddity.EXTRA_ELEMENT | Oddity.LONG_SIGNATURE | Oddity.HIGH_S
    assert gtx.decode(odd, version=1).oddities == expected


@pytest.mark.parametrize(
    ("signatures", "index"),
    [
        ((), 0),
        ((b"",), 0),
        ((bytes(64),), 0),
        (("good",), 1),
        (("good", bytes(64)), 1),
        (("good", "good"), 1),
    ],
)
def test_a_missing_or_wrong_signature_is_found(signatures: tuple[bytes | str, ...], index: int) -> None:
    sent = body(ADD, signers=(SENDER, secp256k1.public_key(OTHER_KEY)))
    good = secp256k1.sign(merkle_hash(sent, version=1), private_key=SENDER_KEY)
    data = gtv.encode((sent, [good if each == "good" else each for each in signatures]))
    assert gtx.first_bad_signature(gtx.decode(data, version=1)) == index


def test_a_surplus_signature_is_a_bad_one() -> None:
    read = gtx.decode(signed(body(ADD)), version=1)
    data = gtv.encode((body(ADD), read.signatures * 2))
    assert gtx.first_bad_signature(gtx.decode(data, version=1)) == 1


NOT_TRANSACTIONS: list[gtv.Encodable] = [
    "x",
    None,
    {"a": 1},
    [],
    [body(ADD)],
    [[], []],
    [[BRID, []], []],
    [[BRID, [], [], 1], None],
    [[BRID, [], None], []],
    [[BRID, None, []], []],
    [[BRID[:31], [], []], []],
    [["x" * 32, [], []], []],
    [[BRID, ["nop"], []], []],
    [[BRID, [["nop"]], []], []],
    [[BRID, [[b"nop", []]], []], []],
    [[BRID, [["nop", {}]], []], []],
    [[BRID, [], ["02"]], []],
    [[BRID, [], []], ["00"]],
]


@pytest.mark.parametrize("value", NOT_TRANSACTIONS)
def test_another_shape_is_no_transaction(value: gtv.Encodable) -> None:
    for data in (gtv.encode(value), gtv.encode(value) + b"\x00"):
        with pytest.raises(gtx.NotATransaction):
            gtx.decode(data, version=1)


def test_bytes_that_are_no_gtv_are_no_transaction() -> None:
    for data in (b"", b"\xa5", DOCUMENTED[:-1], nested_bytes(10_000)):
        with pytest.raises(gtx.NotGtv) as refused:
            gtx.decode(data, version=1)
        assert isinstance(refused.value.__cause__, gtv.GtvError)


def test_a_transaction_cut_at_any_place_is_no_gtv() -> None:
    for length in range(len(DOCUMENTED)):
        with pytest.raises(gtx.NotGtv):
            gtx.decode(DOCUMENTED[:length], version=1)


def test_a_version_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownMerkleVersion):
        gtx.decode(DOCUMENTED, version=3)


def test_a_transaction_of_the_greatest_size_is_read() -> None:
    text = "ü" * (25 * 2**19)
    data = gtx.build(
        brid=BRID, operations=(Operation("add", (text,)),), private_keys=(SENDER_KEY,), version=1
    )
    assert len(data) > 25 * 2**20
    read = gtx.decode(data, version=1)
    assert read.operations[0].arguments == (text,)
    assert read.hash == merkle_hash(gtv.decode(data), version=1)
    assert gtx.first_bad_signature(read) is None


@pytest.mark.parametrize("version", [1, 2])
def test_operations_are_read_without_any_hash_too(version: int) -> None:
    data = gtx.build(brid=BRID, operations=(ADD, NOP), private_keys=[SENDER_KEY], version=version)
    assert gtx.operations_in(data) == gtx.decode(data, version=version).operations
    with pytest.raises(gtx.NotGtv):
        gtx.operations_in(data[:-1])
    with pytest.raises(gtx.NotATransaction):
        gtx.operations_in(gtv.encode([]))
