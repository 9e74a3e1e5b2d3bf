"""What is indexed, how far it is proved, and what was not understood: plain data for the status page and
command.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from indexer import derive
from indexer.derive.checkpoints import Lag
from indexer.models import (
    Chain,
    ConfigurationStanding,
    Incident,
    Node,
    Reconciliation,
    Suppression,
    Transaction,
)
from indexer.records.totals import totals_of
from indexer.store import coverage, names
from indexer.store.coverage import HeightRange
from indexer.trust.proof_status import unproved

_UNKNOWN = """
    SELECT name_id, count(*), min(position >> 20), max(position >> 20)
    FROM indexer_operation WHERE chain_id = %s AND reading > 0 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100
"""


def status_of(chain: Chain) -> dict[str, Any]:
    """One chain as JSON-ready data. Heights are of last blocks, -1 where there is none; times are UTC."""
    totals = totals_of(chain)
    nodes = list(Node.objects.filter(chain=chain).order_by("id"))
    heights = (each.height for each in nodes if each.height is not None and not each.was_false)
    head = max(heights, default=-1)
    return {
        "chain": bytes(chain.brid).hex().upper(),
        "name": chain.name,
        "network": chain.network,
        "height": totals.height,
        "behind": max(0, head - totals.height),
        "blocks": totals.blocks,
        "transactions": totals.transactions,
        "operations": totals.operations,
        "records": totals.records,
        "live": totals.live,
        "generation": chain.generation,
        "digest": totals.digest.hex().upper(),
        "covered": _spans(coverage.covered(chain.id)),
        "gaps": _spans(coverage.gaps(chain.id, last=head)),
        "unproved": [each.why for each in unproved(chain.id)],
        "configurations": [_configuration(each) for each in _standings(chain)],
        "unknown_operations": _unknown_operations(chain),
        "erased_transactions": Transaction.objects.filter(chain=chain, offset=None).count(),
        "incidents": [
            _incident(each) for each in Incident.objects.filter(chain=chain).order_by("-last_at")[:100]
        ],
        "suppressed": Suppression.objects.count(),
        "nodes": [_node(each) for each in nodes],
        "lags": [_lag(each) for each in derive.lags(chain)],
        "reconciliations": [_reconciliation(each) for each in _newest_reconciliations(chain)],
    }


def _spans(spans: Sequence[HeightRange]) -> list[list[int]]:
    return [[each.first, each.last] for each in spans]


def _standings(chain: Chain) -> Sequence[ConfigurationStanding]:
    return list(ConfigurationStanding.objects.filter(chain=chain).order_by("height"))


def _configuration(each: ConfigurationStanding) -> dict[str, Any]:
    return {
        "height": each.height,
        "hash": bytes(each.hash).hex().upper(),
        "standing": each.standing,
        "by": each.by,
        "why": each.why,
    }


def _unknown_operations(chain: Chain) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN, [chain.id])
        rows = cursor.fetchall()
    said = names.OPERATIONS.values(row[0] for row in rows)
    return [
        {"name": said[name], "times": times, "first_height": first, "last_height": last}
        for name, times, first, last in rows
    ]


def _incident(each: Incident) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "height": each.height,
        "subject": each.subject,
        "message": each.message,
        "first_at": each.first_at.isoformat(),
        "last_at": each.last_at.isoformat(),
        "times": each.times,
    }


def _newest_reconciliations(chain: Chain) -> Sequence[Reconciliation]:
    """The last one of each node."""
    found = Reconciliation.objects.filter(node__chain=chain).select_related("node")
    return list(found.order_by("node", "-id").distinct("node"))


def _reconciliation(each: Reconciliation) -> dict[str, Any]:
    return {
        "node": each.node.url,
        "height": each.height,
        "at": each.at.isoformat(),
        "asked": each.asked,
        "differing": each.differing,
        "detail": each.detail,
    }


def _lag(each: Lag) -> dict[str, Any]:
    return {
        "name": each.name,
        "height": each.height,
        "behind": each.behind,
        "at": each.at and each.at.isoformat(),
    }


def _node(each: Node) -> dict[str, Any]:
    return {
        "url": each.url,
        "height": each.height,
        "version": each.version,
        "answered_at": each.answered_at and each.answered_at.isoformat(),
        "failed_at": each.failed_at and each.failed_at.isoformat(),
        "failure": each.failure,
    }
