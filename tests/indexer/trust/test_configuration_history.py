"""Which configuration is in force at a height, and whose signatures count there."""

import pytest

from indexer.postchain import gtv
from indexer.postchain.block import Header
from indexer.postchain.verify import Refusal, Step
from indexer.trust.configuration_history import ConfigurationHistory, KnownConfiguration

HASHES = [bytes([number]) * 32 for number in range(4)]


def header(height: int, named: bytes | None) -> Header:
    extra: dict[str, gtv.Gtv] = {} if named is None else {"config_hash": named}
    return Header(bytes(32), bytes(32), bytes(32), 0, height, None, extra)


HISTORY = ConfigurationHistory(
    [
        KnownConfiguration(0, HASHES[0], (b"a",)),
        KnownConfiguration(5, HASHES[1], (b"b", b"c")),
        KnownConfiguration(9, HASHES[2], None),
    ]
)


@pytest.mark.parametrize(("height", "found"), [(0, 0), (4, 0), (5, 5), (8, 5), (9, 9), (10**9, 9)])
def test_a_configuration_is_in_force_from_its_own_height_on(height: int, found: int) -> None:
    known = HISTORY.at(height)
    assert known is not None
    assert known.height == found


def test_nothing_is_in_force_where_nothing_is_known() -> None:
    assert ConfigurationHistory([]).at(0) is None
    assert ConfigurationHistory([KnownConfiguration(5, HASHES[1], ())]).at(4) is None
    signers = ConfigurationHistory([]).signers_of(header(0, None))
    assert signers.keys is None
    assert "first configuration" in str(signers.why)


def test_signers_are_those_of_the_configuration_that_the_header_names() -> None:
    assert HISTORY.signers_of(header(4, HASHES[0])).keys == (b"a",)
    assert HISTORY.signers_of(header(5, HASHES[1])).keys == (b"b", b"c")
    assert HISTORY.signers_of(header(5, None)).keys == (b"b", b"c")
    unseen = HISTORY.signers_of(header(9, HASHES[2]))
    assert unseen.keys is None
    assert HASHES[2].hex().upper() in str(unseen.why)


@pytest.mark.parametrize(("height", "named"), [(4, 1), (5, 0), (9, 3)])
def test_a_header_that_names_another_configuration_is_a_refusal(height: int, named: int) -> None:
    with pytest.raises(Refusal) as caught:
        HISTORY.signers_of(header(height, HASHES[named]))
    assert (caught.value.step, caught.value.height) == (Step.CONFIGURATION, height)
    assert HASHES[named].hex().upper() in str(caught.value)
