"""How a run of ``sync`` ended: its exit status, and the one line of JSON that it writes whatever happens.

Imports next to nothing, so that the line can be written while nothing else is there yet.
"""

import json
from collections.abc import Mapping
from enum import IntEnum

FIGURES = (
    "chain",
    "height",
    "blocks",
    "transactions",
    "operations",
    "records",
    "live",
    "digest",
    "incidents",
    "unproved",
    "last_block_at",
)


class ExitStatus(IntEnum):
    """How a run ended, as its exit status says it."""

    PROVED = 0
    LOCAL_TROUBLE = 1
    USAGE = 2
    NOT_ALL_PROVED = 3
    CONTRADICTION = 4
    NO_NODE = 5
    INTERRUPTED = 130


def line(figures: Mapping[str, object], *, seconds: float, exit: int) -> str:
    """One line of JSON. A figure that is not known is null."""
    told = {name: figures.get(name) for name in FIGURES}
    return json.dumps({**told, "seconds": round(seconds, 2), "exit": int(exit)})
