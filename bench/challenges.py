"""How long the pages of challenges take, and those that count them, with very many challenges.

    python -m bench.challenges [--records 20000] [--challenges 100000] [--asks 100] [--seed 1]
                               [--folder FOLDER] [--json FILE]

A varied chain and a smaller one are made and indexed as for `bench.pages`. Then so many challenges are
written into the desk's tables, four events each, over all records of both, in every state; `manage.py run`
shows them, with no answer kept. Each kind of page is asked for one at a time, with something else in its
address each time. bench/README.md has figures.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.measure import Served
from bench.pages import asked, indexed, tell
from bench.readers import Address
from bench.report import Report
from bench.site import running
from bench.workplace import ROOT, environment
from devnet.serving.build import Chain, Plan

MOST = 100.0
"""Milliseconds that a list or a challenge may take, for 95 of 100 that ask."""

_HELD_TO = ("list", "challenge")


def addresses(chain: Chain, challenges: int, year: int) -> Mapping[str, Address]:
    """The kinds of pages, each with an address that chance completes."""
    here = f"/chains/{chain.brid}"

    def listed(query: str) -> Address:
        return lambda chance: f"/challenges?{query}{'&' if query else ''}limit={chance.randint(30, 49)}"

    def one(chance: object) -> str:
        return f"C-{year}-{chance.randint(1, challenges):06d}"  # type: ignore[attr-defined]

    return {
        "list": listed(""),
        "list, older": lambda chance: f"/challenges?before={year * 10**9 + chance.randint(50, challenges)}",
        "list, pending": listed("status=pending"),
        "list, open": listed("status=open"),
        "list, final": listed("status=final"),
        "list, upheld": listed("resolution=upheld"),
        "list, spam": listed("closed=spam"),
        "list, ground": listed("ground=malformed"),
        "list, chain": listed(f"chain={chain.brid}"),
        "list, record": lambda chance: (
            f"/challenges?chain={chain.brid}&record={chance.randint(1, chain.records)}"
        ),
        "list, scout": lambda chance: f"/challenges?scout={chance.randint(1, 400)}",
        "list, model": listed("model=gemma2-9b-it"),
        "list, models": listed("model=gemma*"),
        "list, nobody's model": listed("model=nobody"),
        "list, due soon": listed("due_before=2030-01-01"),
        "list, due next": listed("order=due"),
        "list, JSON": lambda chance: f"/api/v1/challenges?limit={chance.randint(30, 49)}",
        "challenge": lambda chance: f"/challenges/{one(chance)}",
        "challenge, JSON": lambda chance: f"/api/v1/challenges/{one(chance)}",
        "numbers": lambda _: "/challenges/metrics",
        "file of 10,000": lambda chance: (
            f"/challenges/export?before={year * 10**9 + chance.randint(challenges // 2, challenges)}"
        ),
        "record with challenges": lambda chance: f"{here}/records/{chance.randint(1, chain.records)}",
        "records": lambda chance: f"{here}/records?before={chance.randint(1, chain.height) << 20}",
        "records, open": lambda chance: f"{here}/records?challenge=open&limit={chance.randint(30, 49)}",
        "records, upheld": lambda chance: f"/records?challenge=upheld&limit={chance.randint(30, 49)}",
        "records, challenged": lambda chance: f"/records?has=challenge&limit={chance.randint(30, 49)}",
        "records, words and open": lambda chance: (
            f"/records?q=quick+challenge:open&limit={chance.randint(30, 49)}"
        ),
        "model": lambda _: "/models/gemma2-9b-it",
        "models": lambda chance: f"/models?limit={chance.randint(30, 49)}",
        "scouts": lambda chance: f"{here}/scouts?limit={chance.randint(30, 49)}",
        "scout": lambda chance: f"{here}/scouts/{chance.randint(1, 100)}",
    }


def filled(state: Path, challenges: int) -> int:
    """Write the challenges into an installation; gives the year that their numbers begin with."""
    done = state / f"challenges-{challenges}"
    if not done.exists():
        said = subprocess.run(
            [sys.executable, "-m", "bench.challenges_filled", str(challenges)],
            cwd=ROOT,
            env=environment() | {"STATE": os.fspath(state)},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        done.write_text(said.stdout)
    return int(done.read_text())


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says."""
    given = _parser().parse_args(arguments)
    report = Report(sys.stdout)
    plan = Plan(given.records, 100, given.seed, is_varied=True)
    with tempfile.TemporaryDirectory(prefix="chasm-challenges-") as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        with indexed(plan, folder, report) as (chain, state):
            _measured(report, given, chain, state)
    if given.json:
        given.json.write_text(report.lines())


def _measured(report: Report, given: argparse.Namespace, chain: Served, state: Path) -> None:
    begun = time.monotonic()
    year = filled(state, given.challenges)
    report.say(f"  {given.challenges:,} challenges: {time.monotonic() - begun:.1f} s")
    kinds = addresses(chain.chain, given.challenges, year)
    with running(chain.node.url, state, KEPT_ANSWERS="0", CHALLENGES="local") as site:
        found = asked(site, kinds, asks=given.asks, seed=given.seed)
    tell(report, given.records, found)
    late = [name for name, each in found.items() if name.startswith(_HELD_TO) and each.p95 > MOST]
    report.say(f"Lists and challenges of p95 above {MOST:g} ms: {', '.join(late) or 'none'}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.challenges", description="Measure challenges.")
    parser.add_argument("--records", type=int, default=20_000, help="of the chain (20000)")
    parser.add_argument("--challenges", type=int, default=100_000, help="in the tables (100000)")
    parser.add_argument("--asks", type=int, default=100, help="of each kind of page (100)")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with (1)")
    parser.add_argument("--folder", type=Path, help="where what is made stays, to be asked again")
    parser.add_argument("--json", type=Path, help="where to write the figures, a JSON object a line")
    return parser


if __name__ == "__main__":
    main()
