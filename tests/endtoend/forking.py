"""A Python that has imported what is not ours, and becomes by a fork whatever program it is asked for.

Most of what a command of ours costs is to import Django and its like, again and again. What is forked here is
as a process of its own would be after that: with the session, environment, files and arguments that it is
given, also for whoever asks the system about it. It imports all of the project itself.

`python -m tests.endtoend.forking` serves whoever holds the other end of its stdin, and ends with him.
"""

import atexit
import ctypes
import gc
import json
import os
import runpy
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
ROOM = {"ROOM": "x" * 65_536}  # for the environment of what is forked, in the place of this one's own
NUMBER = struct.Struct("q")
# The largest of what programs of ours import, as far as it needs no settings.
IMPORTED = (
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.fixups.django",
    "coincurve",
    "concurrent.futures.process",
    "django.contrib.auth.management",
    "django.contrib.postgres.indexes",
    "django.contrib.postgres.operations",
    "django.contrib.staticfiles.apps",
    "django.db.backends.postgresql.base",
    "django.views.debug",
    "httpcore",
    "httpx",
    "kombu.transport.redis",
    "msgspec",
)


class Forked:
    """What a command has become. It says of itself what `subprocess.Popen` does."""

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], stdout: IO[bytes], stderr: IO[bytes]
    ) -> None:
        self.returncode: int | None = None
        self._way, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryFile("w+") as asked:
            json.dump([command, dict(environment)], asked)
            asked.seek(0)
            given = [each.fileno() for each in (asked, stdout, stderr, theirs)]
            socket.send_fds(_server(), [b"."], given)
        self.pid = self._told()

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._way.settimeout(timeout)
            try:
                self.returncode = self._told()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0) from None
            self._way.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def _told(self) -> int:
        said = self._way.recv(NUMBER.size)
        assert said, "the process that watches over it is gone"
        return int(NUMBER.unpack(said)[0])


def can_become(command: Sequence[str], *, environment: Mapping[str, str]) -> bool:
    """Whether a command is a program of Python's, and the environment says nothing else to Python itself."""
    return (
        sys.platform == "linux"
        and command[0] == sys.executable
        and command[1] in ("-m", "manage.py")
        and _for_python(environment) == _for_python(os.environ)
    )


def _for_python(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("PYTHON")}


@cache
def _server() -> socket.socket:
    """The way to this process's own one."""
    way, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "tests.endtoend.forking"]
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | ROOM,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    atexit.register(server.wait)
    atexit.register(way.close)
    return way


def main() -> None:
    """Serve; then, in what is forked, run what was asked for."""
    for name in IMPORTED:
        import_module(name)
    gc.freeze()  # what is collected here would be copied there
    _, program, *arguments = _served(socket.socket(fileno=os.dup(0)))
    if program == "-m":
        program, *arguments = arguments
        sys.argv = [program, *arguments]
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        sys.argv = [program, *arguments]
        runpy.run_path(program, run_name="__main__")


def _served(way: socket.socket) -> Sequence[str]:
    """In each process that is forked, the command that it is to become."""
    while True:
        asked, given, *_ = socket.recv_fds(way, 1, 4)
        if not asked:
            os._exit(0)
        if os.fork() == 0:
            way.close()
            return _watched(*given)
        for each in given:
            os.close(each)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _watched(asked: int, out: int, err: int, way: int) -> Sequence[str]:
    """Fork once more and tell how that ended. Until this was heard it is a zombie, as a child would be."""
    pid = os.fork()
    if pid == 0:
        return _become(asked, out, err, way)
    with socket.socket(fileno=way) as telling:
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        by_itself = ended.si_code == os.CLD_EXITED
        telling.send(NUMBER.pack(ended.si_status if by_itself else -ended.si_status))
        telling.recv(1)
    os.waitpid(pid, 0)
    os._exit(0)


def _become(asked: int, out: int, err: int, way: int) -> Sequence[str]:
    command: list[str]
    environment: dict[str, str]
    with open(asked) as file:
        command, environment = json.load(file)
    os.setsid()
    for given, number in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (err, 2)):
        os.dup2(given, number)
        os.close(given)
    os.environ.clear()
    os.environ.update(environment)
    _show(environment)
    with socket.socket(fileno=way) as telling:
        telling.send(NUMBER.pack(os.getpid()))
    return command


def _show(environment: Mapping[str, str]) -> None:
    """Have the system say this of the process: where its first environment lay, it looks for it."""
    begin, end = map(int, Path("/proc/self/stat").read_text().rpartition(")")[2].split()[47:49])
    block = b"".join(os.fsencode(f"{name}={value}") + b"\0" for name, value in environment.items())
    assert len(block) < end - begin
    ctypes.memset(begin, 0, end - begin)
    ctypes.memmove(begin, block, len(block))


if __name__ == "__main__":
    main()
