"""The merkle hash against Postchain's own vectors, and its two versions against each other."""

import pytest

from indexer.postchain import gtv, secp256k1
from indexer.postchain.merkle import UnknownMerkleVersion, merkle_hash, root_of_hashes
from tests.indexer.postchain import plain
from tests.indexer.postchain.test_gtv import nested

EMPTY_ARRAY = "46AF9064F12528CAD6A7C377204ACD0AC38CDC6912903E7DAB3703764C8DD5E5"
EMPTY_DICT = "300B4292A3591228725E6E2E20BE3AB63A6A99CC695E925C6C20A90C570A5E71"
ONE = "341FDF9993EA5847FB8AD1BA7F92CD3C0FB2932E2AB1DEE5FCBCBD7D995D0AA3"

# Rell, rell-gtx, GtxMerkleHashTest.kt
VECTORS = [
    (1, [], EMPTY_ARRAY),
    (1, {}, EMPTY_DICT),
    (1, [123], ONE),
    (1, [[123]], ONE),
    (1, [[[123]]], ONE),
    (1, [[]], EMPTY_ARRAY),
    (1, [{}], EMPTY_ARRAY),
    (2, [], EMPTY_ARRAY),
    (2, {}, EMPTY_DICT),
    (2, [123], ONE),
    (2, [[123]], "036F58E462A180CD60F30030CDCE670CCE4A403284757A4DB00F53661134CE65"),
    (2, [[[123]]], "7FB9337E6BCF36EB4F7D69FF34609C9022468A735FB7A8D2FA8EB08795C0B40B"),
    (2, [[]], "B27D13915E478770D8CBAAF72D2C92F67A17250B2C40C9A7B36C3E996AE5FAD7"),
    (2, [{}], "5AC6C92DFFE0A0DEFA0581023E84C3D344A42D4FF90FC2A3AF0D40DBF8D7A622"),
]


@pytest.mark.parametrize(("version", "value", "expected"), VECTORS)
def test_the_vectors_of_rell_hold(version: int, value: gtv.Gtv, expected: str) -> None:
    assert merkle_hash(value, version=version).hex().upper() == expected
    assert plain.merkle_hash(value, version).hex().upper() == expected


def test_a_signed_query_response_of_a_newer_node_holds() -> None:
    response: dict[str, gtv.Encodable] = {
        "name": "api_version",
        "args": {},
        "height": 1260081,
        "response": 101,
    }
    digest = merkle_hash(response, version=2)
    assert digest.hex() == "40f21d1c30ac1a6739b8bf5c050f72124eb647a916447e7ebb0748726f35bf48"
    key = bytes.fromhex("0350fe40766bc0ce8d08b3f5b810e49a8352fdd458606bd5fafe5acdcdc8ff3f57")
    signature = bytes.fromhex(
        "1343d7602a4319bd9e82ebb48426054cac6bad34731a8fd897c7d58536fff13f"
        "278dfe7a44f4cd3ffa393e49a7c2e93d3652266bb379a532159ba81bab61657e"
    )
    assert secp256k1.verify(digest, signature=signature, key=key)


@pytest.mark.parametrize("size", range(40))
def test_arrays_and_roots_of_every_small_size_agree_with_the_plain_reading(size: int) -> None:
    hashes = [bytes([index]) * 32 for index in range(size)]
    for version in (1, 2):
        expected = plain.merkle_hash(hashes, version)
        assert merkle_hash(hashes, version=version) == expected
        assert root_of_hashes(hashes, version=version) == expected


def test_a_root_of_other_byte_strings_is_the_hash_of_their_array() -> None:
    odd = [b"", b"\x01" * 31, b"\x02" * 33]
    assert root_of_hashes(odd, version=2) == merkle_hash(odd, version=2)


@pytest.mark.parametrize("size", range(1, 12))
def test_dicts_hash_keys_and_values_in_turn(size: int) -> None:
    value = {f"key {index}": index for index in range(size)}
    backwards = dict(reversed(value.items()))
    for version in (1, 2):
        assert merkle_hash(backwards, version=version) == plain.merkle_hash(value, version)


def test_only_an_array_that_holds_one_collection_differs_between_the_versions() -> None:
    alike: list[gtv.Gtv] = [
        [],
        {},
        [1],
        [1, [2, 3]],
        {"a": [1, 2]},
        {"a": {}},
        [[1], [2]],
        [[], {}],
        "x",
        None,
    ]
    for value in alike:
        assert merkle_hash(value, version=1) == merkle_hash(value, version=2), value
    different: list[gtv.Gtv] = [[[1, 2]], [{"a": 1}], {"a": [[]]}, [1, [{}]]]
    for value in different:
        assert merkle_hash(value, version=1) != merkle_hash(value, version=2), value


def test_version_1_loses_whether_the_only_element_was_a_dict() -> None:
    assert merkle_hash([{"a": 1}], version=1) == merkle_hash(["a", 1], version=1)


@pytest.mark.parametrize("version", [0, 3, -1])
def test_another_version_is_refused(version: int) -> None:
    with pytest.raises(UnknownMerkleVersion, match="not known here"):
        merkle_hash([], version=version)
    with pytest.raises(UnknownMerkleVersion):
        root_of_hashes([], version=version)


@pytest.mark.parametrize("version", [1, 2])
def test_depth_is_bounded_as_for_the_encoding(version: int) -> None:
    merkle_hash(nested(gtv.MAX_DEPTH), version=version)
    with pytest.raises(gtv.TooDeep):
        merkle_hash(nested(gtv.MAX_DEPTH + 1), version=version)


def test_what_cannot_be_encoded_has_no_hash() -> None:
    for value in (1.5, [True], {"a": [2**63]}, {1: 2}):
        with pytest.raises(gtv.GtvError):
            merkle_hash(value, version=1)  # type: ignore[arg-type]
