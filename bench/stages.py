"""Where the time of one process goes: functions of the product wrapped with a stopwatch, in the bench alone.

A stage's seconds are its own: what a wrapped function calls that is wrapped too counts there. Wall time less
CPU time is waiting, for the node or for PostgreSQL.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from time import perf_counter, thread_time
from typing import Any, Final

from bench.surgery import owner_of, replace

OTHER: Final = "the rest"

# Where a function is looked up, its name there, and the stage that it is.
WRAPPED: Final = (
    ("indexer.node.transport:Transport", "exchange", "wait for the node, receive"),
    ("indexer.node.answers", "blocks", "parse JSON and hex"),
    ("indexer.postchain.verify", "decode", "decode and hash"),
    ("indexer.postchain.verify", "first_bad_signature", "signatures"),
    ("indexer.ingest.window", "verify_block", "header, root, witness"),
    ("indexer.ingest.window", "facts_of", "rows"),
    ("indexer.dapp.rell_json", "normalise", "Rell normalisation"),
    ("indexer.dapp.rell_json", "content_of", "Rell normalisation"),
    ("indexer.store.body", "pack", "compress bodies"),
    ("indexer.store.write", "write_texts", "COPY content"),
    ("indexer.ingest.window", "write_window", "COPY facts"),
    ("indexer.records.fold", "read_blocks", "fold: read"),
    ("indexer.records.fold", "read_operations", "fold: read"),
    ("indexer.store.ledger:StoredLedger", "load", "fold: read"),
    ("indexer.records.fold:_Batch", "run", "fold: apply"),
    ("indexer.dapp.replay", "next_digest", "fold: digest"),
    ("indexer.store.ledger:StoredLedger", "flush", "fold: write"),
    ("indexer.records.fold", "fold", "fold: links, checkpoint, commit"),
)
STAGES: Final = (*dict.fromkeys(stage for _, _, stage in WRAPPED), OTHER)


class Stopwatch:
    """Seconds by stage: wall and CPU of this thread."""

    def __init__(self) -> None:
        self._wall = dict.fromkeys(STAGES, 0.0)
        self._cpu = dict.fromkeys(STAGES, 0.0)
        self._stage = OTHER
        self._at = (0.0, 0.0)

    def start(self) -> None:
        """The clock runs from here on."""
        self._at = (perf_counter(), thread_time())

    def enter(self, stage: str) -> str:
        """From here on it is this stage's time. Gives the stage whose time it was."""
        wall, cpu = perf_counter(), thread_time()
        before = self._stage
        self._wall[before] += wall - self._at[0]
        self._cpu[before] += cpu - self._at[1]
        self._stage, self._at = stage, (wall, cpu)
        return before

    def timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """The function, its time counted."""

        @wraps(function)
        def counted(*arguments: Any, **named: Any) -> Any:
            before = self.enter(stage)
            try:
                return function(*arguments, **named)
            finally:
                self.enter(before)

        return counted

    def seconds(self) -> dict[str, dict[str, float]]:
        """Wall and CPU seconds of each stage."""
        self.enter(OTHER)
        return {stage: {"wall": self._wall[stage], "cpu": self._cpu[stage]} for stage in STAGES}


@contextmanager
def watched_stages(stopwatch: Stopwatch) -> Iterator[None]:
    """Count the time of every wrapped function; they are themselves again afterwards."""
    before = []
    for place, name, stage in WRAPPED:
        function = getattr(owner_of(place), name)
        before.append((place, name, function))
        replace(place, name, stopwatch.timed(function, stage))
    stopwatch.start()
    try:
        yield
    finally:
        for place, name, function in before:
            replace(place, name, function)
