"""How long pages and lists take, at several sizes of one chain, and how many of them are given a second.

    python -m bench.pages [--records 10000,100000] [--peers 100] [--asks 200] [--hot 10] [--readers 8]
                          [--crowd 0] [--seed 1] [--folder FOLDER] [--json FILE]

A varied chain of each size and another of a third of it are made, indexed by `manage.py sync` and derived;
`manage.py run` shows them, all in a temporary folder, or in one that is named and used again. Each kind of
page is asked for, one at a time, with something else in its address each time and no answer kept: the first
one after the start (cold), then so many more. Then a few addresses are asked for again and again by several
readers at once, with answers kept and without. With a crowd, pages and searches are asked for while so many
readers ask once a second: while nothing is indexed, and while a third chain is. bench/README.md says more.
"""

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from bench.ingest import served
from bench.measure import Served
from bench.readers import Address, Reader, crowd, given_a_second
from bench.report import Report, percentile
from bench.site import running
from bench.workplace import ROOT, environment
from devnet.serving.build import Chain, Plan

_SOUGHT = {
    "absent": "zzzabsent",
    "rare": "axolotl",
    "1 %": "zinc",
    "10 %": "quick",
    "70 %": "which",
    "everywhere": "the",
    "oldest 2 %": "kelp",
    "older half": "oxide",
    "phrase": '"silver anchor"',
    "prefix": "xylem*",
    "CJK": "\u691c\u7d22",
    "without": "zinc -which",
    "either": "axolotl OR zinc",
    "usual, model": "quick model:gemma2-9b-it",
    "older half, model": "oxide model:google/*",
    "older half, scout": "oxide scout:7",
    "1 %, deleted": "zinc status:deleted",
    "edited in a month": "quick has:edit changed:2024-10-01..2024-11-01",
    "two filters": "model:gemma2-9b-it status:edited",
}
"""Lines by what is asked for in words that a varied chain has in a known share of its prompts."""
_OF_A_CROWD = ("home", "record", "list", "list of a chain", "block")
_SMALLER = 3  # the other chain has this part of the records


@dataclass(frozen=True, slots=True)
class Asked:
    """What one kind of page took, in ms: the first time after the start, and then."""

    cold: float
    warm: Sequence[float]
    statuses: Mapping[int, int]

    @property
    def p95(self) -> float:
        """What 95 of 100 took at most."""
        return percentile(self.warm, 0.95)


def addresses(chain: Chain) -> Mapping[str, Address]:
    """The kinds of pages, each with an address that chance completes. Lists and searches are of all chains,
    but for those that name one.
    """
    here = f"/chains/{chain.brid}"

    def listed(**parameters: str) -> Address:
        query = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
        return lambda chance: (
            f"{here}/records?{query}{'&' if query else ''}before={chance.randint(1, chain.height) << 20}"
        )

    def sought(line: str, of: str = "") -> Address:
        return lambda chance: f"{of}/records?q={quote(line)}&limit={chance.randint(30, 49)}"

    def counted(**parameters: str) -> Address:
        query = "".join(f"{name}={quote(value)}&" for name, value in parameters.items())
        return lambda chance: f"/records/facets?{query}limit={chance.randint(30, 49)}"

    def changes(query: str = "") -> Address:
        return lambda chance: f"/ledger?{query}limit={chance.randint(30, 49)}"

    def prompts(order: str) -> Address:
        sort = "" if order == "newest" else f"order={order}&"
        return lambda chance: f"/prompts?{sort}limit={chance.randint(30, 49)}"

    return {
        "home": lambda _: "/",
        "record": lambda chance: f"{here}/records/{chance.randint(1, chain.records)}",
        "record, JSON": lambda chance: f"/api/v1{here}/records/{chance.randint(1, chain.records)}",
        "block": lambda chance: f"{here}/blocks/{chance.randrange(chain.height)}",
        "list of a chain": listed(),
        "list": lambda chance: f"/records?limit={chance.randint(30, 49)}",
        "list, edited": listed(status="edited"),
        "list, rare scout": lambda chance: f"/records?status=edited&scout={chance.randint(1, 400)}",
        **{f"search, {name}": sought(line) for name, line in _SOUGHT.items()},
        "search, one chain": sought("zinc", here),
        "search, phrase in one chain": sought('"silver anchor"', here),
        "list, checked": sought("check:altered"),
        "list, checked, rare": sought("check:deleted scout:7"),
        "list, checked, passed": sought("check:malformed=pass"),
        "list, checked, not known": sought("check:usage-implausible=unknown"),
        **{f"prompts, {order}": prompts(order) for order in ("newest", "answers", "disagreement")},
        "ledger": changes(),
        "ledger, same words": changes("wording=same&"),
        "ledger, batches": changes("kind=batch-delete&"),
        "model": lambda _: "/models/gemma2-9b-it",
        "scout": lambda chance: f"{here}/scouts/{chance.randint(1, 400)}",
        "checks": lambda _: "/checks",
        "facets, all": counted(),
        "facets, two filters": counted(status="edited", model="gemma2-9b-it"),
        "facets, common word": counted(q="the"),
        "facets, 1 %": counted(q="zinc"),
        "facets, absent": counted(q="zzzabsent"),
        "facets, common word, model": counted(q="the", model="gemma2-9b-it"),
    }


