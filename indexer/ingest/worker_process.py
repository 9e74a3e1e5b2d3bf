"""A process that fills windows for another one, forked from one that has imported ``preloaded``. Imports
nothing that needs Django before that, or else ``begin``, has set it up: where Python finds the project only
once it is told where, as from another folder, nothing is preloaded.
"""

import gc
import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing import connection as pipes
from multiprocessing import parent_process
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from indexer.ingest.filler import Filler
    from indexer.ingest.window import Ingested
    from indexer.store.coverage import HeightRange

_fillers: list["Filler"] = []

# A window's objects hold no cycles and go with their last reference; Python looks for some after every 700.
_COLLECT_AFTER = 20_000


def begin(chain_id: int, urls: Sequence[str], end: "Connection") -> None:
    """Make this process a filler of one chain.

    A Ctrl-C is for the one that started it: when that one is gone, or closes its side of ``end``, this
    process ends at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(end,), daemon=True).start()
    django.setup()
    from indexer.ingest.filler import Filler
    from indexer.models import Chain
    from indexer.node.pool import NodePool

    _fillers.append(Filler(Chain.objects.get(id=chain_id), NodePool(urls)))
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def fill(window: "HeightRange") -> list["Ingested"]:
    """Fill one window."""
    return list(_fillers[0].fill(window))


def _end_with_parent(end: "Connection") -> None:
    parent = parent_process()
    if parent is not None:
        pipes.wait([parent.sentinel, end])
        os._exit(1)
