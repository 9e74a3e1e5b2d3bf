"""The nodes of a chain as they are known: which to ask, and what came of asking them, for whoever reads that.

A node is written down by its address without credentials.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import F, Max, Q
from django.utils import timezone

from indexer.models import Chain, Node
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError
from indexer.node.pool import NodePool
from indexer.node.transport import fail_fast
from indexer.records.totals import totals_of

_RESTS = timedelta(minutes=5)  # for a node that failed, while others answer
_TURN = timedelta(seconds=5)  # in which a chain whose nodes fail is asked about again
_LONGEST_PAUSE = timedelta(seconds=30)  # where all fail
_NOTHING: Mapping[str, int] = {}


def known_urls(chain: Chain) -> list[str]:
    """The nodes to ask about a chain now, the last that answered first.

    One that failed lately is left out while there is another, and one whose answer was false also while the
    others only fail. Where all of them fail each pauses for as long as it has been failing beyond one turn of
    the schedule, at most half a minute, so that there may be none to ask.
    """
    now = timezone.now()
    nodes = list(Node.objects.filter(chain=chain).order_by(F("answered_at").desc(nulls_last=True), "id"))
    well = [each for each in nodes if each.failed_at is None or each.failed_at < now - _RESTS]
    last = [each for each in nodes if not each.was_false] or nodes
    return [each.url for each in well or last if each in well or _paused_until(each) <= now]


def most_blocks(chain: Chain) -> int:
    """The most blocks that a node whose answers hold said that it has, or that are folded here."""
    said = Node.objects.filter(chain=chain, was_false=False).aggregate(height=Max("height"))["height"]
    return max(-1 if said is None else said, totals_of(chain).height) + 1


def leading_url(chain: Chain, urls: Sequence[str]) -> str | None:
    """Of the nodes to ask now the one that had most blocks, and of such ones the first; None where there is
    none to ask.
    """
    said = Node.objects.filter(chain=chain, url__in=urls)
    heights: dict[str, int] = {each.url: each.height for each in said if each.height is not None}
    return max(urls, key=lambda url: heights.get(url, -1), default=None)


def gave_before(brid: bytes | None, urls: Sequence[str]) -> bool:
    """Whether one of these nodes was heard of a chain before; without a RID, of any."""
    of_chain = Q() if brid is None else Q(chain__brid=brid)
    return Node.objects.filter(of_chain, url__in=urls, answered_at__isnull=False).exists()


def heard(chain: Chain, url: str, height: int | None = None) -> None:
    """Keep that a node answered just now; and the height of the last block that it gave, if it gave any.

    Where it gave none, answers that follow soon upon each other are kept as one.
    """
    now = timezone.now()
    row = Node.objects.filter(chain=chain, url=url)
    if height is None:
        row.filter(answered_at__lt=now - _TURN).update(answered_at=now)
    else:
        row.update(answered_at=now, height=height)


def _paused_until(node: Node) -> datetime:
    failed_at = node.failed_at or datetime.min.replace(tzinfo=UTC)
    failing = _LONGEST_PAUSE if node.answered_at is None else failed_at - node.answered_at - _TURN
    return failed_at + min(failing, _LONGEST_PAUSE)


def remember(
    chain: Chain, pool: NodePool, heights: Mapping[str, int] = _NOTHING, *, held: bool = False
) -> None:
    """Keep what the nodes of a run did: the height of the last block of each that said it just now (by its
    name), and why and when the others failed. Where what they gave ``held``, those that did not fail are
    believed again, and why they failed before is told no more. A node that nobody is to ask any more is not
    written down again.
    """
    now = timezone.now()
    for node in pool.nodes:
        failure = pool.failures.get(node.name)
        seen: dict[str, object] = {}
        if node.name in heights:
            seen = {"height": heights[node.name], "answered_at": now}
        if failure is not None:
            seen |= {"failure": failure.why, "failed_at": datetime.fromtimestamp(failure.at, UTC)}
        elif held:
            seen["failure"] = ""
        if held or (failure is not None and failure.was_false):
            seen["was_false"] = failure is not None and failure.was_false
        row = Node.objects.filter(chain=chain, url=node.name)
        if seen:
            row.update(**seen)
        if node.name in heights and (failure is not None or row.filter(version=None).exists()):
            row.update(version=_version_of(node))


def _version_of(node: NodeClient) -> int | None:
    """For readers alone: a node that does not say it is none the worse."""
    try:
        with fail_fast():
            return node.version()
    except NodeError:
        return None
