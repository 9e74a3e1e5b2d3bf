"""What is measured, one function for each kind of run: every one in a database of its own."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench import rows
from bench.rows import Size
from bench.usage import Cpu, Peaks, cpu_seconds, watched
from bench.workplace import Node, Workplace
from devnet.serving.build import Chain


@dataclass(frozen=True, slots=True)
class Run:
    """One run: how many records, in how many seconds, what CPU it took, and what its worker said."""

    records: int
    seconds: float
    cpu: Cpu
    start_seconds: float = 0.0
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rate:
    """The median of several runs of one thing."""

    records_per_second: float
    cpu: Cpu  # microseconds a record
    start_seconds: float
    runs: int

    @classmethod
    def of(cls, runs: list[Run]) -> "Rate":
        """Each figure's own median."""

        def middle(figure: Callable[[Run], float]) -> float:
            return median(map(figure, runs))

        return cls(
            middle(lambda run: run.records / run.seconds),
            Cpu(
                middle(lambda run: run.cpu.python / run.records * 1e6),
                middle(lambda run: run.cpu.postgres / run.records * 1e6),
                middle(lambda run: run.cpu.node / run.records * 1e6),
            ),
            middle(lambda run: run.start_seconds),
            len(runs),
        )


@dataclass(frozen=True, slots=True)
class Served:
    """A made chain and the node that serves it."""

    chain: Chain
    node: Node


def migrated(place: Workplace) -> Run:
    """Make the product's tables in the database from which all others are made."""
    with place.worker("chasm", "migrate") as worker:
        before = place.cpu(worker.process)
        said = worker.work()
        return Run(0, said["seconds"], place.cpu(worker.process) - before, worker.start_seconds, said)


def synced(place: Workplace, served: Served, job: str, *, processes: int, database: str) -> Run:
    """Index the whole chain; `job` is that of `bench.worker`: sync, plain or stages."""
    with place.worker(database, job, "--node", served.node.url, "--processes", processes) as worker:
        before = place.cpu(worker.process, served.node)
        said = worker.work()
        cpu = place.cpu(worker.process, served.node) - before
    assert said["records"] == served.chain.records, "every record of the chain is in the tables"
    start = said["filler_start"]
    work = cpu - Cpu(start["cpu"], 0.0, 0.0)
    return Run(said["records"], said["seconds"] - start["seconds"], work, worker.start_seconds, said)


def looped(place: Workplace, served: Served, *, records: int) -> Run:
    """The public client's loop over the newest `records` of the chain."""
    database = place.new_database()
    with place.worker(database, "client", "--node", served.node.url, "--records", records) as worker:
        before = place.cpu(worker.process, served.node)
        said = worker.work()
        cpu = place.cpu(worker.process, served.node) - before
    place.drop(database)
    return Run(said["records"], said["seconds"], cpu, worker.start_seconds, said)


def checked(place: Workplace, database: str) -> Run:
    """Derive all checks anew of the chain that a database holds."""
    with place.worker(database, "checks") as worker:
        before = place.cpu(worker.process)
        said = worker.work()
        cpu = place.cpu(worker.process) - before
    return Run(said["records"], said["seconds"], cpu, worker.start_seconds, said)


def copied(place: Workplace, folder: Path, *, records: int) -> Run:
    """Raw COPY of the rows that a sync of so many records wrote."""
    database = place.new_database()
    before = Cpu(time.process_time(), cpu_seconds(place.server), 0.0)
    seconds = rows.load(place.connection_string(database), folder)
    cpu = Cpu(time.process_time(), cpu_seconds(place.server), 0.0) - before
    place.drop(database)
    return Run(records, seconds, cpu)


def weighed(place: Workplace, served: Served) -> list[Size]:
    """How large the tables and indexes are once the chain is in them."""
    database = place.new_database()
    synced(place, served, "sync", processes=1, database=database)
    sizes = rows.sizes(place.connection_string(database))
    place.drop(database)
    return sizes


def remembered(place: Workplace, served: Served, *, processes: int) -> Peaks:
    """The memory that indexing the chain takes, with so many fillers."""
    database = place.new_database()
    arguments = ("sync", "--node", served.node.url, "--processes", processes)
    with place.worker(database, *arguments) as worker, watched(worker.process, place.server) as peaks:
        peaks.main = max(peaks.main, worker.work()["peak_bytes"])
    place.drop(database)
    return peaks
