"""Being told to end: Ctrl-C, a service manager's SIGTERM, the SIGHUP of a terminal that is closed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Interruption:
    """Whether a signal came. What it cut short may have failed with any error by then.

    Set ``over`` once the work is done, and a later signal changes nothing.
    """

    came: bool = False
    over: bool = False


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """The first signal raises KeyboardInterrupt inside; the others change nothing, then and afterwards.

    So nothing cuts short the ending itself, which stops what was started. A SIGHUP that was ignored stays so,
    as under nohup; a SIGINT does not, which a shell without job control ignores for whatever it starts in the
    background. Outside the main thread signals are left alone.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return

    def end(number: int, frame: object) -> None:
        if not (interruption.came or interruption.over):
            interruption.came = True
            raise KeyboardInterrupt

    listened = [each for each in _ENDING if each is not signal.SIGHUP or not _is_ignored(each)]
    before = {each: signal.signal(each, end) for each in listened}
    try:
        yield interruption
    finally:
        # While Python ends, handlers of its own are gone, but what is ignored stays ignored.
        for each, handler in before.items():
            signal.signal(each, signal.SIG_IGN if interruption.came or interruption.over else handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A signal that comes inside takes effect at the end: what must not be cut in half is done whole."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    listened = [each for each in _ENDING if not _is_ignored(each)]
    before = {each: signal.signal(each, lambda number, frame: came.append(number)) for each in listened}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in came[:1]:
            signal.raise_signal(number)


def _is_ignored(number: signal.Signals) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN
