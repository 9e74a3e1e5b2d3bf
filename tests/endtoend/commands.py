"""The project's commands as a user runs them: over a state of their own, in processes of their own.

They are forked from a Python that has Django imported already (`tests.endtoend.forking`), but where how
Python starts is the subject.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from local.servers import postgres
from local.servers.locks import is_held
from tests.endtoend import forking

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 120.0  # seconds that any command may take here; one that takes longer hangs
FIELDS = [
    "chain",
    "height",
    "blocks",
    "transactions",
    "operations",
    "records",
    "live",
    "digest",
    "incidents",
    "unproved",
    "last_block_at",
    "seconds",
    "exit",
]


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ended: its status, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def line(self) -> dict[str, Any]:
        """What `sync` wrote to stdout: one line of JSON, with the status of the process in it."""
        assert self.out.count("\n") == 1, self.told
        assert self.out.endswith("\n"), self.told
        found: dict[str, Any] = json.loads(self.out)
        assert list(found) == FIELDS
        assert found["exit"] == self.status
        return found

    @property
    def told(self) -> str:
        """All of it, for a failed assertion."""
        return f"status {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    def in_plain_words(self) -> "Ended":
        """Itself; fails where the user is shown a traceback or a warning of Python's."""
        for unwanted in ("Traceback", "Warning:", "Exception ignored"):
            assert unwanted not in self.err, self.told
            assert unwanted not in self.out, self.told
        return self


class Running:
    """A command that runs, leader of a session of its own as under a terminal. Its Python is new where how
    that starts is the subject.
    """

    def __init__(
        self, arguments: Iterable[str], *, environment: dict[str, str], is_new: bool = False
    ) -> None:
        command = list(arguments)
        # Files, not pipes: what it leaves behind may hold them open, and must not hold up the test.
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
        self.process: forking.Forked | subprocess.Popen[bytes]
        if not is_new and forking.can_become(command, environment=environment):
            self.process = forking.Forked(
                command, environment=environment, stdout=self._out, stderr=self._err
            )
        else:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=self._out,
                stderr=self._err,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def workers(self) -> list[psutil.Process]:
        """The processes that fill windows for it."""
        try:
            children = psutil.Process(self.pid).children()
            forking = [each for each in children if "forkserver" in " ".join(each.cmdline())]
            return [forked for each in forking for forked in each.children()]
        except psutil.NoSuchProcess:
            return []

    def send(self, number: signal.Signals) -> None:
        """To it alone, if it still runs."""
        if self.is_running:
            self.process.send_signal(number)

    def send_to_group(self, number: signal.Signals) -> None:
        """To its process group, as a terminal does it on Ctrl-C."""
        if self.is_running:
            os.killpg(self.pid, number)

    def ended(self, *, seconds: float = LONGEST) -> Ended:
        """Wait for its end."""
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.send_to_group(signal.SIGKILL)
            self.process.wait()
            raise AssertionError(f"it hangs: {self._ended().told}") from None
        return self._ended()

    def said(self) -> str:
        """What it wrote to stdout so far."""
        return os.pread(self._out.fileno(), 1_000_000, 0).decode(errors="replace")

    def _ended(self) -> Ended:
        said = []
        for file in (self._out, self._err):
            file.seek(0)
            said.append(file.read().decode(errors="replace"))
            file.close()
        return Ended(self.process.wait(), *said)


class State(ABC):
    """What commands are run over, each of them as if it were a process of its own."""

    @abstractmethod
    def run(self, *arguments: str) -> Ended:
        """Run a command of manage.py to its end; it must not show a traceback."""

    def sync(self, *nodes: str, **options: object) -> Ended:
        """`sync` over nodes, to its end; options are given as `--name=value`. It waits for no node that went
        away, unless told to.
        """
        return self.run("sync", *_options(nodes, {"patience": 0, **options}))

    def checked(self) -> None:
        """`fsck` finds nothing."""
        found = self.run("fsck")
        assert found.status == 0, found.told

    def status(self, brid: str = "") -> dict[str, Any]:
        """What `status` says of one chain, by default the only one."""
        said = self.run("status")
        assert said.status == 0, said.told
        chains = json.loads(said.out)["chains"]
        (found,) = [each for each in chains if brid in ("", each["chain"])]
        return dict(found)

    def incidents(self) -> list[tuple[str, int]]:
        """Kind and height of each incident of the only chain, as `status` tells them, sorted."""
        return sorted((each["kind"], each["height"]) for each in self.status()["incidents"])

    def records(self, *options: str) -> list[dict[str, Any]]:
        """What `state` says, a dictionary a line."""
        said = self.run("state", *options)
        assert said.status == 0, said.told
        return [json.loads(line) for line in said.out.splitlines()]


def _options(nodes: Sequence[str], options: Mapping[str, object]) -> list[str]:
    given = [f"--{name}={value}" for name, value in options.items()]
    return [*([f"--node={','.join(nodes)}"] if nodes else []), *given]


class Installation(State):
    """A folder that is given to real commands as STATE: processes, with a PostgreSQL of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO"))
        }
        self.environment["STATE"] = str(folder)

    def start(self, *arguments: str, is_new: bool = False) -> Running:
        """Start a command of manage.py."""
        command = [sys.executable, "manage.py", *arguments]
        return Running(command, environment=self.environment, is_new=is_new)

    def run(self, *arguments: str) -> Ended:
        return self.start(*arguments).ended().in_plain_words()

    def start_sync(self, *nodes: str, **options: object) -> Running:
        """Start `sync`, which waits for no node that went away."""
        return self.start("sync", *_options(nodes, {"patience": 0, **options}))

    def living(self) -> list[psutil.Process]:
        """Processes that were started for this state, but for PostgreSQL and the broker."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("STATE") == str(self.folder):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return [each for each in found if each.status() != psutil.STATUS_ZOMBIE]

    def is_deserted(self) -> bool:
        """Whether no process of a command is left."""
        return not self.living()

    @property
    def server_is_up(self) -> bool:
        """Whether a process of its PostgreSQL lives."""
        return is_held(postgres.cluster_of(self.folder).lock)

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection to its PostgreSQL, which must run."""
        address = postgres.address(self.folder)
        return psycopg.connect(
            host=address["HOST"],
            port=address["PORT"],
            user=address["USER"],
            dbname=address["NAME"],
            autocommit=True,
        )


def await_that(is_so: Callable[[], object], *, seconds: float = 30.0, what: str = "it") -> None:
    """Wait until something is so; fails where that takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not come in {seconds:g} s"
        time.sleep(0.02)
