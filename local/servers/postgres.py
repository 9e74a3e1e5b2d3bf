"""A PostgreSQL server of our own under a state folder: made, started, shared and stopped.

Nothing is installed and nothing listens on the network: clients use a unix socket that only the user who
runs this can reach.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.servers import process, programs, sockets
from local.servers.account import Account, account_for, way_to
from local.servers.errors import DidNotStop, OtherVersion, did_not_start
from local.servers.locks import Lock
from local.servers.sharing import made, shared

NAME = "PostgreSQL"
DATABASE = "chasm"
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
MARK = "cluster_name=chasm-"
# Recovery after a crash replays at most max_wal_size of log: minutes on a slow disk.
LONGEST_START = 600.0
LONGEST_STOP = 120.0
LONGEST_RECOVERING_STOP = 10.0
LONGEST_CRASH_STOP = 10.0

_STATE = slice(16, 20)  # of the control file
_IN_CRASH_RECOVERY = 4

# For one indexer on two cores. WAL segments are not recycled, so that an erased text leaves the disk with
# its segment; errors are logged without the statement and its rows, which hold texts.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_recycle": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # Tables come and go, and none lives long enough to need it.
    "autovacuum": "off",
    # So that a killed server leaves nothing in /dev/shm once its folder is gone.
    "dynamic_shared_memory_type": "mmap",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data directory and the server over it."""

    folder: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def run(self) -> Path:
        return sockets.folder_for(self.folder, socket_name=SOCKET)

    @property
    def lock(self) -> Path:
        """Held by every process of the server, so that it is free exactly when none lives."""
        return self.folder / "server.lock"

    @property
    def mark(self) -> str:
        """What stands in the server's command line and belongs to this data directory alone."""
        data = self.data.stat()
        return f"{MARK}{data.st_dev:x}-{data.st_ino:x}"

    def ensure(self) -> None:
        """Make the data directory where it is missing; start the server unless it runs; wait until it is up.

        A live server without its socket, which a cleaner of /tmp may have taken, is started again.
        """
        if self.data.exists() and self.is_up():
            if (self.run / SOCKET).is_socket():
                return
            self.stop()
        account = account_for(self.data)
        account.check()
        found = programs.postgres(account=account)
        if not self.data.exists():
            _make(self, account=account, found=found)
        _check_version(self, found=found)
        _start(self, account=account, found=found)

    def is_up(self) -> bool:
        """Whether a server takes connections; one that is starting or ending is waited for."""
        return process.wait_until_up(self.lock, is_up=self._says_ready, name=NAME, seconds=LONGEST_START)

    def _says_ready(self) -> bool:
        lines = self._pid_file()
        return len(lines) > 7 and lines[7].strip() == "ready" and self.pid() is not None

    def pid(self) -> int | None:
        """The postmaster's process id; None when the pid file is missing or names another process."""
        pid = self._stated_pid()
        return pid if pid is not None and self.mark in process.command_line(pid) else None

    def _is_named(self) -> bool:
        return self.pid() is not None

    def _stated_pid(self) -> int | None:
        lines = self._pid_file()
        return int(lines[0]) if lines and lines[0].strip().isdigit() else None

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def clear(self) -> None:
        """Remove what a killed server left, once none of its processes lives.

        Its process number may be another's by now, even another state's server's. A server of this data
        directory that somebody started by hand keeps its pid file, at which PostgreSQL then refuses to start.
        """
        pid = self._stated_pid()
        line = process.command_line(pid) if pid is not None else ""
        if "postgres" in line and MARK not in line:
            return
        for left in (self.data / "postmaster.pid", self.run / SOCKET, self.run / f"{SOCKET}.lock"):
            left.unlink(missing_ok=True)

    def stop(self) -> None:
        """Fast shutdown: connections are cut, everything committed is on disk. Then wait until it is gone."""
        if not self.data.exists():
            return
        # One that has only just been started has not named its process yet.
        process.wait_until_up(self.lock, is_up=self._is_named, name=NAME, seconds=LONGEST_STOP)
        if self._ended(signal.SIGINT, LONGEST_RECOVERING_STOP):
            return
        # What recovers from a crash, as on a full disk, may heed nothing milder, and loses nothing by it.
        if not self._is_recovering() and self._ended(signal.SIGINT, LONGEST_STOP - LONGEST_RECOVERING_STOP):
            return
        if self._ended(signal.SIGQUIT, LONGEST_CRASH_STOP):
            return
        raise DidNotStop(
            f"PostgreSQL in {self.folder} does not stop (process {self.pid()}). Nothing committed is lost; "
            "the next run uses it again. See its server.log."
        )

    def _ended(self, number: signal.Signals, seconds: float) -> bool:
        """Send it a signal, and wait until it is gone; False where it is not by then."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, number)
        if not process.wait_until_gone(self.lock, seconds=seconds):
            return False
        process.reap(pid)
        sockets.remove(self.run, folder=self.folder)
        return True

    def _is_recovering(self) -> bool:
        """Whether it replays its log after a crash: ``DBState`` in PostgreSQL's pg_control.h."""
        try:
            control = (self.data / "global" / "pg_control").read_bytes()
        except OSError:
            return False
        return int.from_bytes(control[_STATE], sys.byteorder) == _IN_CRASH_RECOVERY


