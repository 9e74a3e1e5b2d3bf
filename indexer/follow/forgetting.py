"""A chain is forgotten: nobody is asked about it any more, and all that is here of it goes.

For a chain that was begun anew under the same RID, or that nobody wants any more. Suppressions stay, since
they name texts and transactions and not chains.
"""

import time
from collections.abc import Callable

from django.db import connection, transaction

from indexer.derive import registry
from indexer.follow import networks
from indexer.models import Chain, Generation
from indexer.records import erase
from indexer.store import locks

_TRIES = 60
_BETWEEN = 0.5  # seconds


class AtWork(Exception):
    """Somebody follows or rebuilds the chain, and did not end in time."""

    def __init__(self) -> None:
        super().__init__("It is being read or folded just now. Nobody begins that again: try once more.")


def forget(chain: Chain, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Remove a chain with its facts, records, and the texts that no other chain says.

    Waits for whoever follows it. Raises ``AtWork`` where that takes too long; nobody is asked about the chain
    any more then, and nothing else has changed.
    """
    networks.stop(bytes(chain.brid))
    with connection.cursor() as cursor:
        if not locks.hold_build(cursor, chain.id):
            raise AtWork
        try:
            _wait(lambda: locks.hold_follow(cursor, chain.id), sleep)
            try:
                _wait(lambda: not locks.is_filled(chain.id), sleep)
                _remove(chain)
            finally:
                locks.release_follow(cursor, chain.id)
        finally:
            locks.release_build(cursor, chain.id)
    erase.drop_unsaid()


def _wait(is_so: Callable[[], bool], sleep: Callable[[float], None]) -> None:
    for _ in range(_TRIES):
        if is_so():
            return
        sleep(_BETWEEN)
    raise AtWork


def _remove(chain: Chain) -> None:
    """In one transaction, when nobody folds or derives. Who still writes a window misses the chain's row."""
    with transaction.atomic(), connection.cursor() as cursor:
        for generation in Generation.objects.filter(chain=chain).values_list("generation", flat=True):
            locks.own_fold(cursor, chain.id, generation)
            for each in registry.derivations():
                locks.own_derive(cursor, chain.id, generation, each.lock)
        Chain.objects.filter(id=chain.id).delete()
