"""Windows of heights, filled by one process or by several, each with its own connections.

Each window ends in committed facts, so that whatever is interrupted goes on where it was.
"""

import logging
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

from indexer.ingest import worker_process
from indexer.ingest.window import MOST_BLOCKS, ConfigurationRefused, Ingested, PageSize, ingest_page
from indexer.models import Chain
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError
from indexer.node.pool import NodePool
from indexer.store.coverage import Span
from indexer.store.write import SuppressionChanged
from indexer.trust import configurations, failover
from indexer.trust.configuration_history import Timeline, timeline_of

logger = logging.getLogger(__name__)

ENOUGH_FOR_SEVERAL = 3 * MOST_BLOCKS  # blocks: fewer are done before processes have started


@dataclass(slots=True)
class Filler:
    """What fills windows of one chain in one process: its nodes, the configurations, how much to ask for."""

    chain: Chain
    pool: NodePool
    size: PageSize = field(default_factory=PageSize)
    _timeline: Timeline | None = None

    def fill(self, span: Span) -> Iterator[Ingested]:
        """Fill a span from its top down, page by page.

        Raises ``indexer.trust.failover.Contradiction`` and ``indexer.node.errors.NoNodeAnswers``.
        """
        last = span.last
        while last >= span.first:
            done = failover.ask(self.chain, self.pool, partial(self._page, span=Span(span.first, last)))
            yield done
            last = done.span.first - 1

    def _page(self, node: NodeClient, span: Span) -> Ingested:
        """One page. What is erased meanwhile, or configured meanwhile, makes it start over."""
        while True:
            timeline = self._timeline or timeline_of(self.chain)
            self._timeline = timeline
            try:
                return ingest_page(self.chain, node, span, timeline=timeline, size=self.size)
            except SuppressionChanged:
                continue
            except ConfigurationRefused as refusal:
                self._timeline = None
                self._ask_others(node, refusal)
                configurations.reconsider(self.chain, self.pool, node, refusal, refusal.named)

    def _ask_others(self, node: NodeClient, refusal: ConfigurationRefused) -> None:
        """Where another node has another block at that height, one of the two is false: the next is asked."""
        for other in self.pool.others(node):
            try:
                with self.pool.hurried():
                    block = other.block_at(bytes(self.chain.brid), refusal.height)
            except NodeError:
                continue  # a node that does not answer contradicts nobody
            if block is not None and block.rid != refusal.rid:
                raise refusal


def windows(spans: Sequence[Span], *, blocks: int = MOST_BLOCKS) -> Iterator[Span]:
    """Cut spans into windows of at most so many blocks, lowest first."""
    for span in spans:
        for first in range(span.first, span.last + 1, blocks):
            yield Span(first, min(first + blocks - 1, span.last))


def fill_here(filler: Filler, spans: Sequence[Span], *, blocks: int) -> Iterator[Ingested]:
    """Fill spans in this process."""
    for window in windows(spans, blocks=blocks):
        yield from filler.fill(window)


def fill_in_processes(
    chain: Chain, urls: Sequence[str], spans: Sequence[Span], *, blocks: int, processes: int
) -> Generator[Sequence[Ingested]]:
    """Fill spans in several processes; gives the pages of each window as it is done.

    Where one window fails, those under way are finished first, then its error is raised. Where this process
    is interrupted, or this generator closed, they end at once; and with this process, however it ends.
    """
    context = get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    begin = (chain.id, list(urls), theirs)
    with (
        theirs,
        ours,
        ProcessPoolExecutor(
            processes, mp_context=context, initializer=worker_process.begin, initargs=begin
        ) as executor,
    ):
        try:
            # Two windows a process: one under way, one that waits for it.
            yield from _filled(executor, windows(spans, blocks=blocks), ahead=processes * 2)
        except (KeyboardInterrupt, GeneratorExit):
            ours.close()
            raise
        # Nothing is under way any more. One that was killed as it took a window leaves its lock taken, and
        # the others would wait for that and not see that they are to end.
        ours.close()


def _filled(
    executor: ProcessPoolExecutor, waiting: Iterator[Span], *, ahead: int
) -> Iterator[Sequence[Ingested]]:
    """The pages of each window as it is done, ``ahead`` of which are handed out at once."""
    running: set[Future[list[Ingested]]] = set()
    while True:
        while len(running) < ahead and (window := next(waiting, None)) is not None:
            running.add(executor.submit(worker_process.fill, window))
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for each in done:
            yield each.result()
