"""Another process that uses a state's server until it is told to leave, or is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from local.servers.account import Account

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import signal, sys
from pathlib import Path
from local.servers import broker, postgres
from local.servers.errors import LocalError
server, state, *options = sys.argv[1:]
if "--deaf" in options:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
running = {"postgres": lambda: postgres.running(Path(state), durable="--durable" in options),
           "broker": lambda: broker.running(Path(state))}[server]
try:
    with running():
        print("up", flush=True)
        sys.stdin.read()
except LocalError as error:
    print(type(error).__name__, error, flush=True)
"""


class User:
    """A process inside `running(state)`. It leaves when asked, and can be killed."""

    def __init__(
        self,
        state: Path,
        *,
        server: str = "postgres",
        options: Sequence[str] = (),
        python: str = sys.executable,
        path: Path = ROOT,
        account: Account | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [python, "-W", "error", "-c", SCRIPT, server, str(state), *options],
            **(account or Account.own()).identity(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=path,
            env={**os.environ, "PYTHONPATH": str(path)},
            start_new_session=True,
        )

    def said(self) -> str:
        """Its next line: `up` once the server answers, else the error's class and words."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to its whole group of processes."""
        os.killpg(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """`kill -9`: it can do nothing more."""
        self._process.kill()
        self._process.communicate()

    def leave(self) -> int:
        """Let it go out in order; its exit status."""
        with self._process as process:  # its pipes are closed also where it has ended by itself
            if process.poll() is None:
                process.communicate()
        return process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
