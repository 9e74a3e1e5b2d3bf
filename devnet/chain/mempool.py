"""Transactions that wait for a block, and what became of those that no block took.

All of it is in memory, as on a node: a restart forgets it.
"""

from collections import OrderedDict
from dataclasses import dataclass

from devnet.rest.answers import Refusal
from indexer.postchain.gtx import Transaction

CAPACITY = 2500
REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A transaction as it was sent, and when it came (ms)."""

    transaction: Transaction
    data: bytes
    at: int


class Mempool:
    """Waiting transactions in the order in which they came, and the reasons of the last thousand that were
    rejected.
    """

    def __init__(self) -> None:
        self._waiting: dict[bytes, Waiting] = {}
        self._rejected: OrderedDict[bytes, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, rid: bytes) -> bool:
        return rid in self._waiting

    @property
    def since(self) -> int | None:
        """When the one that waits longest came (ms)."""
        return next((each.at for each in self._waiting.values()), None)

    def add(self, waiting: Waiting) -> None:
        """Let a transaction wait. Raises Refusal where it waits already, or too many do."""
        rid = waiting.transaction.rid
        if rid in self._waiting:
            raise Refusal(409, "Transaction already in queue")
        if len(self._waiting) >= CAPACITY:
            raise Refusal(503, "Transaction queue is full")
        self._rejected.pop(rid, None)
        self._waiting[rid] = waiting

    def first(self, *, count: int, size: int) -> list[Waiting]:
        """The first ones, at most so many and so many bytes; one that is larger alone comes alone."""
        found: list[Waiting] = []
        for each in self._waiting.values():
            size -= len(each.data)
            if len(found) == count or (found and size < 0):
                break
            found.append(each)
        return found

    def remove(self, rid: bytes) -> None:
        """A block took it."""
        self._waiting.pop(rid, None)

    def reject(self, rid: bytes, reason: str) -> None:
        """No block takes it."""
        self._waiting.pop(rid, None)
        self._rejected[rid] = reason
        if len(self._rejected) > REMEMBERED:
            self._rejected.popitem(last=False)

    def reason(self, rid: bytes) -> str | None:
        """Why a transaction was rejected."""
        return self._rejected.get(rid)

    def empty(self) -> list[Waiting]:
        """Forget all; gives those that waited."""
        waiting = list(self._waiting.values())
        self._waiting.clear()
        self._rejected.clear()
        return waiting
