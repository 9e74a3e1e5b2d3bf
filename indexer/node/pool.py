"""Several nodes of one chain: one is asked until it fails, then the next.

A pool is for one run over one chain. It keeps why each node failed and when, and it stops asking a node whose
answer was found false.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from indexer.node.address import parse
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError, NoNodeAnswers
from indexer.node.transport import Limits, Patience, fail_fast, patient

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a node failed last, in one sentence, and when (seconds since 1970); `was_false` if it is not
    asked again.
    """

    why: str
    at: float
    was_false: bool = False


@dataclass(frozen=True, slots=True)
class _Turn:
    """A node that is to be asked: fail-fast at first."""

    node: NodeClient
    failing_fast: bool


class NodePool:
    """The nodes at `urls`, one for each origin (scheme, host and port), in the given order.

    May be used by several threads. Raises BadNodeUrl for an address that cannot be one, ValueError for none
    at all.
    """

    def __init__(
        self,
        urls: Iterable[str],
        *,
        limits: Limits | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        first_of_origin: dict[str, str] = {}
        for url in urls:
            first_of_origin.setdefault(parse(url).origin, url)
        if not first_of_origin:
            raise ValueError("no node was named; give at least one address like http://localhost:7740")
        self.nodes: tuple[NodeClient, ...] = tuple(
            NodeClient(url, limits=limits, patience=patience) for url in first_of_origin.values()
        )
        self._clock = clock
        self._lock = threading.Lock()
        self._current = self.nodes[0]
        self._failures: dict[str, Failure] = {}

    def close(self) -> None:
        """Closes all connections."""
        for node in self.nodes:
            node.close()

    @property
    def current(self) -> NodeClient:
        """The node that is asked first."""
        return self._current

    @property
    def failures(self) -> dict[str, Failure]:
        """The last failure of each node (by its name) that failed in this run, also where it answered
        again later.
        """
        with self._lock:
            return dict(self._failures)

    def ask(self, question: Callable[[NodeClient], T]) -> T:
        """What `question` gives with the current node, or with the next that answers, which is then the
        current one.

        No node is waited for long while there are others; where none of them answers, each that was silent is
        asked again with patience. Raises NoNodeAnswers when every node fails; one that does not have the
        chain, or that refuses what is asked, counts as failing: the questions are ours, and other nodes
        answer them.
        """
        errors: dict[str, NodeError] = {}
        turn = [_Turn(node, failing_fast=True) for node in self._in_turn()]
        for each in turn:
            node = each.node
            try:
                with self.failing_fast() if each.failing_fast else patient():
                    return self._kept_to(node, question(node))
            except NodeError as error:
                self.remember(node, error)
                errors[node.name] = error
                if each.failing_fast and error.is_fail_fast:
                    turn.append(_Turn(node, failing_fast=False))
        raise NoNodeAnswers(self._reasons(errors), errors)

    @contextmanager
    def failing_fast(self) -> Iterator[None]:
        """Inside, a node that is silent is given up soon, unless it is the only one that may be asked."""
        with fail_fast() if len(self._in_turn()) > 1 else patient():
            yield

    @property
    def believed(self) -> tuple[NodeClient, ...]:
        """The nodes that may be asked, the current one first: all but those whose answers were false."""
        return tuple(self._in_turn())

    @property
    def answering(self) -> tuple[NodeClient, ...]:
        """Those that are believed, without the ones that failed and gave no answer yet: to ask each of
        them.
        """
        failed = self.failures
        return tuple(node for node in self._in_turn() if node.has_answered or node.name not in failed)

    def others(self, than: NodeClient) -> tuple[NodeClient, ...]:
        """The other nodes, without those whose answers were false: for a second opinion."""
        return tuple(node for node in self.nodes if node is not than and not self._is_false(node))

    def report_false(self, node: NodeClient, why: str) -> None:
        """An answer of `node` did not hold: it is not asked again in this run. `why` is one plain
        sentence.
        """
        with self._lock:
            self._failures[node.name] = Failure(
                why=f"its answer was false: {why}", at=self._clock(), was_false=True
            )
        logger.warning("node %s is not asked again: %s", node.name, why)

    def forgive(self) -> None:
        """Forget why nodes failed, but for those whose answers were false: they are asked anew."""
        with self._lock:
            self._failures = {name: each for name, each in self._failures.items() if each.was_false}

    def _in_turn(self) -> list[NodeClient]:
        start = self.nodes.index(self._current)
        turn = self.nodes[start:] + self.nodes[:start]
        return [node for node in turn if not self._is_false(node)]

    def _is_false(self, node: NodeClient) -> bool:
        with self._lock:
            failure = self._failures.get(node.name)
        return failure is not None and failure.was_false

    def remember(self, node: NodeClient, error: NodeError) -> None:
        """Keep that a node failed, and why; not where it is well."""
        logger.warning("%s", error)
        if not error.is_failure:
            return
        with self._lock:
            known = self._failures.get(node.name)
            if known is None or not known.was_false:
                self._failures[node.name] = Failure(why=error.why, at=self._clock())

    def _kept_to(self, node: NodeClient, answer: T) -> T:
        if node is not self._current:
            logger.info("going on with node %s", node.name)
            self._current = node
        return answer

    def _reasons(self, errors: Mapping[str, NodeError]) -> dict[str, str]:
        known = self.failures
        return {
            node.name: errors[node.name].why if node.name in errors else known[node.name].why
            for node in self.nodes
        }
