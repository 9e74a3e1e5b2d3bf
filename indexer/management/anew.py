"""Makes anew the records that another version of this code made, beside what readers see of them."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from indexer.models import Chain
from indexer.records import generations
from indexer.store import rules

_AGAIN_AFTER = 5.0  # seconds, where the database is away or another process is at it


class Anew:
    """Does so in a thread of its own, until nothing is left to be done; ``lines`` tells of it."""

    def __init__(self) -> None:
        self._said: SimpleQueue[str] = SimpleQueue()
        self._told: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Anew":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def lines(self) -> Iterator[str]:
        """What happened since the last look."""
        with suppress(Empty):
            while True:
                yield self._said.get_nowait()

    def wait(self) -> None:
        """Until nothing is left to be done."""
        self._thread.join()

    def _run(self) -> None:
        try:
            while self._is_left() and not self._stop.wait(_AGAIN_AFTER):
                pass
        finally:
            connection.close()

    def _is_left(self) -> bool:
        """Try all that differ; whether any is to be tried again."""
        try:
            differing = [each.chain_id for each in rules.every() if each.differ]
            left = [each for each in Chain.objects.filter(id__in=differing) if not self._make(each)]
            return bool(left)
        except (OperationalError, InterfaceError):  # it is away: whoever watches over it says so
            connection.close()
            return True

    def _make(self, chain: Chain) -> bool:
        """Whether nothing more is to be tried."""
        name = chain.name or bytes(chain.brid).hex().upper()
        if chain.id not in self._told:
            self._told.add(chain.id)
            self._said.put(f"{name}: {rules.rules_of(chain.id).sentence}")
        try:
            done = generations.rebuild(chain)
        except generations.AlreadyBuilding:
            return False
        except (OperationalError, InterfaceError):
            raise
        except (*generations.UNMAKEABLE, DatabaseError) as error:
            self._said.put(f"{name}: its records cannot be made anew. {error}")
        else:
            self._said.put(f"{name}: its records are made anew to height {done.height:,}, and shown.")
        return True
