"""Where a run takes place: a PostgreSQL and a node of its own in a temporary folder, and measured processes.

Every measurement has a database of its own, made from one whose tables are up to date and empty.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from bench.usage import Cpu, cpu_seconds
from local.servers import postgres

ROOT = Path(__file__).resolve().parent.parent
_NOT_INHERITED = ("DATABASE_URL", "CELERY_BROKER_URL", "DEBUG", "LOG_LEVEL", "STATE")
_numbers = count(1)


class WorkerFailed(Exception):
    """A measured process ended without a result; what it wrote to stderr says why."""


@dataclass(frozen=True, slots=True)
class Node:
    """A served chain."""

    url: str
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class Workplace:
    """The servers of a run."""

    state: Path
    server: psutil.Process
    server_seconds: float

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """Start PostgreSQL in a new temporary folder; stop it and remove all of it at the end."""
        with tempfile.TemporaryDirectory(prefix="chasm-bench-") as folder:
            state = Path(folder).resolve()
            started = time.monotonic()
            with postgres.running(state):
                seconds = time.monotonic() - started
                pid = postgres.cluster_of(state).pid()
                assert pid is not None, "PostgreSQL has just said that it is ready"
                yield cls(state, psutil.Process(pid), seconds)

    def connection_string(self, database: str) -> str:
        """How libpq reaches a database of this server."""
        address = postgres.address(self.state)
        return make_conninfo(
            host=address["HOST"], port=address["PORT"], user=address["USER"], dbname=database
        )

    def new_database(self) -> str:
        """An empty database with the product's tables; what came before is on disk."""
        name = f"run{next(_numbers)}"
        with self._administrator() as connection:
            connection.execute(
                SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(postgres.DATABASE))
            )
            connection.execute("CHECKPOINT")
        return name

    def drop(self, database: str) -> None:
        """Remove a database."""
        with self._administrator() as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(database)))

    def version(self) -> str:
        """PostgreSQL's version."""
        with self._administrator() as connection:
            return str(connection.execute("SHOW server_version").fetchall()[0][0])

    def cpu(self, python: psutil.Process, node: Node | None = None) -> Cpu:
        """CPU seconds so far."""
        return Cpu(
            cpu_seconds(python),
            cpu_seconds(self.server),
            cpu_seconds(node.process) if node else 0.0,
        )

    @contextmanager
    def _administrator(self) -> Iterator[psycopg.Connection]:
        string = self.connection_string("postgres")
        with closing(psycopg.connect(string, autocommit=True)) as connection:
            yield connection

    @contextmanager
    def worker(self, database: str, *arguments: object) -> Iterator["Worker"]:
        """A measured process over a database; killed if it is still there at the end."""
        command = [sys.executable, "-m", "bench.worker", *map(str, arguments)]
        surroundings = environment() | {
            "STATE": str(self.state),
            "DATABASE_URL": self.connection_string(database),
        }
        started = time.monotonic()
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                worker = Worker(process)
                worker.said()
                worker.start_seconds = time.monotonic() - started
                yield worker
            finally:
                process.kill()


class Worker:
    """A process of `bench.worker`: ready when it is made, working when it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.process = psutil.Process(process.pid)
        self.start_seconds = 0.0

    def work(self) -> Mapping[str, Any]:
        """Let it work; gives what it says of its work. It lives on until the end of its context."""
        assert self._process.stdin is not None
        self._process.stdin.write("work\n")
        self._process.stdin.flush()
        return self.said()

    def said(self) -> Mapping[str, Any]:
        """The next thing that it says. Raises `WorkerFailed`."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise WorkerFailed(f"{self._process.args!r} ended with {self._process.wait()}: see above")
        said: Mapping[str, Any] = json.loads(line)
        return said


@contextmanager
def node(folder: Path) -> Iterator[Node]:
    """Serve a chain from a process of its own."""
    command = [sys.executable, "-m", "bench.server", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Node(said["url"], psutil.Process(process.pid))
        finally:
            process.terminate()


def environment() -> dict[str, str]:
    """This process's, without what would point a product at another installation."""
    return {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
