"""Whether a prompt with very many answers is slower to show than one with a few.

    python -m bench.prompts [--answers 10,10000] [--agreeing] [--asks 100] [--seed 1] [--folder FOLDER]
                            [--json FILE]

For each number a chain is made on which one prompt is answered so often, each time in other words, or, where
they are agreeing, by six in a hundred in two other ways and by all others in the same words; in blocks of ten
answers, so that blocks are alike. It is indexed, derived and shown as by `bench.pages`, in a temporary folder
or in one that is named and used again. Asked for are the prompt's page, its JSON, the list of its records,
and one of these with its peers, one at a time and with no answer kept. It tells p95 of each, and what that is
of the p95 of the smallest number.
"""

import argparse
import gzip
import json
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bench import pages
from bench.pages import Asked
from bench.readers import Address, Reader
from bench.report import Report
from bench.site import running
from devnet.serving.build import Chain, Plan

_IN_BLOCK = 10  # answers to a prompt


def addresses(site: str, chain: Chain) -> Mapping[str, Address]:
    """What is asked for: of the prompt with the most different answers, as the site itself lists them."""
    with closing(Reader(site)) as reader:
        _, body = reader.get("/api/v1/prompts?order=answers&limit=1")
    (found,) = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)["results"]
    key, records = found["prompt_key"], f"/chains/{chain.brid}/records"

    def one(chance: random.Random) -> str:
        return f"{records}/{chance.randint(1, chain.records)}"

    return {
        "prompt": lambda _: f"/prompts/{key}",
        "prompt, JSON": lambda _: f"/api/v1/prompts/{key}",
        "its records": lambda chance: f"{records}?prompt_key={key}&limit={chance.randint(30, 49)}",
        "one of them": one,
        "one of them, JSON": lambda chance: f"/api/v1{one(chance)}",
    }


def measured(report: Report, plan: Plan, folder: Path, *, asks: int) -> Mapping[str, Asked]:
    """What each took on a chain by this plan."""
    with (
        pages.indexed(plan, folder, report) as (chain, state),
        running(chain.node.url, state, KEPT_ANSWERS="0") as site,
    ):
        found = pages.asked(site, addresses(site, chain.chain), asks=asks, seed=plan.seed)
    pages.tell(report, plan.records, found)
    return found


def _plan(kind: Plan, answers: int) -> Plan:
    return replace(kind, records=answers, peers=answers, blocks=max(1, answers // _IN_BLOCK))


def tell(report: Report, taken: Mapping[int, Mapping[str, Asked]]) -> None:
    """p95 by how many answers there are, and of the most what that is of the fewest."""
    least, most = min(taken), max(taken)
    rows = [
        [name, *(taken[number][name].p95 for number in sorted(taken)), taken[most][name].p95 / few.p95]
        for name, few in taken[least].items()
    ]
    report.add("ratio", of=[least, most], p95={name: figures[-1] for name, *figures in rows})
    heads = ["", *(f"{number:,} answers" for number in sorted(taken)), "times"]
    report.table("A prompt by how many answers it has, p95 in ms", heads, rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.prompts", description="Measure large prompts.")
    parser.add_argument("--answers", default="10,10000", help="numbers, with commas (10,10000)")
    parser.add_argument("--agreeing", action="store_true", help="most answers are the same")
    parser.add_argument("--asks", type=int, default=100, help="of each page (100)")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with (1)")
    parser.add_argument("--folder", type=Path, help="where what is made stays, to be asked again")
    parser.add_argument("--json", type=Path, help="where to write the figures, a JSON object a line")
    given = parser.parse_args(arguments)
    report = Report(sys.stdout)
    numbers = [int(each) for each in given.answers.split(",")]
    kind = Plan(0, seed=given.seed, size="small", is_disputed=not given.agreeing)
    with tempfile.TemporaryDirectory(prefix="chasm-prompts-") as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        taken = {number: measured(report, _plan(kind, number), folder, asks=given.asks) for number in numbers}
    tell(report, taken)
    if given.json:
        given.json.write_text(report.lines())


if __name__ == "__main__":
    main()