def addresses_of_prompts(site: str) -> Mapping[str, Address]:
    """The pages of the prompts with the most different answers, as the site itself lists them."""
    with closing(Reader(site)) as reader:
        _, body = reader.get("/api/v1/prompts?order=answers&limit=100")
    found = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)["results"]
    keys = [each["prompt_key"] for each in found]
    return {
        "prompt": lambda chance: f"/prompts/{chance.choice(keys)}",
        "prompt, JSON": lambda chance: f"/api/v1/prompts/{chance.choice(keys)}",
    }


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


@contextmanager
def indexed(plan: Plan, folder: Path, report: Report) -> Iterator[tuple[Served, Path]]:
    """A chain that is made and served, and indexed in a folder beside another, unless it is there."""
    state = folder / f"state-{plan.records}"
    others = replace(plan, records=plan.records // _SMALLER, seed=plan.seed + 1)
    done = state / "measured"
    is_new = not done.exists()
    if is_new:
        with served(others, report, folder / f"chain-{others.records}") as other:
            _ended(report, others, "sync", _synced(state, other))
    with served(plan, report, folder / f"chain-{plan.records}") as chain:
        if is_new:
            _ended(report, plan, "sync", _synced(state, chain))
            _ended(report, plan, "derive", _command(state, "derive"))
            done.touch()
        yield chain, state


def _synced(state: Path, chain: Served) -> "subprocess.Popen[bytes]":
    return _command(state, "sync", f"--node={chain.node.url}", "--processes=2")


def _command(state: Path, command: str, *options: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", command, *options],
        cwd=ROOT,
        env=environment() | {"STATE": str(state)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _ended(report: Report, plan: Plan, command: str, process: "subprocess.Popen[bytes]") -> None:
    started = time.monotonic()
    if status := process.wait():
        raise subprocess.CalledProcessError(status, command)
    seconds = time.monotonic() - started
    report.say(f"  manage.py {command}: {seconds:.1f} s")
    report.add(command, records=plan.records, seconds=seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says."""
    given = _parser().parse_args(arguments)
    report = Report(sys.stdout)
    sizes = [int(each) for each in given.records.split(",")]
    taken: dict[int, Mapping[str, Asked]] = {}
    with tempfile.TemporaryDirectory(prefix="chasm-pages-") as temporary:
        folder = given.folder or Path(temporary)
        for records in sizes:
            plan = Plan(records, given.peers, given.seed, is_varied=True)
            with indexed(plan, folder.resolve(), report) as (chain, state):
                taken[records] = _measured(report, given, chain, state)
    _tell_growth(report, taken)
    if given.json:
        given.json.write_text(report.lines())


def _measured(report: Report, given: argparse.Namespace, chain: Served, state: Path) -> Mapping[str, Asked]:
    """All that is measured of one size."""
    records = chain.chain.records
    kinds = addresses(chain.chain)
    with running(chain.node.url, state, KEPT_ANSWERS="0") as site:
        every = {**kinds, **addresses_of_prompts(site)}
        found = asked(site, every, asks=given.asks, seed=given.seed)
        tell(report, records, found)
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
        if given.crowd:
            _crowded(report, given, chain, state, site)
    report.add("a_second", records=records, readers=given.readers, made_anew=anew, kept=kept)
    report.table(
        f"Answers a second to {given.readers} readers of one address, {records:,} records",
        ["page", "made anew", "kept"],
        [[name, anew[name], kept[name]] for name in hot],
    )
    return found


def _crowded(report: Report, given: argparse.Namespace, chain: Served, state: Path, site: str) -> None:
    """Pages beside a crowd, while nothing is indexed and while another chain is."""
    kinds = addresses(chain.chain)
    pages = [kinds[name] for name in _OF_A_CROWD]
    searches = {name: each for name, each in kinds.items() if name.startswith("search")}
    plan = Plan(chain.chain.records // _SMALLER, given.peers, given.seed + 2, is_varied=True)
    rows = []
    with served(plan, report, state.with_name(f"chain-{plan.records}-more")) as more:
        for name in ("nothing", "a chain"):
            indexing = None if name == "nothing" else _synced(state, more)
            with crowd(site, pages, readers=given.crowd, seed=given.seed) as took:
                asks = max(1, given.asks // len(searches))
                found = asked(site, searches, asks=asks, seed=given.seed)
            warm = [each for kind in found.values() for each in kind.warm]
            was_indexing = indexing is None or indexing.poll() is None
            figures = [percentile(each, part) for each in (took, warm) for part in (0.5, 0.95)]
            rows.append([name if was_indexing else f"{name}, to its end", len(took), *figures])
            if indexing is not None:
                indexing.terminate()
                indexing.wait()
    report.add("crowd", readers=given.crowd, rows=rows)
    report.table(
        f"{given.crowd} readers who ask once a second, ms",
        ["indexed meanwhile", "answers", "pages p50", "p95", "searches p50", "p95"],
        rows,
    )


def tell(report: Report, records: int, found: Mapping[str, Asked]) -> None:
    """A table of what each kind of page took."""
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
    parser.add_argument("--crowd", type=int, default=0, help="readers who ask once a second (0: none)")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with (1)")
    parser.add_argument("--folder", type=Path, help="where what is made stays, to be asked again")
    parser.add_argument("--json", type=Path, help="where to write the figures, a JSON object a line")
    return parser


if __name__ == "__main__":
    main()
