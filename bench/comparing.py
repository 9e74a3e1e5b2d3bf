"""What becomes of several large comparisons at once, on a site with nothing else to do.

    python -m bench.comparing [--at-once 10] [--tokens 20000] [--site URL] [--json FILE]

Two texts of so many tokens, which have no word in common, are sent to the API and to the page: first by one
reader, then by so many at the same moment. It tells how each was answered, and in what time, and whether
whoever found no place was told when to come again. A site is started for it in a temporary folder, unless one
is named. bench/README.md has figures.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.ingest import served
from bench.report import Report, percentile
from bench.site import running
from devnet.serving.build import Plan

_LONGEST = 120.0  # seconds that an answer is waited for


@dataclass(frozen=True, slots=True)
class Kind:
    """What is sent, and where."""

    name: str
    path: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """How one was answered: its status, ms, and after how many seconds to come again, where that is told."""

    status: int
    ms: float
    retry_after: str | None


def kinds(tokens: int) -> Sequence[Kind]:
    """Two texts of so many words and spaces that share no word, for the API and for the page."""
    a, b = (" ".join(f"{letter}{at}" for at in range(tokens // 2)) for letter in "xy")
    form = urlencode({"a_text": a, "b_text": b}).encode()
    whole = json.dumps({"a": {"text": a}, "b": {"text": b}}).encode()
    return [
        Kind("API", "/api/v1/compare", "application/json", whole),
        Kind("page", "/compare", "application/x-www-form-urlencoded", form),
    ]


def sent(site: str, kind: Kind) -> Answer:
    """Send it over a connection of its own, and read all of the answer."""
    at = urlsplit(site)
    connection = HTTPConnection(at.hostname or "", at.port, timeout=_LONGEST)
    begun = time.perf_counter()
    try:
        connection.request("POST", kind.path, kind.body, {"Content-Type": kind.media_type})
        answer = connection.getresponse()
        answer.read()
        taken = (time.perf_counter() - begun) * 1_000
        return Answer(answer.status, taken, answer.getheader("Retry-After"))
    finally:
        connection.close()


def measured(report: Report, site: str, *, at_once: int, tokens: int) -> None:
    """Ask, alone and at once, and tell."""
    rows = []
    for kind in kinds(tokens):
        for readers in (1, at_once):
            with ThreadPoolExecutor(readers) as pool:
                found = list(pool.map(partial(sent, site), [kind] * readers))
            rows.append(_row(report, kind, found))
    report.table(
        f"Comparisons of two texts of {tokens:,} tokens with no word in common, ms",
        ("", "at once", "answers", "told when to come again", "200: least", "most", "others: most"),
        rows,
    )


def _row(report: Report, kind: Kind, found: Sequence[Answer]) -> Sequence[object]:
    statuses = Counter(each.status for each in found)
    compared = [each.ms for each in found if each.status == 200] or [0.0]
    others = [each.ms for each in found if each.status != 200] or [0.0]
    told = sum(each.retry_after is not None for each in found)
    report.add(
        "comparing",
        kind=kind.name,
        at_once=len(found),
        statuses={str(status): count for status, count in statuses.items()},
        told_when=told,
        compared_ms=compared,
        refused_p95=percentile(others, 0.95),
    )
    answers = " ".join(f"{count}x{status}" for status, count in sorted(statuses.items()))
    return kind.name, len(found), answers, told, min(compared), max(compared), max(others)


@contextmanager
def _site(named: str | None, report: Report) -> Iterator[str]:
    if named:
        yield named.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="chasm-comparing-") as temporary:
        folder = Path(temporary).resolve()
        with (
            served(Plan(100, peers=10), report, folder / "chain") as chain,
            running(chain.node.url, folder / "state") as site,
        ):
            yield site


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.comparing", description="Compare at once.")
    parser.add_argument("--at-once", type=int, default=10, help="readers (10)")
    parser.add_argument("--tokens", type=int, default=20_000, help="of each text (20000)")
    parser.add_argument("--site", help="one that runs already")
    parser.add_argument("--json", type=Path, help="where to write the figures, a JSON object a line")
    given = parser.parse_args(arguments)
    report = Report(sys.stdout)
    with _site(given.site, report) as site:
        measured(report, site, at_once=given.at_once, tokens=given.tokens)
    if given.json:
        given.json.write_text(report.lines())


if __name__ == "__main__":
    main()
