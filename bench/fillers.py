"""Fillers that have started before the clock does: interpreter, Django, connections.

`indexer.backfill` makes its pool of processes when it has windows to fill. Here it is given the same pool,
made beforehand, and nothing else of it changes.
"""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from bench.surgery import replace
from indexer import crew

_PAUSE = 0.05


def start(chain_id: int, urls: Sequence[str], *, processes: int) -> None:
    """Start so many, and have the next pool of `indexer.backfill` be theirs."""
    pool = ProcessPoolExecutor(
        processes,
        mp_context=get_context("spawn"),
        initializer=crew.begin,
        initargs=(chain_id, list(urls)),
    )
    ready: set[int] = set()
    while len(ready) < processes:
        ready.update(pool.map(_pid, range(processes)))

    def prepared(*_: Any, **__: Any) -> ProcessPoolExecutor:
        return pool

    replace("indexer.backfill", "ProcessPoolExecutor", prepared)


def _pid(_: int) -> int:
    """Whose turn it is; the pause lets the others have one too."""
    time.sleep(_PAUSE)
    return os.getpid()
