"""How the index of a chain stands, asked once for pages, API and ``manage.py status``: what is in, folded and
derived, what is not proved or not understood, incidents, and nodes.

What nodes and chains say of themselves is foreign text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from indexer.models import DerivationCheckpoint, Name
from indexer.models import Incident as IncidentRow
from indexer.models.chain import GENERATION
from indexer.postchain.times import moment
from indexer.store import coverage, names
from indexer.store.coverage import HeightRange
from indexer.store.rules import ANEW, Rules
from indexer.trust.incident_words import in_words
from indexer.trust.proof_status import another_could_confirm, another_could_give, unproved

MOST_INCIDENTS = 100
MOST_NAMES = 100

# One row for each derivation, or one without any: the figures are the same in all of them.
_WHOLE = f"""
    WITH whole AS MATERIALIZED (
        SELECT {GENERATION} AS generation,
            (SELECT range_agg(int8range(first, last, '[]')) FROM indexer_window WHERE chain_id = %(chain)s),
            (SELECT count(*) FROM indexer_transaction WHERE chain_id = %(chain)s AND "offset" IS NULL),
            (SELECT count(*) FROM indexer_suppression),
            (SELECT rules FROM indexer_generation WHERE chain_id = %(chain)s AND generation = {GENERATION}),
            (SELECT cardinality(signers) FROM indexer_configurationinforce
             WHERE chain_id = %(chain)s ORDER BY height DESC LIMIT 1),
            (SELECT heard_to IS NULL FROM indexer_chain WHERE id = %(chain)s),
            {ANEW.format(chain="%(chain)s", generation=GENERATION)}
    )
    SELECT whole.*, c.height, c.transactions, c.operations, c.last_prompt_id, c.live, c.digest,
           c.timestamp, d.name, d.height, d.at
    FROM whole
    LEFT JOIN indexer_checkpoint c ON c.chain_id = %(chain)s AND c.generation = whole.generation
    LEFT JOIN indexer_derivationcheckpoint d ON d.chain_id = %(chain)s AND d.generation = whole.generation
"""
_LAGS = """
    SELECT c.height, d.name, d.height, d.at FROM indexer_chain h
    LEFT JOIN indexer_checkpoint c ON c.chain_id = h.id AND c.generation = h.generation
    LEFT JOIN indexer_derivationcheckpoint d ON d.chain_id = h.id AND d.generation = h.generation
    WHERE h.id = %(chain)s
"""
_UNKNOWN = f"""
    SELECT n.text, n.raw, u.times, u.first_height, u.last_height
    FROM ({{unknown}}) AS u JOIN indexer_name n ON n.id = u.name_id
    ORDER BY u.times DESC, u.name_id LIMIT {MOST_NAMES}
"""
_DERIVED = f"""
    SELECT name_id, times, first_height, last_height FROM indexer_notunderstood
    WHERE chain_id = %(chain)s AND generation = {GENERATION}
"""
_COUNTED = """
    SELECT name_id, count(*) AS times, min(position >> 20) AS first_height, max(position >> 20) AS last_height
    FROM indexer_operation WHERE chain_id = %(chain)s AND reading > 0 GROUP BY name_id
"""
_NODES = """
    SELECT n.url, n.height, n.answered_at, n.failed_at, n.failure, n.version, n.was_false,
           r.height, r.at, r.asked, r.differing, r.detail, r.records, r.differing_records
    FROM indexer_node n LEFT JOIN LATERAL (
        SELECT * FROM indexer_reconciliation WHERE node_id = n.id ORDER BY id DESC LIMIT 1) r ON true
    WHERE n.chain_id = %(chain)s ORDER BY n.id
"""


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

    @property
    def words(self) -> str:
        """What happened, in a sentence."""
        return in_words(self.kind)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The last comparison of our records with what a node's own queries say.

    ``asked`` counts the answers that were compared; where it is 0, ``detail`` says why the node cannot say,
    and ``height`` is -1. ``records`` are the ids of the records that were among them.
    """

    node: str
    height: int
    at: datetime
    asked: int
    differing: int
    detail: str
    records: Sequence[int] = ()
    differing_records: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A node that was asked, and what came of it. ``failure`` is of ``failed_at``, whatever came since.

    ``was_false`` is whether its last answer was refused.
    """

    url: str
    height: int | None
    answered_at: datetime | None
    failed_at: datetime | None
    failure: str
    version: int | None
    was_false: bool

    @property
    def is_failing(self) -> bool:
        """Whether it has not answered since it failed."""
        if self.failed_at is None:
            return False
        return self.answered_at is None or self.answered_at < self.failed_at


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a derivation is behind the fold: ``behind`` counts blocks; never begun is at height -1."""

    name: str
    height: int
    behind: int
    at: datetime | None

    @property
    def words(self) -> str:
        """What pages call it."""
        return str(DerivationCheckpoint.Of(self.name).label)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStatus:
    """One chain's index. ``unproved`` and ``gaps`` are lowest first; unknown operations by how often they
    come, incidents newest first, both the first hundred.

    ``height`` is of the last block folded, -1 before the first, ``last_block_at`` its time as its builder
    states it, and the figures are as of it. ``signers`` is how many validators sign by the newest
    configuration, None where no node gave it. ``head`` is the highest that a node states whose answers hold,
    or -1; ``answering_head`` that of the nodes that answer just now, None where none does.
    """

    height: int
    head: int
    answering_head: int | None
    last_block_at: datetime | None
    transactions: int
    operations: int
    records: int  # ever written
    live: int
    digest: bytes | None  # None before the first fold
    covered: Sequence[HeightRange]
    gaps: Sequence[HeightRange]
    unproved: Sequence[str]
    unknown_operations: Sequence[UnknownOperation]
    erased_transactions: int
    suppressed: int  # content keys and transactions, in all chains
    incidents: Sequence[Incident]
    nodes: Sequence[Node]
    lags: Sequence[Lag]
    reconciliations: Sequence[Reconciliation]
    rules: Rules
    signers: int | None

    @property
    def ahead(self) -> int:
        """How many blocks are here that no node which answers has."""
        return 0 if self.answering_head is None else max(0, self.height - self.answering_head)

    @property
    def blocks(self) -> int:
        """How many are folded."""
        return self.height + 1

    @property
    def another_node_could_confirm(self) -> bool:
        """Whether a second node could prove some of what is not."""
        return another_could_confirm(self.unproved)

    @property
    def another_node_could_give(self) -> bool:
        """Whether some is not proved because no node gave it."""
        return another_could_give(self.unproved)


