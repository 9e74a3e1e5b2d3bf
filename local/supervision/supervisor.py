"""Several programs run as one: started in order, started again when they die, stopped together.

Each runs in a session of its own, so a Ctrl-C in the terminal reaches the supervisor alone, which stops them
in the order opposite to their start; what was started at once is stopped at once. Should the supervisor be
killed, a reaper at the other end of a pipe ends them; should the reaper be killed too, the next start finds
them, because they hold a lock.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from local.servers import process
from local.servers.errors import LocalError, ServiceTrouble
from local.servers.locks import Lock
from local.servers.sharing import plainly
from local.supervision import reaper
from local.supervision.interruption import uninterrupted
from local.supervision.service import Neighbour, Program, Service, Watched

LONGEST_REAPER = 20.0  # seconds for a reaper to end what a killed supervisor left
_STEP = 0.05

Say = Callable[[str], None]
"""Takes a line for the person at the terminal."""


@contextmanager
def supervisor(folder: Path, *, say: Say) -> "Iterator[Supervisor]":
    """Everything that is started inside is stopped at the end, however that comes.

    ``folder`` is for logs, one a service, and for what the next start must know; one supervisor at a time has
    it. Raises ``ServiceTrouble`` where services of an earlier one cannot be ended.
    """
    with _locked(folder, say=say) as lock:
        supervising = Supervisor(folder, lock, say=say)
        try:
            yield supervising
        finally:
            with uninterrupted():
                supervising.end()


def clear(folder: Path, *, say: Say) -> None:
    """End what a supervisor that was killed left running. ``supervisor`` does so too, if nobody did before.

    Raises ``ServiceTrouble`` where that cannot be done.
    """
    with _locked(folder, say=say):
        pass


class Supervisor:
    """Starts services, and starts again what dies. What people must know is said in lines."""

    def __init__(self, folder: Path, lock: Lock, *, say: Say) -> None:
        self._folder = folder
        self._lock = lock
        self._say = say
        self._stages: list[list[Program]] = []
        self._neighbours: list[Neighbour] = []
        self._returning: list[Watched] = []
        self._reaper: subprocess.Popen[bytes] | None = None

    def start(self, *services: Service) -> None:
        """Start services at once, wait until each works, and say so.

        Raises ``ServiceTrouble`` as soon as one does not.
        """
        waiting = [self._program(service) for service in services]
        self._stages.append(list(waiting))
        for program in waiting:
            self._begin(program)
        while waiting:
            for program in [each for each in waiting if each.has_started()]:
                waiting.remove(program)
                self._say(f"{program.name}: running{program.service.remark}")
            time.sleep(_STEP)

    def watch(self, neighbour: Neighbour) -> None:
        """Have a server that runs already, and is not stopped here, started again when it dies."""
        self._neighbours.append(neighbour)

    def look(self) -> Iterator[str]:
        """Start again what died, once its pause is over; the lines that tell of it. Call it often."""
        self._keep()
        for each in (*self._neighbours, *self._programs):
            if (sentence := each.died()) is not None:
                yield sentence
            if each.is_due():
                yield from self._revive(each)
        for each in [each for each in self._returning if each.is_ready()]:
            self._returning.remove(each)
            yield f"{each.name}: running again"

    def end(self) -> None:
        """Stop all programs, the last ones first."""
        while self._stages:
            stage = self._stages.pop()
            for program in stage:
                program.ask_to_end()
            for program in stage:
                program.end()
        if self._reaper is not None:
            self._tell_reaper()
            self._dismiss(self._reaper)
        (self._folder / "parts.json").unlink(missing_ok=True)

    @property
    def _programs(self) -> list[Program]:
        return [program for stage in self._stages for program in stage]

    def _program(self, service: Service) -> Program:
        log = self._folder / f"{service.name}.log"
        return Program(service, log=log, descriptors=[self._lock.fileno()])

    def _revive(self, each: Watched) -> Iterator[str]:
        if each in self._returning:
            self._returning.remove(each)
        try:
            if isinstance(each, Program):
                self._begin(each)
            else:
                each.begin()
        except LocalError as error:
            yield each.failed(error)
        else:
            self._returning.append(each)

    def _begin(self, program: Program) -> None:
        """A program and the knowledge of it come together or not at all."""
        with uninterrupted():
            program.begin()
            self._note()
            self._tell_reaper()

    def _groups(self) -> list[int]:
        return [each.group for each in self._programs if each.group is not None]

    def _note(self) -> None:
        """Which processes run, for the next start, should nobody be left to end them."""
        found = {group: process.birth(group) for group in self._groups()}
        fresh = self._folder / "parts.json.new"
        with suppress(OSError):
            fresh.write_text(json.dumps(found))
            fresh.replace(self._folder / "parts.json")

    def _keep(self) -> None:
        """Have a reaper again where it was killed."""
        with uninterrupted():
            if self._reaper is not None and self._reaper.poll() is not None:
                self._dismiss(self._reaper)
                self._reaper = None
                self._tell_reaper()

    def _tell_reaper(self) -> None:
        if self._reaper is None:
            self._reaper = subprocess.Popen(
                [sys.executable, "-I", "-S", reaper.__file__],
                stdin=subprocess.PIPE,
                pass_fds=[self._lock.fileno()],
                start_new_session=True,
            )
        pipe = self._reaper.stdin
        assert pipe is not None
        with suppress(BrokenPipeError):
            pipe.write(f"{' '.join(map(str, self._groups()))}\n".encode())
            pipe.flush()

    def _dismiss(self, dismissed: "subprocess.Popen[bytes]") -> None:
        assert dismissed.stdin is not None
        with suppress(BrokenPipeError):
            dismissed.stdin.close()
        dismissed.wait()


@contextmanager
def _locked(folder: Path, *, say: Say) -> Iterator[Lock]:
    with plainly(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = Lock(folder / "parts.lock")
    with lock:
        _end_leftovers(folder, lock, say=say)
        yield lock


def _end_leftovers(folder: Path, lock: Lock, *, say: Say) -> None:
    """Take the lock, once nothing is left of a supervisor that was killed."""
    if lock.take(wait=False):
        return
    say("Parts of a run that was killed are still there: they are ended first.")
    reaper.end(_left(folder))
    deadline = time.monotonic() + LONGEST_REAPER
    while not lock.take(wait=False):
        if time.monotonic() > deadline:
            raise ServiceTrouble(
                f"A process of an earlier run does not end and holds {folder / 'parts.lock'}. Find it with "
                "`fuser` or `lsof`, end it, and run this again."
            )
        time.sleep(_STEP)


def _left(folder: Path) -> list[int]:
    """The process groups of an earlier run. A number alone may be another program's by now."""
    try:
        found = json.loads((folder / "parts.json").read_text())
    except (OSError, ValueError):
        return []
    births = {int(group): birth for group, birth in found.items()}
    # A group whose leader is gone is its own still: while it exists, its number is given to nobody.
    return [group for group, birth in births.items() if process.birth(group) in ("", birth)]
