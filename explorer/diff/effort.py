"""How long may be worked on a comparison. A statement's time limit does not stop Python; this does."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field


class TookTooLong(Exception):
    """The time for a comparison is over; nothing is known that could be shown."""


@dataclass(frozen=True, slots=True)
class Effort:
    """A moment by the clock, which counts seconds, after which nothing more is begun; nor after that of
    ``latest``, which goes by another clock.
    """

    until: float = math.inf
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    latest: "Effort | None" = None

    @classmethod
    def within(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> "Effort":
        """So many seconds from now."""
        return cls(clock() + seconds, clock)

    @classmethod
    def of_work(cls, seconds: float, *, latest: float) -> "Effort":
        """So many seconds of this thread's work, however long others keep it waiting; and so many seconds
        from now at the latest.
        """
        return cls(time.thread_time() + seconds, time.thread_time, cls.within(latest))

    def go_on(self) -> None:
        """Raise ``TookTooLong`` where the time is over."""
        if self.clock() >= self.until:
            raise TookTooLong
        if self.latest is not None:
            self.latest.go_on()


UNHURRIED = Effort()
