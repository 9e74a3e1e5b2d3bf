"""The nodes of a chain as they are known: which to ask, and what came of asking them, for whoever reads that.

A node is written down by its address without credentials.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from indexer.models import Chain, Node
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError
from indexer.node.pool import NodePool

_RESTS = timedelta(minutes=5)  # for a node that failed, while others answer
_NOTHING: Mapping[str, int] = {}


def known_urls(chain: Chain) -> list[str]:
    """The nodes that were asked about a chain, the last that answered first.

    One that failed lately is left out while there is another.
    """
    nodes = list(Node.objects.filter(chain=chain).order_by(F("answered_at").desc(nulls_last=True), "id"))
    lately = timezone.now() - _RESTS
    well = [each.url for each in nodes if each.failed_at is None or each.failed_at < lately]
    return well or [each.url for each in nodes]


def remember(chain: Chain, pool: NodePool, heights: Mapping[str, int] = _NOTHING) -> None:
    """Keep what the nodes of a run did: the height of the last block of each that said it just now (by its
    name), and why and when the others failed. What a node says that was found false does not count.
    """
    now = timezone.now()
    for node in pool.nodes:
        failure = pool.failures.get(node.name)
        seen: dict[str, object] = {}
        if node.name in heights:
            seen = {"height": heights[node.name], "answered_at": now}
        if failure is not None:
            seen |= {"failure": failure.why, "failed_at": datetime.fromtimestamp(failure.at, UTC)}
        if failure is not None and failure.was_false:
            seen["height"] = None
        row, _ = Node.objects.update_or_create(chain=chain, url=node.name, defaults=seen)
        if node.name in heights and (row.version is None or failure is not None):
            Node.objects.filter(id=row.id).update(version=_version_of(node))


def _version_of(node: NodeClient) -> int | None:
    """For readers alone: a node that does not say it is none the worse."""
    try:
        return node.version()
    except NodeError:
        return None
