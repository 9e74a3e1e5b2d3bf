"""The one walk over canonical bytes: the same value and hash as the long way, and None for anything else."""

import pytest

from indexer.postchain import gtv
from indexer.postchain.merkle import UnknownMerkleVersion, merkle_hash
from indexer.postchain.walk import hashed
from tests.indexer.postchain.strategies import typed
from tests.indexer.postchain.test_gtv import CANONICAL, LENIENT, REFUSED, nested, nested_bytes


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("value", "encoded"), CANONICAL)
def test_it_gives_value_and_hash_of_every_type(value: gtv.Gtv, encoded: str, version: int) -> None:
    found = hashed(bytes.fromhex(encoded), version=version)
    assert found is not None
    assert typed(found.value) == typed(value)
    assert found.hash == merkle_hash(value, version=version)


@pytest.mark.parametrize("version", [1, 2])
def test_the_row_has_the_hash_of_each_element(version: int) -> None:
    value: list[gtv.Gtv] = ["x", [[1, 2]], {"a": [[]]}, None]
    found = hashed(gtv.encode(value), version=version)
    assert found is not None
    assert found.row == [merkle_hash(each, version=version) for each in value]


@pytest.mark.parametrize("encoded", [each[0] for each in LENIENT] + [each[0] for each in REFUSED])
def test_it_has_no_answer_for_bytes_that_are_not_canonical(encoded: str) -> None:
    assert hashed(bytes.fromhex(encoded), version=1) is None


@pytest.mark.parametrize(
    "encoded",
    [
        "A303020107FF",
        "A303020107A303020107",
        "A416301430080C0162A30302010130080C0161A303020102",
        "A416301430080C0161A30302010130080C0161A303020102",
        "A40D300B30090C0161A303020101FF",
        "A20322010C",
        "A2030C01FF",
        "A20481010C00",
        "A508300681008105A00500",
        "",
    ],
)
def test_nor_for_trailing_bytes_wrong_order_or_bad_text(encoded: str) -> None:
    assert hashed(bytes.fromhex(encoded), version=1) is None


def test_small_leaves_that_repeat_give_the_same_answer_each_time() -> None:
    value: gtv.Gtv = [["model", 7, gtv.BigInteger(7), b"key", None]] * 3
    data = gtv.encode(value)
    for _ in range(3):
        found = hashed(data, version=2)
        assert found is not None
        assert typed(found.value) == typed(value)
        assert found.hash == merkle_hash(value, version=2)


def test_more_small_leaves_than_it_remembers_still_hash_right() -> None:
    value: list[gtv.Gtv] = list(range(20_000))
    found = hashed(gtv.encode(value), version=1)
    assert found is not None
    assert found.hash == merkle_hash(value, version=1)


@pytest.mark.parametrize("version", [1, 2])
def test_deep_nesting_is_walked_up_to_the_bound(version: int) -> None:
    value = nested(gtv.MAX_DEPTH)
    found = hashed(gtv.encode(value), version=version)
    assert found is not None
    assert found.hash == merkle_hash(value, version=version)
    assert hashed(nested_bytes(gtv.MAX_DEPTH + 1), version=version) is None


def test_a_version_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownMerkleVersion):
        hashed(b"\xa0\x02\x05\x00", version=3)
