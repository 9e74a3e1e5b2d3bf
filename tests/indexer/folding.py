"""Folding in tests: all that is there, and up to a crash."""

from typing import Any

from indexer.models import Chain, Checkpoint
from indexer.records import fold


def fold_all(chain: Chain) -> list[fold.Folded]:
    done = []
    while (one := fold.fold(chain)) is not None:
        done.append(one)
    return done


def checkpoint(chain: Chain) -> Checkpoint:
    return Checkpoint.objects.get(chain=chain, generation=chain.generation)


class Crash(Exception):
    """Stands for the end of the process."""


def crash(*_: Any, **__: Any) -> None:
    raise Crash
