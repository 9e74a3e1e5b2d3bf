"""Fills windows of heights: asks a node for each page, and the next one where what it gives does not hold."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from indexer.ingest.window import Behind, ConfigurationRefused, Ingested, PageSize, ingest_page
from indexer.models import Chain
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError, NoNodeAnswers
from indexer.node.pool import NodePool
from indexer.store.coverage import HeightRange
from indexer.store.write import SuppressionChanged
from indexer.trust import configurations, failover
from indexer.trust.configuration_history import ConfigurationHistory, configuration_history_of

_MOST_REFUSED = 5  # times that a block names a configuration that is not the one here


@dataclass(slots=True)
class Filler:
    """What fills windows of one chain in one process: its nodes, the configurations, how much to ask for."""

    chain: Chain
    pool: NodePool
    size: PageSize = field(default_factory=PageSize)
    _history: ConfigurationHistory | None = None
    _counts: list[int] = field(default_factory=list)  # of blocks, by nodes that lack the page's last one

    def fill(self, span: HeightRange) -> Iterator[Ingested]:
        """Fill a span from its top down, page by page; where no node has its top yet, what is below that, if
        anything.

        Raises ``indexer.trust.failover.Contradiction`` and ``indexer.node.errors.NoNodeAnswers``.
        """
        last = span.last
        while last >= span.first:
            self._counts.clear()
            try:
                done = failover.ask(
                    self.chain, self.pool, partial(self._page, span=HeightRange(span.first, last))
                )
            except NoNodeAnswers:
                if not self._counts or max(self._counts) > last:
                    raise
                last = max(self._counts) - 1
            else:
                yield done
                last = done.span.first - 1

    def _page(self, node: NodeClient, span: HeightRange) -> Ingested:
        """One page. What is erased meanwhile, or configured meanwhile, makes it start over; a node that names
        another configuration for one block each time is refused in the end.
        """
        refused = Counter[int]()
        while True:
            history = self._history or configuration_history_of(self.chain)
            self._history = history
            try:
                return ingest_page(self.chain, node, span, history=history, size=self.size)
            except Behind as behind:
                self._counts.append(behind.count)
                raise
            except SuppressionChanged:
                continue
            except ConfigurationRefused as refusal:
                refused[refusal.height] += 1
                if refused[refusal.height] > _MOST_REFUSED:
                    raise
                self._history = None
                self._ask_others(node, refusal)
                configurations.reconsider(self.chain, self.pool, node, refusal, refusal.named)

    def _ask_others(self, node: NodeClient, refusal: ConfigurationRefused) -> None:
        """Where another node has another block at that height, one of the two is false: the next is asked."""
        for other in self.pool.others(node):
            try:
                with self.pool.failing_fast():
                    block = other.block_at(bytes(self.chain.brid), refusal.height)
            except NodeError:
                continue  # a node that does not answer contradicts nobody
            if block is not None and block.rid != refusal.rid:
                raise refusal
