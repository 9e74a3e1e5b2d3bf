"""How far a block is proved, in the words of the design."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain.evidence import Evidence, ProofStatus, Sealed, evidence_of
from indexer.models import Chain, Configuration, ConfigurationStanding
from indexer.postchain.block import WitnessSignature, encode_witness

pytestmark = pytest.mark.django_db
Word = ConfigurationStanding.Standing
KEYS = [bytes([number]) * 33 for number in range(1, 8)]


def configured(*words: tuple[int, str], signers: int = 4) -> Chain:
    """A chain with configurations of these standings, by height."""
    chain = Chain.objects.create(brid=b"\x0c" * 32)
    for height, word in words:
        ConfigurationStanding.objects.create(
            chain=chain, height=height, standing=word, hash=bytes([height]) * 32, why=f"The why of {height}."
        )
        if word != Word.UNSEEN:
            Configuration.objects.create(
                chain=chain,
                height=height,
                hash=bytes([height]) * 32,
                merkle_version=1,
                signers=KEYS[:signers],
                features={},
                raw=b"",
            )
    return chain


def witness(keys: Sequence[bytes]) -> bytes:
    return encode_witness([WitnessSignature(key, b"\0" * 64) for key in keys])


def of(chain: Chain, height: int, *, signed: int | None = 3, unchecked: str | None = None) -> Evidence:
    sealed = Sealed(height, None if signed is None else witness(KEYS[:signed]), unchecked)
    return evidence_of(chain.id, [sealed])[height]


@pytest.mark.parametrize("word", [Word.NAMED, Word.CONFIRMED])
def test_a_block_under_proved_configurations_is_on_chain(word: str) -> None:
    chain = configured((0, Word.GENESIS), (10, word))
    assert of(chain, 0) == Evidence(ProofStatus.ON_CHAIN, "", 0, 3, 4, 3)
    assert of(chain, 9).configured_at == 0
    assert of(chain, 10) == Evidence(ProofStatus.ON_CHAIN, "", 10, 3, 4, 3)


@pytest.mark.parametrize("word", [Word.NOT_NAMED, Word.NOT_SELF_PROVED, Word.PENDING, Word.UNSEEN])
def test_a_block_under_one_that_is_not_proved_is_so_by_stated_signers(word: str) -> None:
    chain = configured((0, Word.GENESIS), (10, word))
    assert of(chain, 9).standing is ProofStatus.ON_CHAIN
    found = of(chain, 11)
    assert (found.standing, found.configured_at) == (ProofStatus.ON_CHAIN_BY_STATED_SIGNERS, 10)
    assert "configuration of height 10" in found.why
    assert ("The why of 10." in found.why) is (word != Word.PENDING)


@pytest.mark.parametrize("word", [Word.NOT_NAMED, Word.NOT_SELF_PROVED])
def test_what_follows_from_signers_that_one_node_stated_is_no_better_proved(word: str) -> None:
    chain = configured((0, Word.GENESIS), (10, word), (20, Word.NAMED), (30, Word.CONFIRMED))
    for height in (20, 35):
        found = of(chain, height)
        assert found.standing is ProofStatus.ON_CHAIN_BY_STATED_SIGNERS
        assert "configuration of height 10" in found.why


def test_one_that_was_not_applied_is_not_in_force() -> None:
    chain = configured((0, Word.GENESIS), (10, Word.NOT_APPLIED))
    assert of(chain, 11) == Evidence(ProofStatus.ON_CHAIN, "", 0, 3, 4, 3)


def test_one_that_is_still_to_come_is_not_in_force() -> None:
    assert of(configured((0, Word.GENESIS), (10, Word.PENDING)), 9).standing is ProofStatus.ON_CHAIN


def test_a_witness_that_was_not_checked_is_its_own_state() -> None:
    found = of(configured((0, Word.GENESIS)), 3, unchecked="its signers are unknown")
    assert found.standing is ProofStatus.WITNESS_NOT_CHECKED
    assert found.why == "Its witness was not checked, because its signers are unknown."


def test_without_any_configuration_the_signers_are_unknown() -> None:
    found = of(configured(), 3)
    assert found.standing is ProofStatus.ON_CHAIN_BY_STATED_SIGNERS
    assert (found.configured_at, found.signed, found.signers, found.needed) == (None, None, None, None)


def test_signatures_are_counted_once_a_signer_and_by_signers_alone() -> None:
    chain = configured((0, Word.GENESIS))
    sealed = Sealed(1, witness([KEYS[0], KEYS[0], KEYS[1], KEYS[6]]), None)
    assert evidence_of(chain.id, [sealed])[1].signed == 2


@pytest.mark.parametrize("kept", [None, b"", b"\x00\x00\x00\x05\x00"])
def test_a_witness_that_is_not_kept_or_not_readable_counts_nothing(kept: bytes | None) -> None:
    chain = configured((0, Word.GENESIS))
    found = evidence_of(chain.id, [Sealed(1, kept, None)])[1]
    assert (found.standing, found.signed, found.signers, found.needed) == (
        ProofStatus.ON_CHAIN,
        None,
        None,
        None,
    )


def test_all_blocks_are_asked_for_at_once_and_nothing_for_none() -> None:
    chain = configured((0, Word.GENESIS), (10, Word.NAMED))
    with CaptureQueriesContext(connection) as asked:
        found = evidence_of(chain.id, [Sealed(height, None, None) for height in (3, 12, 3, 10**9)])
        assert evidence_of(chain.id, []) == {}
    assert len(asked) == 1
    assert {height: each.configured_at for height, each in found.items()} == {3: 0, 12: 10, 10**9: 10}
