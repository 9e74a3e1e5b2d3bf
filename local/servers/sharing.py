"""One server shared by all who work on one folder: the first starts it, the last one out stops it."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from local.servers.errors import DiskFull, NotPermitted, UnusablePath
from local.servers.locks import Lock, exclusive, is_held


class Server(Protocol):
    """What sharing needs of a server. Only one process, of all, is inside any of its methods at a time."""

    @property
    def folder(self) -> Path:
        """Where its data, log and locks are."""

    @property
    def lock(self) -> Path:
        """Held by the server, so that it is free exactly when none lives."""

    def ensure(self) -> None:
        """Bring it up, or join it when it runs."""

    def stop(self) -> None:
        """Bring it down; nothing to do when it does not run."""


@contextmanager
def shared(server: Server) -> Iterator[None]:
    """Use a server.

    A user that dies, by whatever signal, is counted out by the kernel; the server that he leaves behind
    is joined by the next one, and stopped by the last.
    """
    folder = server.folder
    _make_folder(folder)
    with _opened(folder / "users.lock") as users:
        try:
            with plainly(folder), exclusive(folder / "change.lock"):
                users.take(shared=True)
                server.ensure()
            yield
        finally:
            with plainly(folder), exclusive(folder / "change.lock"):
                if users.take(wait=False):
                    server.stop()


def lives(server: Server) -> bool:
    """Whether a server that is used has not died meanwhile."""
    with exclusive(server.folder / "change.lock"):
        return is_held(server.lock)


def revive(server: Server) -> None:
    """Bring a server that is used, and died, up again. Raises LocalError."""
    with plainly(server.folder), exclusive(server.folder / "change.lock"):
        server.ensure()


def made(state: Path) -> Path:
    """The state folder's one true path; the folder is made when it is missing."""
    if not str(state).isprintable():
        raise UnusablePath(f"The state folder {str(state)!r} has a control character in its path: rename it.")
    with plainly(state):
        state.mkdir(parents=True, exist_ok=True)
        return state.resolve()


def _make_folder(folder: Path) -> None:
    """Make a server's folder, closed to others."""
    with plainly(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "it is another user's", str(folder))


def _opened(path: Path) -> Lock:
    with plainly(path):
        return Lock(path)


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Turn the system's errors on `path` into ours, which say what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"No room is left for {path}: make some on that disk and run this again; nothing is lost."
            ) from error
        raise NotPermitted(
            f"{path} cannot be used: {error}. Run this as the user who made it, "
            "or choose another folder with STATE=."
        ) from error
