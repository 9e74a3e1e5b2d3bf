"""Compares this project's engine with others: time in ms, and changes beside those that a person would mark.

    python -m bench.diff [--rounds 5] [--jsdiff FOLDER] [--alone]

FOLDER holds the unpacked npm package `diff`; without it that engine is left out, by `--alone` all others are.
Times are medians; of this project's also the 95th percentile of processor time.
"""

import argparse
import json
import math
import random
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from statistics import median

from diff_match_patch import diff_match_patch

from explorer.diff.texts import compared
from indexer.words.tokens import cut

PAIRS = Path(__file__).with_name("pairs.json")
_NODE = """
const diff = require(process.argv[1]);
const [a, b] = JSON.parse(require("fs").readFileSync(0));
const begun = performance.now();
const found = diff.diffWordsWithSpace(a, b);
let changes = 0;
found.forEach((each, at) => {
  const before = found[at - 1];
  if ((each.added || each.removed) && !(before && (before.added || before.removed))) changes += 1;
});
console.log(JSON.stringify([performance.now() - begun, changes]));
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and the smallest number of changes that a person would mark; None where nobody did."""

    name: str
    a: str
    b: str
    changes: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What an engine took, in ms, and how many changes it found; ``p95`` is of processor time."""

    milliseconds: float
    changes: int
    p95: float = 0.0


Engine = Callable[[str, str], int]


def pairs() -> Sequence[Pair]:
    """The pairs that a person marked."""
    return [Pair(**each) for each in json.loads(PAIRS.read_text(encoding="utf-8"))]


def made(seed: int = 3) -> Sequence[Pair]:
    """Pairs of the sizes that have limits: what nobody would mark by hand."""
    chance = random.Random(seed)
    words = [f"word{each}" for each in range(3_000)]

    def text(count: int) -> list[str]:
        return [words[min(2_999, int(chance.paretovariate(0.8)))] for _ in range(count)]

    def edited(given: Sequence[str], part: float) -> str:
        return " ".join("other" if chance.random() < part else each for each in given)

    short, long = text(300), text(3_000)
    return [
        Pair("300 words, 6 % changed", " ".join(short), edited(short, 0.06)),
        Pair("300 words, rewritten", " ".join(short), " ".join(text(300))),
        Pair("3,000 words, 10 % changed", " ".join(long), edited(long, 0.1)),
        Pair("3,000 words, rewritten", " ".join(long), " ".join(text(3_000))),
    ]


def ours(a: str, b: str) -> int:
    """This project's."""
    return compared(a, b).changes


def difflib_words(a: str, b: str) -> int:
    """Python's own on the same tokens, without its autojunk."""
    found = SequenceMatcher(None, cut(a), cut(b), autojunk=False).get_opcodes()
    return sum(each[0] != "equal" for each in found)


def dmp_characters(a: str, b: str) -> int:
    """diff-match-patch on characters, with its semantic clean-up; it gives up after a second."""
    engine = diff_match_patch()
    found = engine.diff_main(a, b)
    engine.diff_cleanupSemantic(found)
    kinds = [kind for kind, _ in found]
    return sum(kind != 0 and (at == 0 or kinds[at - 1] == 0) for at, kind in enumerate(kinds))


def timed(engine: Engine, pair: Pair, rounds: int) -> Result:
    """The median of several runs, and the 95th percentile of what they kept a processor busy."""
    took, busy, changes = [], [], 0
    for _ in range(rounds):
        begun, worked = time.perf_counter(), time.process_time()
        changes = engine(pair.a, pair.b)
        took.append((time.perf_counter() - begun) * 1_000)
        busy.append((time.process_time() - worked) * 1_000)
    return Result(median(took), changes, sorted(busy)[math.ceil(0.95 * len(busy)) - 1])


def jsdiff(folder: Path, pair: Pair) -> Result:
    """The npm package `diff` by words and spaces, timed within node."""
    given = json.dumps([pair.a, pair.b])
    command = ["node", "-e", _NODE, str(folder.resolve())]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    milliseconds, changes = json.loads(done.stdout)
    return Result(milliseconds, changes)


def main() -> None:
    """Print a line for each pair, and how far each engine is from what a person marked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jsdiff", type=Path)
    parser.add_argument("--alone", action="store_true")
    options = parser.parse_args()
    engines: Mapping[str, Engine] = {
        "ours": ours,
        "difflib": difflib_words,
        "diff-match-patch": dmp_characters,
    }
    engines = {"ours": ours} if options.alone else engines
    names = [*engines, *(["jsdiff"] if options.jsdiff else [])]
    print(f"{'pair':34}{'marked':>8}" + "".join(f"{name:>26}" for name in names))
    exact = dict.fromkeys(names, 0)
    for pair in [*pairs(), *made()]:
        found = {name: timed(engine, pair, options.rounds) for name, engine in engines.items()}
        if options.jsdiff:
            found["jsdiff"] = jsdiff(options.jsdiff, pair)
        for name, each in found.items():
            exact[name] += each.changes == pair.changes
        cells = (f"{each.milliseconds:12.2f} ms {each.changes:6,} ch." for each in found.values())
        worst = f"   p95 {found['ours'].p95:.2f} ms busy"
        print(f"{pair.name:34}{pair.changes or '':>8}" + "".join(f"{each:>26}" for each in cells) + worst)
    print(f"{'as many as marked, of 30':42}" + "".join(f"{exact[name]:>26}" for name in names))


if __name__ == "__main__":
    main()
