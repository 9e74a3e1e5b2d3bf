"""The chains that are indexed, and how fresh what is shown of each of them is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far a chain is indexed, beside what its nodes said last.

    ``height`` is of the last block folded, -1 before the first; ``block_at`` its time as its builder states
    it. ``behind`` is how many blocks the nodes have beyond it. ``answered_at`` is when a node last answered,
    ``stalled`` is whether that is so long ago that readers must be told, or a node never answered.
    """

    height: int
    block_at: datetime | None
    behind: int
    answered_at: datetime | None
    stalled: bool
    silence: timedelta | None  # since a node answered; None where none ever did


@dataclass(frozen=True, slots=True)
class ChainView:
    """A chain as readers see it. ``id`` and ``generation`` are for other questions, never shown."""

    id: int
    generation: int
    brid: bytes
    name: str
    network: str
    records: int  # ever written
    live: int
    last_position: int  # of the newest operation folded: lists that are pinned to it do not shift
    digest: bytes
    freshness: Freshness

    @property
    def rid(self) -> str:
        """The blockchain RID in upper-case hex, as addresses have it."""
        return self.brid.hex().upper()


def chains() -> Sequence[ChainView]:
    """Every chain, in the order in which they were first followed."""
    raise NotImplementedError


def chain_with(brid: bytes) -> ChainView:
    """The chain with that RID. Raises ``NotHere``."""
    raise NotImplementedError
