"""How long pages and lists take, at several sizes of one chain, and how many of them are given a second.

    python -m bench.pages [--records 10000,100000] [--peers 100] [--asks 200] [--hot 10] [--readers 8]
                          [--seed 1] [--json FILE]

A chain of each size is made, indexed by `manage.py sync` and derived; `manage.py run` shows it in a temporary
folder. Each kind of page is asked for, one at a time, with something else in its address each time and no
answer kept: the first one after the start (cold), then so many more. Then a few addresses are asked for again
and again by several readers at once, with answers kept and without. bench/README.md says more.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from bench.ingest import served
from bench.measure import Served
from bench.report import Report, percentile
from bench.site import running
from bench.workplace import ROOT, environment
from devnet.serving.build import Chain, Plan

_ACCEPTED = {"Accept": "text/html,application/json", "Accept-Encoding": "gzip"}
_LONGEST = 600.0
_ABSENT = "zzzabsent"

Address = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one kind of page took, in ms: the first time after the start, and then."""

    cold: float
    warm: Sequence[float]
    statuses: Mapping[int, int]


class Reader:
    """One reader with one connection."""

    def __init__(self, site: str) -> None:
        self._connection = HTTPConnection(urlsplit(site).netloc, timeout=_LONGEST)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def get(self, path: str) -> tuple[HTTPResponse, bytes]:
        """The answer of the site and its body."""
        self._connection.request("GET", path, headers=_ACCEPTED)
        response = self._connection.getresponse()
        return response, response.read()

    def json(self, path: str) -> dict[str, Any]:
        """A JSON answer."""
        self._connection.request("GET", path)
        found: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return found

    def timed(self, path: str) -> tuple[int, float]:
        """Its status, and the ms that it took."""
        started = time.monotonic()
        response, _ = self.get(path)
        return response.status, (time.monotonic() - started) * 1000


def addresses(reader: Reader, chain: Chain) -> Mapping[str, Address]:
    """The kinds of pages, each with an address that chance completes."""
    here = f"/chains/{chain.brid}"
    words = _words(reader, here)

    def listed(**parameters: str) -> Address:
        query = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
        return lambda chance: (
            f"{here}/records?{query}{'&' if query else ''}before={chance.randint(1, chain.height) << 20}"
        )

    def sought(line: str) -> Address:
        return lambda chance: f"{here}/records?q={quote(line)}&limit={chance.choice((25, 50, 100))}"

    return {
        "home": lambda _: "/",
        "record": lambda chance: f"{here}/records/{chance.randint(1, chain.records)}",
        "record, JSON": lambda chance: f"/api/v1{here}/records/{chance.randint(1, chain.records)}",
        "block": lambda chance: f"{here}/blocks/{chance.randrange(chain.height)}",
        "list": listed(),
        "list, all chains": lambda _: "/records",
        "list, edited": listed(status="edited"),
        "search, absent": sought(_ABSENT),
        "search, common": sought("the"),
        "search, a newest word": sought(words[0]),
        "search, an oldest word": sought(words[1]),
        "search, phrase": sought(words[2]),
        "search, prefix": sought(f"{words[1][:4]}*"),
        "search, without": sought(f"the -{words[1]}"),
        "search, model": sought(f"{words[0]} model:gemma2-9b-it"),
    }


def _words(reader: Reader, here: str) -> tuple[str, str, str]:
    """A long word of the newest record's answer, one of the oldest's, and three words of that in a row."""
    newest, oldest = (
        _answer(reader, f"/api/v1{here}/records?limit=1&order={order}") for order in ("newest", "oldest")
    )
    longest = [max(said[20:], key=len) for said in (newest, oldest)]
    return longest[0], longest[1], f'"{" ".join(oldest[10:13])}"'


def _answer(reader: Reader, path: str) -> list[str]:
    (row,) = reader.json(path)["results"]
    return [each for each in row["answer"]["text"].replace(".", " ").split() if each.isalpha()]


def asked(site: str, kinds: Mapping[str, Address], *, asks: int, seed: int) -> Mapping[str, Asked]:
    """What each kind of page took."""
    found = {}
    with closing(Reader(site)) as reader:
        for name, address in kinds.items():
            chance = random.Random(f"{seed} {name}")
            timed = [reader.timed(address(chance)) for _ in range(asks + 1)]
            statuses = [status for status, _ in timed]
            found[name] = Asked(
                timed[0][1],
                [took for _, took in timed[1:]],
                {status: statuses.count(status) for status in sorted(set(statuses))},
            )
    return found