@contextmanager
def running(state: Path, *, durable: bool = True) -> Iterator[None]:
    """Have the server of `state` running, with an empty database `chasm` at first.

    Starts it or joins the one that runs; the last one out stops it. It lives in a session of its own, so a
    Ctrl-C in the terminal does not reach it. `durable=False` gives up safety on power loss, for tests.
    Raises LocalError with what to do.
    """
    with shared(Cluster(made(state) / "postgres", durable)):
        yield


def cluster_of(state: Path) -> Cluster:
    """The cluster of a state folder. Starts and touches nothing."""
    return Cluster(state.resolve() / "postgres")


def address(state: Path) -> dict[str, Any]:
    """Django's entry in DATABASES for the server of `state`. Starts and touches nothing."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": DATABASE,
        "PASSWORD": "",
        "HOST": str(cluster_of(state).run),
        "PORT": str(PORT),
    }


def _make(cluster: Cluster, *, account: Account, found: programs.Programs) -> None:
    """Make the data directory beside its place and rename it: half of one is never taken for whole.

    What a killed start left at work on it holds the lock, and is waited for.
    """
    with Lock(cluster.lock) as lock:
        lock.take()
        _make_alone(cluster, lock, account=account, found=found)


def _make_alone(cluster: Cluster, lock: Lock, *, account: Account, found: programs.Programs) -> None:
    fresh = cluster.folder / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    account.give(fresh)
    with way_to([fresh], account=account) as way:
        where = ["-D", way.names[0]]
        sync = [] if cluster.durable else ["--no-sync"]
        for command, said in (
            ([found / "initdb", *where, *_locale(found), *sync], ""),
            ([found / "postgres", "--single", *where, "postgres"], f"CREATE DATABASE {DATABASE}\n"),
        ):
            done = subprocess.run(
                command,
                **account.identity(),
                pass_fds=(lock.fileno(), *way.descriptors),
                env=process.ENVIRONMENT,
                cwd="/",
                input=said,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            if done.returncode != 0:
                raise did_not_start(NAME, folder=cluster.folder, said=done.stderr)
    fresh.rename(cluster.data)


def _locale(found: programs.Programs) -> list[str]:
    """The order of texts is that of their code points, on every system."""
    builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        "--auth=trust",
        f"--username={DATABASE}",
        "--encoding=UTF8",
        "--no-instructions",
        *(builtin if found.major >= 17 else ["--locale=C.UTF-8"]),
    ]


def _check_version(cluster: Cluster, *, found: programs.Programs) -> None:
    made_by = (cluster.data / "PG_VERSION").read_text().strip()
    if made_by != str(found.major):
        raise OtherVersion(
            f"{cluster.data} was made by PostgreSQL {made_by}, and this is PostgreSQL {found.major}. Choose "
            "another folder with STATE= and sync again, or dump it with the old version and load it here."
        )


def _start(cluster: Cluster, *, account: Account, found: programs.Programs) -> None:
    sockets.make(cluster.run, folder=cluster.folder, account=account)
    cluster.clear()
    settings = SETTINGS | ({} if cluster.durable else FORGETFUL)
    with (
        process.open_log(cluster.folder) as log,
        Lock(cluster.lock) as lock,
        way_to([cluster.data, cluster.run], account=account) as way,
    ):
        lock.take()
        begun = log.tell()
        data, run = way.names
        options = [f"{name}={value}" for name, value in settings.items()]
        options += [f'unix_socket_directories="{run}"', cluster.mark]
        process.start(
            [found / "postgres", "-D", data, *(word for option in options for word in ("-c", option))],
            account=account,
            log=log,
            descriptors=(lock.fileno(), *way.descriptors),
        )
    if not cluster.is_up():
        said = process.said_since(cluster.folder, begun)
        raise did_not_start(NAME, folder=cluster.folder, said=said)
