"""Blocks, and the transactions in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from explorer.queries.chains import ChainView
from explorer.queries.evidence import Evidence


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block in a list."""

    height: int
    rid: bytes
    at: datetime
    transactions: int


@dataclass(frozen=True, slots=True)
class BlockPage:
    """One page of blocks, newest first. ``newer`` and ``older`` are the heights to go on from."""

    rows: Sequence[BlockRow]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class Signature:
    """One validator's signature in a witness."""

    signer: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A transaction in its block. ``operations`` are the names, in order."""

    ordinal: int
    rid: bytes
    length: int  # bytes
    signers: Sequence[bytes]
    operations: Sequence[str]
    erased: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its header as the chain signed it. ``signatures`` is None where the witness is not kept.

    ``previous`` and ``next`` are the nearest blocks with transactions below and above, None at an end.
    ``extra`` is the header's extra data as name and readable value.
    """

    chain: ChainView
    height: int
    rid: bytes
    previous_rid: bytes
    transactions_root: bytes
    timestamp: int  # ms, as stated by its builder
    at: datetime
    dependencies: Sequence[bytes | None] | None
    extra: Sequence[tuple[str, str]]
    transactions: Sequence[TransactionRow]
    evidence: Evidence
    signatures: Sequence[Signature] | None
    digest: bytes | None  # after it; None where it has no revisions
    records: Sequence[int]  # prompt ids of the records whose revisions it holds, at most 500
    previous: int | None
    next: int | None


def page(
    chain: ChainView,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
    with_transactions: bool = False,
) -> BlockPage:
    """A page of blocks by height, newest first: below ``before`` or above ``after``."""
    raise NotImplementedError


def at_height(chain: ChainView, height: int) -> Block:
    """The block at a height. Raises ``NotHere``, which says how far the chain is indexed."""
    raise NotImplementedError


def with_rid(chain: ChainView, rid: bytes) -> Block:
    """The block with that RID. Raises ``NotHere``."""
    raise NotImplementedError
