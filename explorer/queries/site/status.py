"""How the index stands: coverage, what is not proved or not understood, incidents, nodes, and tasks.

What nodes and chains say of themselves is foreign text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.sql import GENERATION, name_of
from indexer.models import DerivationCheckpoint
from indexer.models import Incident as IncidentRow
from indexer.store import coverage
from indexer.trust.proof_status import unproved

MOST_INCIDENTS = 100
MOST_NAMES = 100

# One row for each derivation, or one without any: the figures are the same in all of them.
_WHOLE = f"""
    WITH whole AS MATERIALIZED (
        SELECT {GENERATION} AS generation,
            (SELECT range_agg(int8range(first, last, '[]')) FROM indexer_window WHERE chain_id = %(chain)s),
            (SELECT count(*) FROM indexer_transaction WHERE chain_id = %(chain)s AND "offset" IS NULL),
            (SELECT count(*) FROM indexer_suppression)
    )
    SELECT whole.*, c.height, c.transactions, c.operations, d.name, d.height, d.at
    FROM whole
    LEFT JOIN indexer_checkpoint c ON c.chain_id = %(chain)s AND c.generation = whole.generation
    LEFT JOIN indexer_derivationcheckpoint d ON d.chain_id = %(chain)s AND d.generation = whole.generation
"""
_NOT_UNDERSTOOD = f"""
    SELECT n.text, n.raw, u.times, u.first_height, u.last_height
    FROM indexer_notunderstood u JOIN indexer_name n ON n.id = u.name_id
    WHERE u.chain_id = %(chain)s AND u.generation = {GENERATION}
    ORDER BY u.times DESC, u.name_id LIMIT {MOST_NAMES}
"""
_NODES = """
    SELECT n.url, n.height, n.answered_at, n.failed_at, n.failure,
           r.height, r.at, r.asked, r.differing, r.detail
    FROM indexer_node n LEFT JOIN LATERAL (
        SELECT * FROM indexer_reconciliation WHERE node_id = n.id ORDER BY id DESC LIMIT 1) r ON true
    WHERE n.chain_id = %(chain)s ORDER BY n.id
"""


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
    """Something that contradicts what should be. ``height`` is None where it is of no block."""

    kind: str
    height: int | None
    subject: str
    message: str
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Node:
    """A node that was asked, and what came of it. ``failure`` is of ``failed_at``, whatever came since."""

    url: str
    height: int | None
    answered_at: datetime | None
    failed_at: datetime | None
    failure: str

    @property
    def is_failing(self) -> bool:
        """Whether it has not answered since it failed."""
        if self.failed_at is None:
            return False
        return self.answered_at is None or self.answered_at < self.failed_at


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a derivation that runs after the fold is: ``behind`` counts blocks."""

    name: str
    height: int
    behind: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The last comparison of our records with what a node's own queries say.

    ``asked`` counts the answers that were compared; where it is 0, ``detail`` says why the node cannot say,
    and ``height`` is -1.
    """

    node: str
    height: int
    at: datetime
    asked: int
    differing: int
    detail: str


@dataclass(frozen=True, slots=True)
class Status:
    """One chain's status. ``unproved`` and ``gaps`` are lowest first; unknown operations by how often they
    come, incidents newest first, both the first hundred.
    """

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
    """How a chain's index stands; five queries."""
    rows = _rows(_WHOLE, chain)
    _, multirange, erased, suppressed, height, transactions, operations, *_ = rows[0]
    covered = [coverage.HeightRange(each.lower, each.upper - 1) for each in multirange or ()]
    rows_of_nodes = _rows(_NODES, chain)
    last = -1 if height is None else height
    return Status(
        chain=chain,
        covered=_spans(covered),
        gaps=_spans(coverage.missing(covered, last=chain.freshness.height + chain.freshness.behind)),
        blocks=last + 1,
        transactions=transactions or 0,
        operations=operations or 0,
        unproved=[each.why for each in unproved(chain.id)],
        unknown_operations=[
            UnknownOperation(name_of(*row[:2]), *row[2:]) for row in _rows(_NOT_UNDERSTOOD, chain)
        ],
        erased_transactions=erased,
        suppressed=suppressed,
        incidents=_incidents(chain),
        nodes=_asked(rows_of_nodes),
        lags=_lags(last, {row[7]: (row[8], row[9]) for row in rows}),
        reconciliations=_compared(rows_of_nodes),
    )


def compared(chain: ChainView) -> Sequence[Reconciliation]:
    """What came of the last comparison with each node; one query."""
    return _compared(_rows(_NODES, chain))


def nodes(chain: ChainView) -> Sequence[Node]:
    """The nodes that are asked about a chain; one query."""
    return _asked(_rows(_NODES, chain))


def _asked(rows: Iterable[Sequence[Any]]) -> Sequence[Node]:
    return [Node(*row[:5]) for row in rows]


def _compared(rows: Iterable[Sequence[Any]]) -> Sequence[Reconciliation]:
    return [Reconciliation(row[0], *row[5:]) for row in rows if row[6] is not None]


def _rows(statement: str, chain: ChainView) -> list[sql.Row]:
    return sql.rows(statement, {"chain": chain.id})


def _spans(spans: Iterable[coverage.HeightRange]) -> Sequence[Span]:
    return [Span(each.first, each.last) for each in spans]


def _incidents(chain: ChainView) -> Sequence[Incident]:
    found = IncidentRow.objects.filter(chain_id=chain.id).order_by("-last_at", "-id")[:MOST_INCIDENTS]
    return [
        Incident(
            kind=each.kind,
            height=None if each.height < 0 else each.height,
            subject=each.subject,
            message=each.message,
            first_at=each.first_at,
            last_at=each.last_at,
            times=each.times,
        )
        for each in found
    ]


def _lags(folded: int, reached: dict[str, tuple[int, datetime]]) -> Sequence[Lag]:
    found = []
    for name in DerivationCheckpoint.Of.values:
        height, at = reached.get(name, (-1, None))
        found.append(Lag(name, height, max(0, folded - height), at))
    return found
