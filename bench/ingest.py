"""How fast, how large and how heavy indexing is: measured in one run, beside what bounds it.

    python -m bench.ingest [--records 10000] [--peers 100] [--size typical] [--seed 1] [--json FILE]

Everything is started in a temporary folder and removed again. bench/README.md says what each figure means.
Rates are for comparing with each other within a run: they are no promise about another machine.
"""

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import measure, rows, workplace
from bench.measure import Rate, Run, Served
from bench.report import Report
from bench.usage import MIB
from bench.workplace import Workplace
from devnet.serving import build as chain
from devnet.serving.build import SIZES, Plan

PARTS: Final = ("rates", "stages", "bytes", "memory")
FEWER_PEERS: Final = (10, 1)
WEIGHED: Final = ("typical", "small")
LOOP_RECORDS: Final = 2_000
LARGER: Final = 10
_ENOUGH_FOR_SEVERAL = 1_000  # records: fewer are made before processes have started


class Bench:
    """One run over a plan's chain."""

    def __init__(self, plan: Plan, *, rounds: int, report: Report) -> None:
        self._plan = plan
        self._rounds = rounds
        self._report = report
        self._processes = os.cpu_count() or 1

    def run(self, parts: Sequence[str]) -> None:
        """Measure the parts, in the order of `PARTS`."""
        with Workplace.opened() as place:
            self._start(place)
            if "rates" in parts or "stages" in parts:
                with served(self._plan, self._report) as chain_served:
                    if "rates" in parts:
                        self.rates(place, chain_served)
                    if "stages" in parts:
                        self.stages(place, chain_served)
            if "bytes" in parts:
                self.weights(place)
            if "memory" in parts:
                self.memory(place)

    def _start(self, place: Workplace) -> None:
        migrated = measure.migrated(place)
        version = place.version()
        cores, python = self._processes, platform.python_version()
        self._report.say(
            f"{cores} cores, Python {python}, PostgreSQL {version}, load {os.getloadavg()[0]:.1f}"
        )
        self._report.add(
            "start",
            plan=asdict(self._plan),
            rounds=self._rounds,
            cores=cores,
            python=python,
            postgres=version,
            load=os.getloadavg()[0],
            at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            postgres_start_seconds=place.server_seconds,
            migration_seconds=migrated.seconds,
            interpreter_seconds=migrated.start_seconds,
        )
        self._report.say(
            f"Before the clock: PostgreSQL {place.server_seconds:.1f} s, interpreter with Django "
            f"{migrated.start_seconds:.1f} s, migrations {migrated.seconds:.1f} s"
        )

    def rates(self, place: Workplace, served: Served) -> None:
        """Records a second: verified, not verified, raw COPY, the public client's loop; in turns."""
        records = served.chain.records
        dumped = place.state / "rows"
        count = self._dump(place, served, dumped)

        def sync(job: str, processes: int) -> Run:
            database = place.new_database()
            try:
                return measure.synced(place, served, job, processes=processes, database=database)
            finally:
                place.drop(database)

        several = f"verified, {self._processes} processes"
        ways: dict[str, Callable[[], Run]] = {
            several: lambda: sync("sync", self._processes),
            "verified, one process": lambda: sync("sync", 1),
            "nothing verified, one process": lambda: sync("plain", 1),
            "raw COPY of the same rows": lambda: measure.copied(place, dumped, records=records),
            "client's decoder, ORM": lambda: measure.looped(
                place, served, records=min(records, LOOP_RECORDS)
            ),
        }
        runs: dict[str, list[Run]] = {way: [] for way in ways}
        for _ in range(self._rounds):
            for way, run in ways.items():
                runs[way].append(run())
        self._show_rates({way: Rate.of(done) for way, done in runs.items()}, rows_per_record=count / records)
        start = runs[several][-1].said["filler_start"]
        self._report.say(
            f"  Not counted: the start of {self._processes} fillers, {start['seconds']:.1f} s "
            f"({start['cpu']:.1f} s of CPU)"
        )
        self._report.add("fillers", processes=self._processes, **start)

    def _dump(self, place: Workplace, served: Served, folder: Path) -> int:
        """The rows that a sync writes, in files; also the run that warms everything up."""
        database = place.new_database()
        measure.synced(place, served, "sync", processes=1, database=database)
        count = rows.dump(place.connection_string(database), folder)
        place.drop(database)
        return count

    def _show_rates(self, rates: dict[str, Rate], *, rows_per_record: float) -> None:
        copy, loop = rates["raw COPY of the same rows"], rates["client's decoder, ORM"]
        shown = []
        for way, rate in rates.items():
            cpu = rate.cpu
            of_copy = rate.records_per_second / copy.records_per_second
            times_loop = rate.records_per_second / loop.records_per_second
            shown.append(
                (
                    way,
                    rate.records_per_second,
                    of_copy,
                    times_loop,
                    *(cpu.python, cpu.postgres, cpu.python + cpu.postgres, cpu.node),
                )
            )
            self._report.add(
                "rate",
                way=way,
                records_per_second=rate.records_per_second,
                of_raw_copy=of_copy,
                times_client_loop=times_loop,
                cpu_microseconds_per_record=asdict(cpu),
                runs=rate.runs,
            )
        heads = ("", "records/s", "of COPY", "x loop", "Python", "PostgreSQL", "both", "node")
        self._report.table("Rates, and CPU in microseconds a record", heads, shown)
        rows_per_second = copy.records_per_second * rows_per_record
        self._report.say(f"  Raw COPY: {rows_per_second:,.0f} rows/s, {rows_per_record:.2f} rows a record")
        self._report.add("copy", rows_per_second=rows_per_second, rows_per_record=rows_per_record)

    def stages(self, place: Workplace, served: Served) -> None:
        """Microseconds a record by stage, in one process."""
        database = place.new_database()
        run = measure.synced(place, served, "stages", processes=1, database=database)
        place.drop(database)
        per_record = 1e6 / run.records
        stages = run.said["stages"]
        self._report.add("stages", seconds=run.seconds, records=run.records, stages=stages)
        total = sum(each["cpu"] for each in stages.values())
        self._report.table(
            "Where one process spends its time, microseconds a record",
            ("", "CPU", "waiting", "of the CPU"),
            [
                (
                    stage,
                    each["cpu"] * per_record,
                    (each["wall"] - each["cpu"]) * per_record,
                    f"{each['cpu'] / total:.0%}",
                )
                for stage, each in stages.items()
            ],
        )
        self._report.say(
            f"  CPU in all: Python {total * per_record:.0f}, PostgreSQL {run.cpu.postgres * per_record:.0f}"
        )

    def weights(self, place: Workplace) -> None:
        """Bytes in PostgreSQL for each byte of transaction, by size of transactions and peers of a prompt."""
        totals = []
        for size in WEIGHED:
            for peers in dict.fromkeys((self._plan.peers, *FEWER_PEERS)):
                plan = replace(self._plan, size=size, peers=peers)
                with served(plan, self._report) as each:
                    totals.append((f"{size}, {peers} peers", *self._weigh(place, each, plan)))
        heads = ("", "bytes a transaction", "tables", "indexes", "in all, of the raw bytes")
        self._report.table("Bytes in PostgreSQL for each byte of transaction", heads, totals)

    def _weigh(self, place: Workplace, served: Served, plan: Plan) -> tuple[float, float, float, float]:
        raw = served.chain.transaction_bytes
        sizes = measure.weighed(place, served)
        tables = sum(each.bytes for each in sizes if each.index is None) / raw
        indexes = sum(each.bytes for each in sizes if each.index is not None) / raw
        self._report.add(
            "bytes",
            size=plan.size,
            peers=plan.peers,
            records=plan.records,
            transaction_bytes=raw,
            of_raw_bytes=tables + indexes,
            relations={each.index or each.table: each.bytes for each in sizes},
        )
        if plan.peers == self._plan.peers:
            self._report.table(
                f"{plan.size} transactions, {plan.peers} peers a prompt",
                ("table or index", "bytes a record", "of the raw bytes"),
                [(each.index or each.table, each.bytes / plan.records, each.bytes / raw) for each in sizes],
            )
        return raw / plan.records, tables, indexes, tables + indexes

    def memory(self, place: Workplace) -> None:
        """Largest memory at the plan's records and at ten times as many."""
        shown = []
        for times in (1, LARGER):
            plan = replace(self._plan, records=self._plan.records * times)
            with served(plan, self._report) as each:
                peaks = measure.remembered(place, each, processes=self._processes)
            fillers = sorted(peaks.fillers.values(), reverse=True)
            self._report.add(
                "memory", records=plan.records, main=peaks.main, fillers=fillers, postgres=peaks.postgres
            )
            listed = " + ".join(f"{each / MIB:.0f}" for each in fillers)
            shown.append((f"{plan.records:,} records", peaks.main / MIB, listed, peaks.postgres / MIB))
        self._report.table("Largest memory in MiB", ("", "main process", "fillers", "PostgreSQL"), shown)


