"""How an address names a model: every name has one canonical part, and a hash that leads to it."""

import pytest

from explorer.queries.groups.naming import LONGEST, hash_named, part_of, scout_named
from indexer.store.names import hash_of

HASH = "ab" * 32
PLAIN = (
    "gemma2-9b-it",
    "google/gemma-2-9b-it",
    "gemma2:9b",
    "100% sure? #1 & more",
    "модель 모델 🦙",
    "0123",
    "é",
    "x" * LONGEST,
)
OTHERS = (
    "",
    " ",
    "   ",
    " leading",
    "trailing ",
    "/",
    "/leading",
    "trailing/",
    "a//b",
    ".",
    "..",
    "a/../b",
    "./a",
    "a\\b",
    "line\nbreak",
    "nul\0",
    "\u202eright to left",
    "zero\u200bwidth",
    "\ud83d",
    HASH,
    HASH.upper(),
    f"a/{HASH}/b",
    "x" * (LONGEST + 1),
    "é" * LONGEST,
    "<" * 12_000,
)


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_name_stands_in_its_address(name: str) -> None:
    assert part_of(name) == name


@pytest.mark.parametrize("name", OTHERS)
def test_of_any_other_name_the_hash_does(name: str) -> None:
    assert part_of(name) == hash_of(name).hex().upper()


@pytest.mark.parametrize("name", [*PLAIN, *OTHERS])
def test_both_lead_to_the_name(name: str) -> None:
    assert hash_named(part_of(name)) == hash_of(name)
    assert hash_named(hash_of(name).hex()) == hash_of(name)


def test_a_scout_is_any_number_of_64_bits_written_the_one_way() -> None:
    assert [scout_named(str(each)) for each in (0, -1, 2**63 - 1, -(2**63))] == [0, -1, 2**63 - 1, -(2**63)]
    for wrong in ("", "-", "-0", "007", "+1", "1.0", "x", str(2**63), str(-(2**63) - 1), "9" * 99, "٣"):
        assert scout_named(wrong) is None
