"""A Celery broker of our own under a state folder: Valkey on a unix socket, with its log on disk.

The broker holds nothing that cannot be made again: losing it loses no fact.
"""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from local.servers import process, programs, sockets
from local.servers.account import Account
from local.servers.errors import DidNotStop, did_not_start
from local.servers.locks import Lock, is_held
from local.servers.sharing import made, shared

NAME = "The broker"
SOCKET = "broker.sock"
LONGEST_START = 120.0
LONGEST_STOP = 60.0
ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Broker:
    """One folder and the server over it."""

    folder: Path

    @property
    def run(self) -> Path:
        return sockets.folder_for(self.folder, socket_name=SOCKET)

    @property
    def socket(self) -> Path:
        return self.run / SOCKET

    @property
    def lock(self) -> Path:
        """Held by the server, so that it is free exactly when none lives."""
        return self.folder / "server.lock"

    @property
    def pid_file(self) -> Path:
        return self.folder / "server.pid"

    def ensure(self) -> None:
        """Start the server unless it runs; wait until it answers."""
        if self.is_up():
            return
        _start(self)

    def is_up(self) -> bool:
        """Whether a server answers; one that is starting or ending is waited for."""
        return process.wait_until_up(self.lock, is_up=self._answers, name=NAME, seconds=LONGEST_START)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER_SECONDS)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(4096) == b"+PONG\r\n"
        except OSError:
            return False

    def stop(self) -> None:
        """Let the server write its log and end. Then wait until it is gone."""
        if not is_held(self.lock):
            return
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
        if not process.wait_until_gone(self.lock, seconds=LONGEST_STOP):
            raise DidNotStop(f"The broker in {self.folder} does not stop ({pid=}). See its server.log.")
        process.reap(pid)
        sockets.remove(self.run, folder=self.folder)

    def pid(self) -> int | None:
        """The server's process id; None when its pid file is missing or names another process."""
        try:
            pid = int(self.pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if str(self.socket) in process.command_line(pid) else None


@contextmanager
def running(state: Path) -> Iterator[None]:
    """Have the broker of `state` running: the same contract as `local.servers.postgres.running`."""
    with shared(Broker(made(state) / "broker")):
        yield


def broker_of(state: Path) -> Broker:
    """The broker of a state folder. Starts and touches nothing."""
    return Broker(state.resolve() / "broker")


def url(state: Path) -> str:
    """Celery's URL of the broker of `state`. Starts and touches nothing."""
    return f"redis+socket://{quote(str(broker_of(state).socket))}?virtual_host=0"


def _start(broker: Broker) -> None:
    account = Account.own()
    program = programs.broker()
    data = broker.folder / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    sockets.make(broker.run, folder=broker.folder, account=account)
    broker.socket.unlink(missing_ok=True)
    options = {
        "--port": "0",
        "--unixsocket": str(broker.socket),
        "--unixsocketperm": "700",
        "--pidfile": str(broker.pid_file),
        "--dir": str(data),
        "--appendonly": "yes",
        "--save": "",
        "--maxmemory-policy": "noeviction",
    }
    with process.open_log(broker.folder) as log, Lock(broker.lock) as lock:
        lock.take()
        begun = log.tell()
        process.start(
            [str(program), *(word for option in options.items() for word in option)],
            account=account,
            log=log,
            descriptors=[lock.fileno()],
        )
    if not broker.is_up():
        said = process.said_since(broker.folder, begun)
        raise did_not_start(NAME, folder=broker.folder, said=said)