def given_a_second(site: str, path: str, *, readers: int, seconds: float) -> float:
    """Answers a second to so many readers who ask for one address all the time."""
    done = [0] * readers
    ends = time.monotonic() + seconds

    def read(number: int) -> None:
        with closing(Reader(site)) as reader:
            while time.monotonic() < ends:
                reader.get(path)
                done[number] += 1

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(done) / seconds


@contextmanager
def indexed(plan: Plan, folder: Path, report: Report) -> Iterator[tuple[Served, Path]]:
    """A chain that is made, served, and indexed in a folder."""
    with served(plan, report) as chain:
        state = folder / f"state-{plan.records}"
        for command in (["sync", f"--node={chain.node.url}", "--processes=2"], ["derive"]):
            started = time.monotonic()
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=environment() | {"STATE": str(state)},
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            seconds = time.monotonic() - started
            report.say(f"  manage.py {command[0]}: {seconds:.1f} s")
            report.add(command[0], records=plan.records, seconds=seconds)
        yield chain, state


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says."""
    given = _parser().parse_args(arguments)
    report = Report(sys.stdout)
    sizes = [int(each) for each in given.records.split(",")]
    taken: dict[int, Mapping[str, Asked]] = {}
    with tempfile.TemporaryDirectory(prefix="chasm-pages-") as folder:
        for records in sizes:
            plan = Plan(records, given.peers, given.seed)
            with indexed(plan, Path(folder), report) as (chain, state):
                taken[records] = _measured(report, given, chain, state)
    _tell_growth(report, taken)
    if given.json:
        given.json.write_text(report.lines())


def _measured(report: Report, given: argparse.Namespace, chain: Served, state: Path) -> Mapping[str, Asked]:
    """All that is measured of one size."""
    records = chain.chain.records
    with running(chain.node.url, state, KEPT_ANSWERS="0") as site, closing(Reader(site)) as reader:
        kinds = addresses(reader, chain.chain)
        found = asked(site, kinds, asks=given.asks, seed=given.seed)
        _tell(report, records, found)
        hot = {name: kinds[name](random.Random(given.seed)) for name in ("home", "list", "record")}
        anew = {
            name: given_a_second(site, path, readers=given.readers, seconds=given.hot)
            for name, path in hot.items()
        }
    with running(chain.node.url, state) as site:
        kept = {
            name: given_a_second(site, path, readers=given.readers, seconds=given.hot)
            for name, path in hot.items()
        }
    report.add("a_second", records=records, readers=given.readers, made_anew=anew, kept=kept)
    report.table(
        f"Answers a second to {given.readers} readers of one address, {records:,} records",
        ["page", "made anew", "kept"],
        [[name, anew[name], kept[name]] for name in hot],
    )
    return found


def _tell(report: Report, records: int, found: Mapping[str, Asked]) -> None:
    rows = []
    for name, each in found.items():
        shown = {
            "cold": each.cold,
            **{f"p{part}": percentile(each.warm, part / 100) for part in (50, 95, 99)},
        }
        statuses = {str(status): count for status, count in each.statuses.items()}
        report.add("page", records=records, page=name, statuses=statuses, **shown)
        rows.append(
            [name, *shown.values(), " ".join(f"{count}x{status}" for status, count in statuses.items())]
        )
    report.table(f"Pages of {records:,} records, ms", ["page", "cold", "p50", "p95", "p99", "answers"], rows)


def _tell_growth(report: Report, taken: Mapping[int, Mapping[str, Asked]]) -> None:
    least, most = min(taken), max(taken)
    if least == most:
        return
    grown = {
        name: percentile(taken[most][name].warm, 0.95) / percentile(each.warm, 0.95)
        for name, each in taken[least].items()
    }
    report.add("growth", of=[least, most], p95=grown)
    report.table(f"p95 at {most:,} records, of that at {least:,}", ["page", "times"], list(grown.items()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description="Measure pages and lists.")
    parser.add_argument("--records", default="10000,100000", help="sizes, with commas (10000,100000)")
    parser.add_argument("--peers", type=int, default=100, help="scouts that answer one prompt (100)")
    parser.add_argument("--asks", type=int, default=200, help="of each kind of page (200)")
    parser.add_argument("--hot", type=float, default=10.0, help="seconds for one address (10)")
    parser.add_argument("--readers", type=int, default=8, help="at once, of one address (8)")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with (1)")
    parser.add_argument("--json", type=Path, help="where to write the figures, a JSON object a line")
    return parser


if __name__ == "__main__":
    main()
