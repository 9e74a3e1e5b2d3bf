"""A supervisor that runs as a process of its own, over services that are small shell programs.

`python -m tests.local.supervised FOLDER NAME SCRIPT …` says what the supervisor says, one line each, until it
is told to end. A service is ready once it has said `ready`.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from local.servers.errors import LocalError
from local.supervision.interruption import interruptible
from local.supervision.service import Service
from local.supervision.supervisor import supervisor
from tests.plugin import FOLDER

ROOT = Path(__file__).resolve().parents[2]
MARK = "SUPERVISED_BY_TEST"
LONGEST = 30.0  # seconds that anything may take here


def service(
    name: str, script: str, *, folder: Path = ROOT, starts_in: float = LONGEST, stops_in: float = 10.0
) -> Service:
    """A shell program."""
    return Service(
        name=name,
        command=["/bin/sh", "-c", script],
        folder=folder,
        what_to_do="Mend it.",
        is_ready=lambda lines: any("ready" in line for line in lines),
        starts_in=starts_in,
        stops_in=stops_in,
    )


def main(folder: str, *words: str) -> int:
    """Supervise until a signal comes."""
    services = [service(name, script) for name, script in zip(words[::2], words[1::2], strict=True)]
    try:
        with interruptible(), supervisor(Path(folder), say=_say) as supervising:
            supervising.start(*services)
            _say("up")
            while True:
                for line in supervising.look():
                    _say(line)
                time.sleep(0.02)
    except KeyboardInterrupt:
        _say("ended")
        return 0
    except LocalError as error:
        _say(str(error))
        return 1


class Supervised:
    """That process. Whatever is left of it and its services is killed at the end."""

    def __init__(self, folder: Path, services: Iterable[tuple[str, str]]) -> None:
        self.mark = f"{folder}"
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.local.supervised",
                str(folder),
                *(word for each in services for word in each),
            ],
            cwd=ROOT,
            env={**os.environ, MARK: self.mark, FOLDER: os.environ[FOLDER]},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def said(self) -> str:
        """Its next line; empty at its end."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def said_until(self, words: str) -> list[str]:
        """Its lines up to the first that has these words."""
        found: list[str] = []
        while words not in (line := self.said()):
            assert line, found
            found.append(line)
        return [*found, line]

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end; its status."""
        return self._process.wait(LONGEST)

    def left(self) -> list[psutil.Process]:
        """What runs of it: itself, its services, theirs, and the reaper."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def reaper(self) -> psutil.Process:
        (found,) = [each for each in self.left() if "reaper.py" in " ".join(each.cmdline())]
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.left():
            process.kill()
        self._process.communicate()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
