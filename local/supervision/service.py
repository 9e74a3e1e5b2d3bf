"""What a supervisor watches over: programs of its own, and servers that others may use too."""

import logging
import os
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from local.servers.errors import LocalError, ServiceTrouble
from local.supervision.interruption import uninterrupted

LONGEST_PAUSE = 30.0  # seconds before what dies again and again is started once more
WELL_AFTER = 60.0  # seconds of running after which deaths are forgotten
LARGEST_LOG = 10 * 2**20  # bytes; the one before is kept beside it
_KEPT = 200  # last lines of what a program said
_TOLD = 3  # of them, where it cannot start
_LONGEST_TOLD = 500  # letters of each of those
_LONGEST_LINE = 10_000  # bytes
_DRAINED = 2.0  # seconds until what an ended program said is written down


@dataclass(frozen=True, slots=True)
class Service:
    """A program. ``is_ready`` is told the last lines that it said, and says whether it works.

    It has ``starts_in`` seconds for that, and ``stops_in`` seconds to end after a SIGTERM.
    """

    name: str
    command: Sequence[str]
    folder: Path
    what_to_do: str
    is_ready: Callable[[Sequence[str]], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""  # said behind “running”
    starts_in: float = 120.0
    stops_in: float = 10.0


class Watched(ABC):
    """Something that runs, and is started again when it dies, after a pause that grows."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._deaths = 0
        self._begun = 0.0
        self._due: float | None = None

    def begin(self) -> None:
        """Start it. Raises ``LocalError``."""
        self._due = None
        self._begun = time.monotonic()
        self._start()

    def died(self) -> str | None:
        """The sentence to say where it ended since this was last asked; it is due again after a pause."""
        if self._due is not None or not self._has_ended():
            return None
        if time.monotonic() - self._begun > WELL_AFTER:
            self._deaths = 0
        return self._obituary(f"{self.name} {self._how(briefly=self._deaths == 0)}")

    def is_due(self) -> bool:
        """Whether it ended, and its pause is over."""
        return self._due is not None and time.monotonic() >= self._due

    def failed(self, error: LocalError) -> str:
        """The sentence to say where it could not be started; it is tried again after a pause."""
        return self._obituary(str(error))

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it works."""

    @abstractmethod
    def _start(self) -> None: ...

    @abstractmethod
    def _has_ended(self) -> bool: ...

    @abstractmethod
    def _how(self, *, briefly: bool) -> str: ...

    def _obituary(self, sentence: str) -> str:
        self._deaths += 1
        pause = min(LONGEST_PAUSE, 2.0 ** min(self._deaths - 1, 16))
        self._due = time.monotonic() + pause
        return f"{sentence.rstrip('.')}. It is started again in {pause:.0f} s."


class Neighbour(Watched):
    """A server that is no child of ours. ``start`` has it running, and may raise ``LocalError``."""

    def __init__(self, name: str, *, runs: Callable[[], bool], start: Callable[[], None]) -> None:
        super().__init__(name)
        self._runs = runs
        self._bring_up = start

    def is_ready(self) -> bool:
        return self._runs()

    def _start(self) -> None:
        self._bring_up()

    def _has_ended(self) -> bool:
        return not self._runs()

    def _how(self, *, briefly: bool) -> str:
        return "has ended"


class Program(Watched):
    """A service and its present process, if any, which holds ``descriptors`` open.

    The process leads a group of its own; whatever is left of it when it ends is killed.
    """

    def __init__(self, service: Service, *, log: Path, descriptors: Sequence[int] = ()) -> None:
        super().__init__(service.name)
        self.service = service
        self._log_path = log
        self._log = _Log(log)
        self._descriptors = tuple(descriptors)
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._deadline = 0.0

    @property
    def group(self) -> int | None:
        """The process group of what runs."""
        return None if self._process is None else self._process.pid

    def is_ready(self) -> bool:
        return self._process is not None and self.service.is_ready(tuple(self._lines))

    def has_started(self) -> bool:
        """Whether it works by now. Raises ``ServiceTrouble`` where it ended before that, or takes too
        long.
        """
        if self.is_ready():
            return True
        if self._has_ended():
            raise ServiceTrouble(f"{self.name} cannot start: it {self._how(briefly=False)}")
        if time.monotonic() - self._begun > self.service.starts_in:
            late = f"it does not answer after {self.service.starts_in:.0f} s. {self._why()}"
            raise ServiceTrouble(f"{self.name} cannot start: {late}")
        return False

    def ask_to_end(self) -> None:
        """By a SIGTERM. Its time begins now."""
        self._deadline = time.monotonic() + self.service.stops_in
        if self._process is not None:
            self._process.terminate()

    def end(self) -> None:
        """Give it, once it was asked to, its time to end, and kill what is left."""
        process = self._process
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, self._deadline - time.monotonic()))
            self._bury(process)
        self._log.close()

    def _start(self) -> None:
        self._lines = deque(maxlen=_KEPT)
        try:
            self._process = subprocess.Popen(
                self.service.command,
                cwd=self.service.folder,
                env=os.environ | dict(self.service.environment),
                pass_fds=self._descriptors,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ServiceTrouble(f"{self.name} cannot start: {error}. {self.service.what_to_do}") from error
        self._reader = threading.Thread(target=self._read, args=(self._process, self._lines), daemon=True)
        self._reader.start()

    def _has_ended(self) -> bool:
        if self._process is None:
            return True
        # Cut short in there, it could leave a lock taken, for which `wait` then waits for ever.
        with uninterrupted():
            return self._process.poll() is not None

    def _how(self, *, briefly: bool) -> str:
        """How it ended and what it said before. What is left of its group is killed."""
        process = self._process
        if process is None:
            return "did not start"
        self._bury(process)
        return _ended(process) if briefly else f"{_ended(process)}. {self._why()}"

    def _bury(self, process: "subprocess.Popen[bytes]") -> None:
        with uninterrupted():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._process = None
        if self._reader is not None:
            self._reader.join(_DRAINED)

    def _why(self) -> str:
        told = _printable(" / ".join(line[:_LONGEST_TOLD] for line in _telling(tuple(self._lines))))
        sentence = f"It said: {told or 'nothing'}"
        end = "" if sentence[-1] in ".!?" else "."
        return f"{sentence}{end} {self.service.what_to_do} Its log is {self._log_path}."

    def _read(self, process: "subprocess.Popen[bytes]", lines: deque[str]) -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            for raw in iter(lambda: stream.readline(_LONGEST_LINE), b""):
                line = raw.decode(errors="replace").rstrip("\n")
                lines.append(line)
                self._log.handle(logging.makeLogRecord({"msg": line}))


class _Log(RotatingFileHandler):
    """What a program says, readable by its owner alone. That it cannot be written stops nothing."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=LARGEST_LOG, backupCount=1, encoding="utf-8", delay=True)

    def _open(self) -> TextIOWrapper:
        stream = super()._open()
        os.fchmod(stream.fileno(), 0o600)
        return stream

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Nothing: where a disk is full, the services say so themselves."""


def _ended(process: "subprocess.Popen[bytes]") -> str:
    status = process.returncode
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _telling(lines: Sequence[str]) -> list[str]:
    """What tells why a program ended: the error of its last traceback, else its last lines."""
    error, is_traced = "", False
    for line in lines:
        if line.startswith("Traceback "):
            is_traced = True
        elif is_traced and line and not line[0].isspace():
            error, is_traced = line, False
    return [error] if error else [line.strip() for line in lines if line.strip()][-_TOLD:]


def _printable(text: str) -> str:
    """What a program said may come from anywhere, and must not command the terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)
