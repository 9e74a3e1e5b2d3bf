"""Transactions and their operations, argument by argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from explorer.queries.chains import ChainView
from explorer.queries.evidence import Evidence
from explorer.queries.texts import Text


class Kind(Enum):
    """The type of an argument's value, in GTV's words."""

    INTEGER = "integer"
    BIG_INTEGER = "big integer"
    STRING = "string"
    BYTE_ARRAY = "byte array"
    ARRAY = "array"
    DICT = "dict"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. ``name`` is the dapp's own, empty for operations whose declaration is not known.

    ``shown`` is the value as text (hex for byte arrays, JSON for arrays and dicts) or why it is withheld.
    """

    name: str
    kind: Kind
    shown: Text


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``arguments`` is None where the transaction was erased or is hidden.

    ``note`` says in a sentence what was not understood, empty where all was. ``records`` are the prompt ids
    that it wrote, changed or removed.
    """

    index: int  # in its transaction
    position: int
    name: str
    arguments: Sequence[Argument] | None
    note: str
    records: Sequence[int]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction at its place in a block. ``oddities`` are sentences. ``withheld`` is None where all of it
    may be shown.
    """

    chain: ChainView
    rid: bytes
    hash: bytes
    height: int
    block_rid: bytes
    ordinal: int  # in its block
    at: datetime
    length: int  # bytes
    signers: Sequence[bytes]
    oddities: Sequence[str]
    evidence: Evidence
    operations: Sequence[Operation]
    withheld: Text | None


def with_rid(chain: ChainView, rid: bytes) -> Transaction:
    """The transaction with that RID. Raises ``NotHere``."""
    raise NotImplementedError


def raw(chain: ChainView, rid: bytes) -> bytes:
    """Its bytes as they are in the block. Raises ``NotHere``, ``Suppressed`` where they are withheld."""
    raise NotImplementedError


class Suppressed(Exception):
    """What was asked for is withheld by the operator; the message is the reason."""
