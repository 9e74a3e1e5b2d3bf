"""Several programs run as one: started in order, started again when they die, stopped together.

Each runs in a session of its own, so a Ctrl-C in the terminal reaches the supervisor alone, which stops them
in the order opposite to their start. A keeper, which waits at the other end of a pipe, ends them should the
supervisor itself be killed.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

from local.errors import PartTrouble

LOOK = 0.05  # seconds between looks at the programs
LONGEST_PAUSE = 30.0  # seconds before a program that dies again and again is started once more
WELL_AFTER = 60.0  # seconds of running after which its deaths are forgotten
LARGEST_LOG = 10 * 2**20  # bytes; the one before is kept beside it
_KEPT = 200  # last lines of what a program said
_LONGEST_LINE = 10_000  # bytes

Say = Callable[[str], None]
"""Takes a line for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Part:
    """A program. ``is_ready`` is told the lines that it said so far, and says whether it works.

    It has ``starts_in`` seconds for that, and ``stops_in`` seconds to end after a SIGTERM.
    """

    name: str
    command: Sequence[str]
    what_to_do: str
    is_ready: Callable[[Sequence[str]], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""  # said behind “running”
    starts_in: float = 120.0
    stops_in: float = 10.0


class Supervisor:
    """Runs parts. Logs go to ``folder``, one file a part; what people must know is said in lines."""

    def __init__(self, folder: Path, *, say: Say) -> None:
        self._folder = folder
        self._say = say
        self._running: list[_Running] = []
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, *parts: Part) -> None:
        """Start parts at once, wait until each works, and say so.

        Raises ``PartTrouble`` where one does not.
        """
        started = [_Running(part, self._folder / f"{part.name}.log") for part in parts]
        for each in started:
            self._running.append(each)
            each.begin()
            self._tell_keeper()
        for each in started:
            each.wait_until_ready()
            self._say(f"{each.part.name}: running{each.part.remark}")

    def look(self) -> None:
        """Start again what died, once its pause is over. Call it often."""
        changed = False
        for each in self._running:
            if each.has_died():
                self._say(each.obituary())
            if each.is_due():
                each.begin()
                changed = True
                self._say(f"{each.part.name}: started again")
        if changed:
            self._tell_keeper()

    @contextmanager
    def __call__(self) -> Iterator["Supervisor"]:
        """Everything that is started inside is stopped at the end, however that comes."""
        with _keeper() as self._keeper:
            try:
                yield self
            finally:
                for each in reversed(self._running):
                    each.ask_to_end()
                    each.wait_until_gone()
                self._running.clear()
                self._tell_keeper()

    def _tell_keeper(self) -> None:
        """Which process groups to end; a keeper that was killed can be told nothing."""
        groups = " ".join(str(each.group) for each in self._running if each.group is not None)
        pipe = self._keeper.stdin
        assert pipe is not None
        with suppress(BrokenPipeError):
            pipe.write(f"{groups}\n".encode())
            pipe.flush()


class _Running:
    """A part and its present process, if any."""

    def __init__(self, part: Part, log: Path) -> None:
        self.part = part
        self._log_path = log
        self._log = RotatingFileHandler(log, maxBytes=LARGEST_LOG, backupCount=1, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._begun = 0.0
        self._deaths = 0
        self._due: float | None = None

    @property
    def group(self) -> int | None:
        """The process group of what runs."""
        return None if self._process is None else self._process.pid

    def begin(self) -> None:
        """Start its process."""
        self._due = None
        self._begun = time.monotonic()
        self._lines = deque(maxlen=_KEPT)
        self._process = subprocess.Popen(
            self.part.command,
            env=os.environ | dict(self.part.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self._process, self._lines), daemon=True).start()

    def wait_until_ready(self) -> None:
        """Raises ``PartTrouble`` where it ends before, or takes too long."""
        process = self._process
        assert process is not None
        while not self.part.is_ready(tuple(self._lines)):
            if process.poll() is not None:
                raise PartTrouble(f"{self.part.name} cannot start: it {_ended(process)}. {self._why()}")
            if time.monotonic() - self._begun > self.part.starts_in:
                raise PartTrouble(
                    f"{self.part.name} cannot start: it does not answer after {self.part.starts_in:.0f} s. "
                    f"{self._why()}"
                )
            time.sleep(LOOK)

    def has_died(self) -> bool:
        """Whether it ended since the last look; it is then due again after a pause, longer each time."""
        process = self._process
        if process is None or process.poll() is None:
            return False
        _end_group(process.pid, signal.SIGKILL)
        if time.monotonic() - self._begun > WELL_AFTER:
            self._deaths = 0
        self._deaths += 1
        self._due = time.monotonic() + self._pause
        return True

    def obituary(self) -> str:
        """That it ended, how, and what comes of it. Forgets the process."""
        process = self._process
        assert process is not None
        self._process = None
        line = f"{self.part.name} {_ended(process)}, and is started again in {self._pause:.0f} s"
        return line if self._deaths < 2 else f"{line}. {self._why()}"

    def is_due(self) -> bool:
        """Whether its pause is over."""
        return self._due is not None and time.monotonic() >= self._due

    def ask_to_end(self) -> None:
        """SIGTERM, which all of these programs take as the wish to end in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_until_gone(self) -> None:
        """Give it its time to end; what is left of it then is killed."""
        process = self._process
        if process is None:
            return
        try:
            process.wait(self.part.stops_in)
        except subprocess.TimeoutExpired:
            process.kill()
        _end_group(process.pid, signal.SIGKILL)
        process.wait()
        self._log.close()

    @property
    def _pause(self) -> float:
        return min(LONGEST_PAUSE, 2.0 ** (self._deaths - 1))

    def _why(self) -> str:
        said = " / ".join(line.strip() for line in list(self._lines)[-3:] if line.strip())
        return f"It said: {said or 'nothing'}. {self.part.what_to_do} Its log is {self._log_path}."

    def _read(self, process: "subprocess.Popen[bytes]", lines: deque[str]) -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            for raw in iter(lambda: stream.readline(_LONGEST_LINE), b""):
                line = raw.decode(errors="replace").rstrip("\n")
                lines.append(line)
                self._log.handle(logging.makeLogRecord({"msg": line}))


@contextmanager
def _keeper() -> "Iterator[subprocess.Popen[bytes]]":
    """Ends the programs once this process is gone without having done so."""
    command = [sys.executable, str(Path(__file__).with_name("keeper.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as keeper:
        yield keeper


def _ended(process: "subprocess.Popen[bytes]") -> str:
    status = process.returncode
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _end_group(group: int, number: signal.Signals) -> None:
    """Signal what is left of a process group."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)