@contextmanager
def served(plan: Plan, report: Report, folder: Path | None = None) -> Iterator[Served]:
    """Make a plan's chain and serve it; in a folder it stays, and is taken from there if it was made."""
    with TemporaryDirectory(prefix="chasm-bench-chain-") as temporary:
        folder = folder or Path(temporary)
        made = chain.made_in(folder) or _made(plan, report, folder)
        with workplace.node(folder) as node:
            yield Served(made, node)


def _made(plan: Plan, report: Report, folder: Path) -> chain.Chain:
    started = time.monotonic()
    several = plan.records >= _ENOUGH_FOR_SEVERAL
    made = chain.write(plan, folder, processes=(os.cpu_count() or 1) if several else 1)
    report.say(
        f"\nA chain of {made.records:,} {plan.size} records, {plan.peers} peers a prompt, "
        f"{made.height:,} blocks, {made.transaction_bytes / MIB:.1f} MiB of transactions, made in "
        f"{time.monotonic() - started:.1f} s"
    )
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says; JSON lines go to the file, or after the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description="Measure indexing.")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--peers", type=int, default=100, help="scouts that answer one prompt (100)")
    parser.add_argument("--size", choices=sorted(SIZES), default="typical")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3, help="runs of what is compared (3), in turns")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"what to measure ({','.join(PARTS)})")
    parser.add_argument("--json", type=Path, help="a file for the figures as JSON lines")
    given = parser.parse_args(arguments)
    parts = given.parts.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    report = Report(sys.stdout)
    plan = Plan(given.records, given.peers, given.seed, given.size)
    Bench(plan, rounds=given.rounds, report=report).run(parts)
    if given.json:
        given.json.write_text(report.lines())
    else:
        report.say(f"\n{report.lines()}")


if __name__ == "__main__":
    # What was started is stopped whichever way this ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
