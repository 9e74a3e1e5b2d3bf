"""Configurations: what is read of one, and what is refused."""

import pytest

from indexer.postchain import configuration, gtv
from indexer.postchain.merkle import UnknownMerkleVersion, merkle_hash

KEYS = [bytes([number]) * 33 for number in (2, 3)]
PLAIN: dict[str, gtv.Encodable] = {
    "signers": KEYS,
    "gtx": {"rell": {"sources": {"main.rell": "module;"}}},
    "blockstrategy": [[1]],
}


def test_the_least_configuration_has_version_1_and_does_not_name_itself() -> None:
    read = configuration.decode(gtv.encode(PLAIN))
    assert read.signers == tuple(KEYS)
    assert read.merkle_version == 1
    assert read.features == {}
    assert not read.names_itself_in_headers
    assert read.sources == {"main.rell": "module;"}
    assert read.hash == merkle_hash(PLAIN, version=1)


def test_its_hash_is_under_the_version_of_its_own_features() -> None:
    value = PLAIN | {"features": {"merkle_hash_version": 2}, "config_consensus_strategy": "HEADER_HASH"}
    read = configuration.decode(gtv.encode(value))
    assert read.merkle_version == 2
    assert read.names_itself_in_headers
    assert read.hash == merkle_hash(value, version=2) != merkle_hash(value, version=1)


def test_a_chain_without_rell_has_no_sources() -> None:
    assert configuration.decode(gtv.encode({"signers": []})).sources == {}


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"signers": None},
        {"signers": ["02"]},
        PLAIN | {"features": 1},
        PLAIN | {"features": {"merkle_hash_version": "2"}},
        PLAIN | {"features": {"merkle_hash_version": gtv.BigInteger(1 << 20_000)}},
        PLAIN | {"gtx": {"rell": []}},
    ],
)
def test_another_shape_is_no_configuration(value: gtv.Encodable) -> None:
    with pytest.raises(configuration.NotAConfiguration):
        configuration.decode(gtv.encode(value))


def test_bytes_that_are_no_gtv_are_no_configuration() -> None:
    with pytest.raises(configuration.ConfigurationNotGtv):
        configuration.decode(b"<?xml version")


def test_a_version_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownMerkleVersion):
        configuration.decode(gtv.encode(PLAIN | {"features": {"merkle_hash_version": 3}}))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, 30_000),
        ({"blockstrategy": {}}, 30_000),
        ({"blockstrategy": {"maxblocktime": 2_000}}, 2_000),
        ({"blockstrategy": {"maxblocktime": 0}}, None),
        ({"blockstrategy": {"maxblocktime": -5}}, None),
        ({"blockstrategy": {"maxblocktime": 2**40}}, None),
        ({"blockstrategy": {"maxblocktime": "often"}}, None),
        ({"blockstrategy": []}, None),
    ],
)
def test_it_says_how_long_a_block_takes_at_most(more: dict[str, gtv.Encodable], expected: int | None) -> None:
    assert configuration.longest_block_ms(gtv.encode({"signers": [], **more})) == expected


@pytest.mark.parametrize("raw", [b"", b"no gtv", gtv.encode([1]), gtv.encode(None)])
def test_of_other_bytes_nobody_knows_how_long_a_block_takes(raw: bytes) -> None:
    assert configuration.longest_block_ms(raw) is None
