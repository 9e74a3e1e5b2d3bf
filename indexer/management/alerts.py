"""What whoever runs the indexer must know: which chain nodes have, when none answers, and incidents."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, connection
from django.utils import timezone

from indexer.models import Chain, Incident, Node
from indexer.node.errors import NoNodeAnswers, printable
from indexer.node.pool import NodePool
from indexer.node.transport import Limits, Patience

MIB = 1 << 20
LEAST_ROOM = 48 * MIB
"""Bytes of a disk below which it is full: PostgreSQL writes its log in files of 16 MiB."""

_ASK_EVERY = 3.0  # seconds between tries to learn of a chain
_ONCE = Patience(attempts=1)
_SOON = Limits(connect_seconds=5.0, read_seconds=10.0, total_seconds=20.0)
_LOOKS = 3  # in a row, before a silence is told: one failure alone is none
_LONGEST_TOLD = 300  # letters of a reason


class FirstChain:
    """Asks nodes for their first chain, in a thread of its own, until one tells."""

    def __init__(self, nodes: Sequence[str]) -> None:
        self.brid: bytes | None = None
        self.failure = ""
        self._told = False
        self._nodes = nodes
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> "FirstChain":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    @property
    def is_news(self) -> bool:
        """Whether there is a failure and this was not asked since."""
        news, self._told = bool(self.failure) and not self._told, bool(self.failure)
        return news

    def _ask(self) -> None:
        while not self._stop.is_set():
            with closing(NodePool(self._nodes, patience=_ONCE, limits=_SOON)) as pool:
                try:
                    self.brid = pool.ask(lambda node: node.brid())
                    return
                except NoNodeAnswers as error:
                    self.failure = _told(*next(iter(error.reasons.items())))
            self._stop.wait(_ASK_EVERY)


class Room:
    """Tells when no room is left on a folder's disk, and when there is some again. PostgreSQL says so in its
    log alone, and what it refuses for it is only done again.
    """

    def __init__(self, folder: Path, *, least: int = LEAST_ROOM) -> None:
        self._folder = folder
        self._least = least
        self._is_told = False

    def lines(self) -> Iterator[str]:
        """What changed since the last look."""
        free = shutil.disk_usage(self._folder).free
        if free < self._least and not self._is_told:
            self._is_told = True
            yield (
                f"The disk of {self._folder} is full: {free // MIB:,} MiB are left. Make room: nothing more "
                "is taken in before that, and nothing is lost."
            )
        elif free >= 2 * self._least and self._is_told:
            self._is_told = False
            yield f"There is room on the disk of {self._folder} again."


class Alerts:
    """Tells when no node of a chain answers any more, and when one does again; and of incidents from now on,
    once for each kind and subject of a chain.
    """

    def __init__(self) -> None:
        self._silent: dict[int, int] = {}  # looks in a row
        self._since = timezone.now()
        self._told: set[tuple[int, str, str]] = set()

    def lines(self) -> Iterator[str]:
        """What changed since the last look."""
        try:
            views = _views()
            incidents = list(Incident.objects.filter(last_at__gte=self._since).order_by("last_at"))
        except DatabaseError:  # it is away: whoever watches over it says so
            connection.close()
            return
        for view in views:
            looks = self._silent.get(view.id, 0)
            self._silent[view.id] = looks + 1 if view.failure else 0
            if view.failure and looks + 1 == _LOOKS:
                yield (
                    f"{view.name}: its nodes give nothing ({view.failure}). It is tried again and again; the "
                    "site shows what is indexed so far."
                )
            elif not view.failure and looks >= _LOOKS:
                yield f"{view.name}: a node answers again."
        names = {view.id: view.name for view in views}
        for each in incidents:
            key = (each.chain_id, each.kind, each.subject)
            self._since = each.last_at
            if key not in self._told and each.chain_id in names:
                self._told.add(key)
                said = printable(each.message)
                yield f"{names[each.chain_id]}: incident {each.kind}, see the status page: {said}"


@dataclass(frozen=True, slots=True)
class _View:
    """A chain, and why none of its nodes answers; empty where one does, or was not asked yet."""

    id: int
    name: str
    failure: str


def _views() -> list[_View]:
    failing = _failing()
    named = [(each.id, each.name or bytes(each.brid).hex().upper()) for each in Chain.objects.order_by("id")]
    return [_View(id_, name, failing.get(id_, "")) for id_, name in named]


def _failing() -> dict[int, str]:
    """Why the last node to fail did, for each chain whose nodes all fail."""
    found: dict[int, str] = {}
    well = set()
    for node in Node.objects.order_by("failed_at"):
        if node.failed_at is None or (node.answered_at is not None and node.answered_at >= node.failed_at):
            well.add(node.chain_id)
        else:
            found[node.chain_id] = _told(node.url, node.failure)
    return {chain: why for chain, why in found.items() if chain not in well}


def _told(node: str, why: str) -> str:
    told = f"{node}: {why.rstrip('.')}"
    return told if len(told) <= _LONGEST_TOLD else f"{told[:_LONGEST_TOLD]}…"
