"""Windows of heights, filled by one process or by several, each with its own connections.

Each window ends in committed facts, so that whatever is interrupted goes on where it was.
"""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context

from indexer.ingest import worker_process
from indexer.ingest.filler import Filler
from indexer.ingest.window import MOST_BLOCKS, Ingested
from indexer.models import Chain
from indexer.store.coverage import HeightRange

PRELOADED = "indexer.ingest.preloaded"  # imported once for all processes, by the one that forks them
ENOUGH_FOR_SEVERAL = 3 * MOST_BLOCKS  # blocks: fewer are done before processes have started


def windows(spans: Sequence[HeightRange], *, blocks: int = MOST_BLOCKS) -> Iterator[HeightRange]:
    """Cut spans into windows of at most so many blocks, lowest first."""
    for span in spans:
        for first in range(span.first, span.last + 1, blocks):
            yield HeightRange(first, min(first + blocks - 1, span.last))


def fill_here(filler: Filler, spans: Sequence[HeightRange], *, blocks: int) -> Iterator[Ingested]:
    """Fill spans in this process."""
    for window in windows(spans, blocks=blocks):
        yield from filler.fill(window)


def fill_in_processes(
    chain: Chain, urls: Sequence[str], spans: Sequence[HeightRange], *, blocks: int, processes: int
) -> Generator[Sequence[Ingested]]:
    """Fill spans in several processes; gives the pages of each window as it is done.

    Where one window fails, those under way are finished first, then its error is raised. Where this process
    is interrupted, or this generator closed, they end at once; and with this process, however it ends.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
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
    executor: ProcessPoolExecutor, waiting: Iterator[HeightRange], *, ahead: int
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