def index_status(chain_id: int, *, is_counted: bool = False) -> IndexStatus:
    """How a chain's index stands; five queries.

    Unknown operations are those that were derived, so that no reader waits for a count; with ``is_counted``
    they are counted among all that are in, derived or not.
    """
    whole = _rows(_WHOLE, chain_id)
    _, multirange, erased, suppressed, rules, signers, *of_rules = whole[0][:8]
    folded = whole[0][8:15]
    height, transactions, operations, records, live, digest, timestamp = folded
    covered = [HeightRange(each.lower, each.upper - 1) for each in multirange or ()]
    of_nodes = _rows(_NODES, chain_id)
    nodes = [Node(*row[:7]) for row in of_nodes]
    held = [each for each in nodes if each.height is not None and not each.was_false]
    head = max((each.height for each in held if each.height is not None), default=-1)
    answering = [each.height for each in held if each.height is not None and not each.is_failing]
    last = -1 if height is None else height
    return IndexStatus(
        height=last,
        head=head,
        answering_head=max(answering, default=None),
        last_block_at=None if timestamp is None or last < 0 else moment(timestamp),
        transactions=transactions or 0,
        operations=operations or 0,
        records=records or 0,
        live=live or 0,
        digest=None if digest is None else bytes(digest),
        covered=covered,
        gaps=coverage.missing(covered, last=max(last, head)),
        unproved=[each.why for each in unproved(chain_id)],
        unknown_operations=_unknown(chain_id, _COUNTED if is_counted else _DERIVED),
        erased_transactions=erased,
        suppressed=suppressed,
        incidents=_incidents(chain_id),
        nodes=nodes,
        lags=_lags(last, {row[15]: (row[16], row[17]) for row in whole}),
        reconciliations=_reconciliations(of_nodes),
        rules=Rules(chain_id, rules, *of_rules),
        signers=signers,
    )


def nodes_of(chain_id: int) -> Sequence[Node]:
    """The nodes that are asked about a chain; one query."""
    return [Node(*row[:7]) for row in _rows(_NODES, chain_id)]


def reconciliations_of(chain_id: int) -> Sequence[Reconciliation]:
    """What came of the last comparison with each node; one query."""
    return _reconciliations(_rows(_NODES, chain_id))


def lags_of(chain_id: int) -> Sequence[Lag]:
    """How far each derivation of the generation that readers see is behind its fold."""
    rows = _rows(_LAGS, chain_id)
    folded = max((row[0] for row in rows if row[0] is not None), default=-1)
    return _lags(folded, {name: (height, at) for _, name, height, at in rows})


def _rows(statement: str, chain_id: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"chain": chain_id})
        return list(cursor.fetchall())


def _reconciliations(of_nodes: Sequence[tuple[Any, ...]]) -> Sequence[Reconciliation]:
    return [Reconciliation(row[0], *row[7:]) for row in of_nodes if row[8] is not None]


def _unknown(chain_id: int, unknown: str) -> Sequence[UnknownOperation]:
    return [
        UnknownOperation(_name(text, raw), *rest)
        for text, raw, *rest in _rows(_UNKNOWN.format(unknown=unknown), chain_id)
    ]


def _name(text: str | None, raw: bytes | None) -> str:
    return str(names.value_of(Name(kind=Name.Kind.OPERATION, text=text, raw=raw)))


def _incidents(chain_id: int) -> Sequence[Incident]:
    found = IncidentRow.objects.filter(chain_id=chain_id).order_by("-last_at", "-id")[:MOST_INCIDENTS]
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


def _lags(folded: int, reached: Mapping[str, tuple[int, datetime]]) -> Sequence[Lag]:
    """In the order of the names that readers know; a checkpoint of another name is none of theirs."""
    found = []
    for name in DerivationCheckpoint.Of.values:
        height, at = reached.get(name, (-1, None))
        found.append(Lag(name, height, max(0, folded - height), at))
    return found
