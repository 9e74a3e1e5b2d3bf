"""Blocks that verify, with what their reader must know, and ways to damage them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from indexer.postchain import gtv
from indexer.postchain.verify import Refusal, StatedBlock, StatedTransaction, VerifiedBlock, verify_block
from tests.indexer.postchain import made, recorded

SEED = 20_261_124


@dataclass(frozen=True)
class Sample:
    """A block that verifies, with what its reader must know."""

    block: StatedBlock
    brid: bytes
    previous_rid: bytes
    signers: Sequence[bytes]

    def verify(self, **changes: object) -> VerifiedBlock:
        """Verify the block after these changes to what the node states."""
        block = replace(self.block, **changes)  # type: ignore[arg-type]
        return verify_block(
            block,
            brid=self.brid,
            expected_height=self.block.height,
            previous_rid=self.previous_rid,
            signers=self.signers,
        )

    def refusal(self, **changes: object) -> Refusal:
        """How the block is refused after these changes."""
        with pytest.raises(Refusal) as refused:
            self.verify(**changes)
        return refused.value

    def with_transaction(self, index: int, changed: StatedTransaction) -> tuple[StatedTransaction, ...]:
        """The block's transactions with this one in place of another."""
        before, after = self.block.transactions[:index], self.block.transactions[index + 1 :]
        return (*before, changed, *after)


def recorded_sample(chain: str, *, wanted: Callable[[StatedBlock], bool]) -> Sample:
    """The first recorded block of this kind above block 0."""
    every = recorded.blocks(chain)
    block = next(each for each in every[1:] if wanted(each))
    signers = recorded.configuration_at(chain, block.height).signers
    return Sample(block, recorded.brid(chain), every[block.height - 1].rid, signers)


def made_sample() -> Sample:
    """A block of three transactions under merkle version 2."""
    *_, previous, block = made.chain(version=2)
    return Sample(block, made.BRID, previous.rid, made.VALIDATORS)


def several(block: StatedBlock) -> bool:
    return len(block.transactions) > 2


def empty(block: StatedBlock) -> bool:
    return not block.transactions


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def some_bits(data: bytes, *, at_most: int) -> list[int]:
    """A sample of the bits of these bytes, the same each time."""
    bits = range(len(data) * 8)
    return sorted(random.Random(SEED).sample(bits, min(at_most, len(bits))))


def holds_the_same(one: bytes, other: bytes) -> bool:
    """Whether both are GTV of the same value: a wrapper's length, for one, may say anything."""
    try:
        return gtv.encode(gtv.decode(one)) == gtv.encode(gtv.decode(other))
    except gtv.GtvError:
        return False
