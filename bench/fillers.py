"""The start of fillers, told apart from their work: interpreter, Django, connections.

`indexer.ingest.backfill` makes a pool of processes, which start when there is work. Here the pool waits
until all of them are ready, and what that took is known; nothing else of it changes.
"""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import psutil

from bench.surgery import replace
from bench.usage import cpu_seconds

_PAUSE = 0.05


@dataclass(slots=True)
class Start:
    """What starting the fillers took so far, in seconds: on the clock, and of CPU."""

    seconds: float = 0.0
    cpu: float = 0.0


def told_apart() -> Start:
    """From now on, every pool of `indexer.ingest.backfill` starts at once; gives where that is counted."""
    start = Start()

    class Started(ProcessPoolExecutor):
        """A pool whose processes are all ready."""

        def __init__(self, processes: int, **options: Any) -> None:
            super().__init__(processes, **options)
            this = psutil.Process()
            began, used = time.monotonic(), cpu_seconds(this)
            ready: set[int] = set()
            while len(ready) < processes:
                ready.update(self.map(_pid, range(processes)))
            start.seconds += time.monotonic() - began
            start.cpu += cpu_seconds(this) - used

    replace("indexer.ingest.backfill", "ProcessPoolExecutor", Started)
    return start


def _pid(_: int) -> int:
    """Whose turn it is; the pause lets the others have one too."""
    time.sleep(_PAUSE)
    return os.getpid()
