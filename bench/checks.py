"""How fast the checks of all records are derived, beside a fixed loop of Python.

    python -m bench.checks [--records 5000] [--rounds 3] [--seed 1] [--json FILE]

Chains of answers of 300 words are made and indexed, in a PostgreSQL in a temporary folder: one whose answers
all differ, and one whose prompts are answered by a hundred scouts each, who mostly say the same. Of each, all
checks are derived from nothing, so many times, the loop before each. Beside their rate stands that of what
is done before (fetching, verifying, storing and folding, in one process), and which share of the processor's
time of both the checks take. bench/README.md has figures.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench import measure
from bench.ingest import served
from bench.measure import Rate
from bench.report import Report
from bench.usage import Cpu
from bench.workplace import Workplace
from devnet.serving.build import Plan

PEERS = {"all answers differ": 1, "a hundred peers": 100}
"""Scouts that answer a prompt, by what is said of the chain."""

_TURNS = 2_000_000


def loop() -> float:
    """Seconds that the fixed loop takes: what this machine, as busy as it is, does with plain Python."""
    begun, total = time.perf_counter(), 0
    for at in range(_TURNS):
        total += at * at % 7
    return time.perf_counter() - begun


class Bench:
    """One run."""

    def __init__(self, records: int, rounds: int, seed: int, report: Report) -> None:
        self._records = records
        self._rounds = rounds
        self._seed = seed
        self._report = report

    def run(self) -> None:
        """Measure each kind of chain, and show all of them."""
        with Workplace.opened() as place:
            measure.migrated(place)
            load = os.getloadavg()[0]
            self._report.say(f"{os.cpu_count()} cores, PostgreSQL {place.version()}, load {load:.1f}")
            self._report.add("start", records=self._records, rounds=self._rounds, load=load)
            rows = [self._measured(place, name, peers) for name, peers in PEERS.items()]
        self._report.table(
            f"All checks of {self._records:,} records, CPU in microseconds a record",
            ("", "records/s", "in one loop", "Python", "PostgreSQL", "loop, s", "ingest, records/s", "share"),
            rows,
        )

    def _measured(self, place: Workplace, name: str, peers: int) -> Sequence[object]:
        database = place.new_database()
        with served(Plan(self._records, peers, self._seed, "long"), self._report) as chain:
            ingest = Rate.of([measure.synced(place, chain, "sync", processes=1, database=database)])
        runs, loops = [], []
        for _ in range(self._rounds):
            loops.append(loop())
            runs.append(measure.checked(place, database))
        place.drop(database)
        rate, seconds = Rate.of(runs), median(loops)
        self._report.add(
            "checks",
            chain=name,
            peers=peers,
            records_per_second=rate.records_per_second,
            records_in_one_loop=rate.records_per_second * seconds,
            cpu_microseconds_per_record=asdict(rate.cpu),
            loop_seconds=seconds,
            ingested_per_second=ingest.records_per_second,
            share_of_cpu=share(rate.cpu, ingest.cpu),
        )
        in_one_loop = rate.records_per_second * seconds
        of_both = f"{share(rate.cpu, ingest.cpu):.0%}"
        own = rate.cpu.python, rate.cpu.postgres
        return (
            name, rate.records_per_second, in_one_loop, *own, seconds, ingest.records_per_second, of_both,
        )  # fmt: skip


def share(checked: Cpu, ingested: Cpu) -> float:
    """Of the processor's time that ingest and checks take together, what the checks take: that of the node,
    which is another's machine, aside.
    """
    own, before = (each.python + each.postgres for each in (checked, ingested))
    return own / (own + before)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.checks", description="Measure checks of records.")
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3, help="times that all are derived (3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="a file for the figures as JSON lines")
    given = parser.parse_args(arguments)
    report = Report(sys.stdout)
    Bench(given.records, given.rounds, given.seed, report).run()
    if given.json:
        given.json.write_text(report.lines())


if __name__ == "__main__":
    # What was started is stopped whichever way this ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
