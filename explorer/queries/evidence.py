"""How far something is proved, in the words of the design; never a bare “verified”."""

from dataclasses import dataclass
from enum import Enum


class Standing(Enum):
    """What vouches for a block and all that it holds."""

    ON_CHAIN = "on chain"
    ON_CHAIN_BY_STATED_SIGNERS = "on chain, by signers that one node stated"
    WITNESS_NOT_CHECKED = "witness not checked"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The standing of a block: ``why`` is a sentence where it is not simply on chain.

    ``signed`` of ``signers`` validators signed, ``needed`` are needed; all None where the witness is not kept
    (an empty block's is dropped once it was checked) or the signers are unknown. ``configured_at`` is the
    height of the configuration in force.
    """

    standing: Standing
    why: str
    configured_at: int | None
    signed: int | None
    signers: int | None
    needed: int | None
