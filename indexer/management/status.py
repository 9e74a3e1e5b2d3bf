"""What ``manage.py status`` prints of a chain, as plain data."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from indexer.dapp.replay import RULES
from indexer.models import Chain, ConfigurationStanding
from indexer.postchain.times import is_quiet
from indexer.store.coverage import HeightRange
from indexer.trust.index_status import Incident, Node, index_status


def status_of(chain: Chain) -> dict[str, Any]:
    """One chain as JSON-ready data. Heights are of last blocks, -1 where there is none; times are UTC."""
    found = index_status(chain.id, is_counted=True)
    standings = ConfigurationStanding.objects.filter(chain=chain).order_by("height")
    return {
        "chain": bytes(chain.brid).hex().upper(),
        "name": chain.name,
        "network": chain.network,
        "height": found.height,
        "behind": max(0, found.head - found.height),
        "ahead": found.ahead,
        "last_block_at": None if found.last_block_at is None else found.last_block_at.isoformat(),
        "quiet": is_quiet(found.last_block_at, chain.longest_block_ms, now=timezone.now()),
        "blocks": found.blocks,
        "transactions": found.transactions,
        "operations": found.operations,
        "records": found.records,
        "live": found.live,
        "generation": chain.generation,
        "rules": found.rules.folded_by,
        "rules_now": RULES,
        "waits": found.rules.sentence,
        "digest": bytes(chain.brid if found.digest is None else found.digest).hex().upper(),
        "covered": _ranges(found.covered),
        "gaps": _ranges(found.gaps),
        "unproved": list(found.unproved),
        "configurations": [_configuration(each) for each in standings],
        "unknown_operations": [asdict(each) for each in found.unknown_operations],
        "erased_transactions": found.erased_transactions,
        "incidents": [_incident(each) for each in found.incidents],
        "suppressed": found.suppressed,
        "nodes": [_node(each) for each in found.nodes],
        "lags": [_dated(asdict(each)) for each in found.lags],
        "reconciliations": [_dated(asdict(each)) for each in found.reconciliations],
    }


def _ranges(ranges: Sequence[HeightRange]) -> list[list[int]]:
    return [[each.first, each.last] for each in ranges]


def _configuration(each: ConfigurationStanding) -> dict[str, Any]:
    return {
        "height": each.height,
        "hash": bytes(each.hash).hex().upper(),
        "standing": each.standing,
        "by": each.by,
        "why": each.why,
    }


def _incident(each: Incident) -> dict[str, Any]:
    return _dated(asdict(each)) | {"height": -1 if each.height is None else each.height}


def _node(each: Node) -> dict[str, Any]:
    found = _dated(asdict(each))
    return {name: found[name] for name in ("url", "height", "version", "answered_at", "failed_at", "failure")}


def _dated(said: dict[str, Any]) -> dict[str, Any]:
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in said.items()}
