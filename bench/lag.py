"""How long a record takes from its block to its page, and how often nodes are asked for that.

    python -m bench.lag [--validators 1|4] [--posts 60] [--every 4] [--quiet 60] [--seed 1] [--json FILE]

A devnet in this process is posted to, a transaction about every so many seconds. `manage.py run` follows it
in a temporary folder, with all its services, and each record's page is asked for until it is there. Then
nothing is posted for a while, in which only empty blocks come. Questions are counted where they are answered.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.report import Report, percentile
from bench.site import await_, running
from devnet.chain import validators
from devnet.chain.configurations import Wanted
from devnet.rest.exchange import Answer, Question, Spelling
from devnet.rest.server import NodeServer
from devnet.scenarios.stage import OWNERS
from devnet.serving.node import DevnetNode, open_node
from devnet.serving.running import building
from indexer.postchain import gtx
from indexer.postchain.gtx import Operation

_LONGEST = 60.0  # seconds that a page may take
_START = 180.0
_HOUR = 3600.0
_PLAIN = 2.0  # seconds between polls of what this is compared with


@dataclass(slots=True)
class CountedNode:
    """A node that counts what it is asked: `polls` for one block, `heights`, and all in all."""

    node: DevnetNode
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def spelling(self) -> Spelling:
        """How its chain is named."""
        return self.node.spelling

    def answer(self, question: Question) -> Answer:
        """Count, and answer."""
        self.asked["all"] += 1
        if question.path[0] == "blockchain" and question.path[-1] == "height":
            self.asked["heights"] += 1
        if question.path[0] == "blocks" and question.path[-2] == "height":
            self.asked["polls" if question.parameter("txs") == "true" else "others"] += 1
        return self.node.answer(question)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a node was asked in some seconds in which it made some blocks."""

    seconds: float
    blocks: int
    questions: int
    heights: int
    polls: int

    @property
    def an_hour(self) -> float:
        """Questions."""
        return self.questions / self.seconds * _HOUR

    @property
    def bare_poll(self) -> float:
        """Questions an hour of a poll that asks for the height, and for a list where that rose."""
        polls = _HOUR / _PLAIN
        return polls + min(polls, self.blocks / self.seconds * _HOUR)

    @property
    def round_poll(self) -> float:
        """Questions an hour where each poll were a round as the product makes it; 0 where it made none."""
        return (self.questions - self.polls) / self.heights * _HOUR / _PLAIN if self.heights else 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure once."""
    given = _parser().parse_args(arguments)
    report = Report(sys.stdout)
    with ExitStack() as stack:
        node = CountedNode(_node(given.validators))
        stack.callback(node.node.close)
        url = stack.enter_context(_served(node))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chasm-lag-")))
        site = stack.enter_context(running(url, folder / "state"))
        chance = random.Random(given.seed)
        _post(node, 0)
        await_(lambda: _is_there(site, node, 0), seconds=_START)
        lags: list[float] = []

        def post() -> None:
            for number in range(1, given.posts + 1):
                time.sleep(chance.uniform(0.5, 1.5) * given.every)
                lags.append(_lag(site, node, number))

        busy = _counted(node, post)
        quiet = _counted(node, lambda: time.sleep(given.quiet)) if given.quiet else None
    _tell(report, given, lags, busy, quiet)
    if given.json:
        given.json.write_text(report.lines())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.lag", description="Measure the lag at the head.")
    parser.add_argument("--validators", type=int, choices=(1, 4), default=1, help="of the chain (1)")
    parser.add_argument("--posts", type=int, default=60, help="records to measure (60)")
    parser.add_argument("--every", type=float, default=4.0, help="seconds from a page to the next post (4)")
    parser.add_argument("--quiet", type=float, default=60.0, help="seconds without a post at the end (60)")
    parser.add_argument("--seed", type=int, default=1, help="what decides the pauses (1)")
    parser.add_argument("--json", type=Path, help="where to write the figures, a JSON object a line")
    return parser


def _tell(
    report: Report, given: argparse.Namespace, lags: Sequence[float], busy: Asked, quiet: Asked | None
) -> None:
    report.add("plan", validators=given.validators, posts=given.posts, every=given.every, seed=given.seed)
    told = {
        "least": min(lags),
        "p50": percentile(lags, 0.5),
        "p95": percentile(lags, 0.95),
        "most": max(lags),
    }
    report.add("lag", **told)
    report.table(
        f"From a block to its record's page, {given.validators} validators, seconds",
        ["records", *told],
        [[len(lags), *told.values()]],
    )
    rows = []
    for name, asked in (("posts", busy), ("quiet", quiet)):
        if asked is not None:
            figures = {"an_hour": asked.an_hour, "bare": asked.bare_poll, "rounds": asked.round_poll}
            report.add(f"asked_{name}", seconds=asked.seconds, blocks=asked.blocks, **figures)
            rows.append([name, asked.blocks, *figures.values()])
    report.table(
        f"Questions to the node an hour, beside a plain poll each {_PLAIN:g} s",
        ["while", "blocks", "asked", "bare poll", "poll by rounds"],
        rows,
    )


def _node(count: int) -> DevnetNode:
    keys = validators.keys_of(count)
    return open_node(None, Wanted(keys=keys, merkle_version=1, name="lag", block_time=30_000))


@contextmanager
def _served(node: CountedNode) -> Iterator[str]:
    def fail(error: Exception) -> None:
        raise error

    with NodeServer(node) as server, building(node.node, fail=fail):
        node.node.url = server.url
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def _post(node: CountedNode, number: int) -> None:
    chain = node.node.dapp
    message = f'[{{"role": "user", "content": "question {number}"}}]'
    result = f'{{"choices": [{{"message": {{"content": "answer {number}"}}}}]}}'
    operation = Operation("add_prompt_history", (1, message, result, number, "model", "provider"))
    chain.submit(
        gtx.build(
            brid=chain.brid,
            operations=[operation],
            private_keys=[OWNERS[0]],
            version=chain.configuration.merkle_version,
        )
    )


def _lag(site: str, node: CountedNode, number: int) -> float:
    """Seconds from the block of a record to its page."""
    chain = node.node.dapp
    height = chain.next_height
    _post(node, number)
    while chain.next_height == height:
        time.sleep(0.005)
    built = time.monotonic()
    await_(lambda: _is_there(site, node, number), seconds=_LONGEST)
    return time.monotonic() - built


def _is_there(site: str, node: CountedNode, number: int) -> bool:
    page = f"{site}/chains/{node.spelling.brid}/records/{number + 1}"
    try:
        return httpx.get(page, trust_env=False, timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


def _counted(node: CountedNode, do: Callable[[], None]) -> Asked:
    before, height, started = Counter(node.asked), node.node.dapp.next_height, time.monotonic()
    do()
    asked = node.asked - before
    return Asked(
        seconds=time.monotonic() - started,
        blocks=node.node.dapp.next_height - height,
        questions=asked["all"],
        heights=asked["heights"],
        polls=asked["polls"],
    )


if __name__ == "__main__":
    main()
