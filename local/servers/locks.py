"""Locks on files that the kernel drops when the last process holding them is gone, however it ended."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self


class Lock:
    """An flock on `path`. Processes that inherit `fileno()` hold it too, until the last of them has ended."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def fileno(self) -> int:
        return self._fd

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Take or change the lock; False when another holds it and `wait` is False."""
        how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(self._fd, how)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go in this process; those that inherited the lock keep it."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Be the only one inside for this path, on this machine."""
    with Lock(path) as lock:
        lock.take()
        yield


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock. Call it where only one asks at a time."""
    with Lock(path) as lock:
        return not lock.take(wait=False)
