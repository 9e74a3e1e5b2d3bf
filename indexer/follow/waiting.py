"""Waiting for nodes that went away in the middle of a run, or are still starting: so long and no longer."""

import time
from collections.abc import Callable
from typing import TypeVar

from indexer.node.client import NodeClient
from indexer.node.errors import NodeError, NoNodeAnswers
from indexer.node.pool import NodePool
from indexer.node.transport import fail_fast

T = TypeVar("T")

SECONDS = 30.0
_LONGEST_WAIT = 5.0
_DIRECTORY, _FIRST = 0, 1  # a node's own numbers of its chains


class Waiting:
    """Tries again what nodes did not answer, for ``seconds`` without anything new; 0 waits for none.

    Unless ``is_asked_for``, only a node is waited for that was there in this run and may come back: one that
    had the chain and then not, that says that it is busy, or that it has no chain at all, as it does for
    seconds when it starts. One that refuses, or runs other chains than the one that is meant, is not.
    """

    def __init__(
        self,
        pool: NodePool,
        *,
        seconds: float,
        is_asked_for: bool,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pool = pool
        self._seconds = seconds
        self._is_asked_for = is_asked_for
        self._say = say
        self._clock = clock
        self._sleep = sleep
        self._knows_chain = False
        self._was_asked_again = False
        self._ends: float | None = None
        self._wait = 1.0

    def chain_is_known(self) -> None:
        """A node gave the chain, in this run or before: whatever it says later, it has it."""
        self._knows_chain = True

    def is_getting_on(self) -> None:
        """Something new came: the next silence is waited for anew."""
        if self._ends is not None:
            self._say("A node answers again.")
        self._ends, self._wait = None, 1.0

    def until_answered(self, do: Callable[[], T]) -> T:
        """What ``do`` gives. Raises its ``NodeError`` where no node is worth waiting for, or none came."""
        while True:
            try:
                return do()
            except NodeError as error:
                if self._may_come(error):
                    self._wait_for(error)
                elif not self._may_have_come(error):
                    raise

    def _wait_for(self, error: NodeError) -> None:
        now = self._clock()
        if self._ends is None:
            self._ends = now + self._seconds
            said = str(error)
            self._say(
                f"{said[:1].upper()}{said[1:]} It is waited for, at most {self._seconds:g} s (--patience)."
            )
        if now >= self._ends:
            raise error
        self._sleep(min(self._wait, self._ends - now))
        self._pool.forgive()
        self._wait = min(2 * self._wait, _LONGEST_WAIT)

    def _may_come(self, error: NodeError) -> bool:
        if not error.may_pass or not self._seconds:
            return False
        if self._is_asked_for:
            return True
        there = [node for node in self._pool.believed if node.has_answered]
        if self._knows_chain or not there:
            return bool(there)
        if not isinstance(error, NoNodeAnswers):
            return False
        return error.is_busy or (error.lacks_chain and any(not _runs_a_chain(node) for node in there))

    def _may_have_come(self, error: NodeError) -> bool:
        """Whether a node that did not have the chain may have got it since, which is tried once."""
        again = isinstance(error, NoNodeAnswers) and error.lacks_chain and not self._was_asked_again
        if again:
            self._was_asked_again = True
            self._pool.forgive()
        return again


def _runs_a_chain(node: NodeClient) -> bool:
    """Whether the node names a chain that it runs. One that does not answer may be about to start."""
    for number in (_DIRECTORY, _FIRST):
        try:
            with fail_fast():
                node.brid(number)
            return True
        except NodeError:
            continue
    return False
