"""How the index stands: coverage, what is not proved or not understood, incidents, nodes, and tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from explorer.queries.chains import ChainView


@dataclass(frozen=True, slots=True)
class Span:
    """Heights from ``first`` to ``last``, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class UnknownOperation:
    """An operation name, or arguments, that the dapp as we know it does not have."""

    name: str
    times: int
    first_height: int
    last_height: int


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that contradicts what should be."""

    kind: str
    height: int | None
    subject: str
    message: str
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Node:
    """A node that was asked, and what came of it."""

    url: str
    height: int | None
    answered_at: datetime | None
    failed_at: datetime | None
    failure: str


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a derivation that runs after the fold is: ``behind`` counts blocks."""

    name: str
    height: int
    behind: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The last comparison of our records with what a node's own queries say."""

    node: str
    height: int
    at: datetime
    asked: int
    differing: int
    detail: str


@dataclass(frozen=True, slots=True)
class Status:
    """One chain's status. ``unproved`` and ``gaps`` are lowest first."""

    chain: ChainView
    covered: Sequence[Span]
    gaps: Sequence[Span]
    blocks: int
    transactions: int
    operations: int
    unproved: Sequence[str]
    unknown_operations: Sequence[UnknownOperation]
    erased_transactions: int
    suppressed: int  # content keys and transactions, in all chains
    incidents: Sequence[Incident]
    nodes: Sequence[Node]
    lags: Sequence[Lag]
    reconciliations: Sequence[Reconciliation]


def status(chain: ChainView) -> Status:
    """How a chain's index stands."""
    raise NotImplementedError
