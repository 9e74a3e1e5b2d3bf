"""What processes cost: CPU seconds and memory, read from the system while they live."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

MIB = 1 << 20
_EVERY_SECONDS = 0.05
_SHARED_EVERY = 5  # ticks: what several processes share is slow to read


def cpu_seconds(process: psutil.Process) -> float:
    """CPU seconds of a process and of all that it started, whether they live or have ended."""
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        ended = times.children_user + times.children_system
        return float(times.user + times.system + ended + sum(map(cpu_seconds, process.children())))
    return 0.0


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds of the three that share the machine."""

    python: float
    postgres: float
    node: float

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.python - other.python, self.postgres - other.postgres, self.node - other.node)


@dataclass(slots=True)
class Peaks:
    """Largest memory seen, in bytes: of each Python process what it occupies (RSS), with the first one apart
    from those that fill windows; of PostgreSQL its processes together, shared pages counted once (PSS).
    """

    main: int = 0
    fillers: dict[int, int] = field(default_factory=dict)
    postgres: int = 0


@contextmanager
def watched(python: psutil.Process, postgres: psutil.Process) -> Iterator[Peaks]:
    """Watch the memory of a Python process with its fillers, and of a PostgreSQL server, until the end."""
    peaks = Peaks()
    over = threading.Event()

    def watch() -> None:
        tick = 0
        while not over.wait(_EVERY_SECONDS):
            _see_python(peaks, python)
            if tick % _SHARED_EVERY == 0:
                peaks.postgres = max(peaks.postgres, _proportional(postgres))
            tick += 1

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def _see_python(peaks: Peaks, process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        peaks.main = max(peaks.main, process.memory_info().rss)
        for forking in process.children():
            for child in forking.children():
                _see_filler(peaks, child)


def _see_filler(peaks: Peaks, child: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        if any("forkserver" in word for word in child.cmdline()):
            peaks.fillers[child.pid] = max(peaks.fillers.get(child.pid, 0), child.memory_info().rss)


def _proportional(server: psutil.Process) -> int:
    total = 0
    with suppress(psutil.NoSuchProcess):
        for each in (server, *server.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += each.memory_full_info().pss
    return total
