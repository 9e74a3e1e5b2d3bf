"""How a run tells of itself."""

import io
import json

import pytest

from indexer.follow.sync import Progress
from indexer.management.exit_status import ExitStatus
from indexer.management.progress import ProgressReporter, Result
from indexer.records.totals import Totals

TOTALS = Totals(
    height=9,
    blocks=10,
    transactions=3,
    operations=4,
    records=2,
    live=1,
    digest=b"\xab" * 32,
    incidents=5,
    unproved=6,
)
FIELDS = [
    "chain",
    "height",
    "blocks",
    "transactions",
    "operations",
    "records",
    "live",
    "digest",
    "incidents",
    "unproved",
    "last_block_at",
    "seconds",
    "exit",
]


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Time that is passed in."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_line_has_every_figure_in_the_order_of_the_documentation() -> None:
    line = Result("AB" * 32, TOTALS, 1.2345, ExitStatus.NOT_ALL_PROVED).line()
    assert "\n" not in line
    told = json.loads(line)
    assert list(told) == FIELDS
    assert told["digest"] == "AB" * 32
    assert (told["height"], told["seconds"], told["exit"]) == (9, 1.23, 3)


def test_a_run_that_knew_nothing_says_null() -> None:
    told = json.loads(Result(None, None, 0.0, ExitStatus.NO_NODE).line())
    assert list(told) == FIELDS
    assert {name for name in FIELDS if told[name] is None} == set(FIELDS) - {"seconds", "exit"}
    assert told["exit"] == 5


def test_an_empty_chain_has_height_minus_1_and_no_block() -> None:
    empty = Totals(-1, 0, 0, 0, 0, 0, b"\xcd" * 32, 0, 0)
    told = json.loads(Result("AB" * 32, empty, 0.0, ExitStatus.PROVED).line())
    assert (told["height"], told["blocks"], told["records"]) == (-1, 0, 0)


@pytest.mark.parametrize("status", list(ExitStatus))
def test_statuses_are_those_of_the_design(status: ExitStatus) -> None:
    wanted = {
        "PROVED": 0,
        "NOT_ALL_PROVED": 3,
        "CONTRADICTION": 4,
        "NO_NODE": 5,
        "LOCAL_TROUBLE": 1,
        "USAGE": 2,
        "INTERRUPTED": 130,
    }
    assert int(status) == wanted[status.name]


def progress(filled: int, folded: int, *, blocks: int = 100) -> Progress:
    return Progress(blocks=blocks, filled=filled, folded=folded, transactions=filled * 2)


def test_lines_are_at_least_two_seconds_apart_and_the_last_one_is_told() -> None:
    out, clock = io.StringIO(), Clock()
    tell = ProgressReporter(out, clock=clock)
    for number in range(50):
        tell(progress(number, 0))
        clock.now += 0.5
    tell(progress(100, 100))
    lines = out.getvalue().splitlines()
    assert 12 <= len(lines) <= 14
    assert lines[0].startswith("0 of 100 blocks in, 0 folded, 0 transactions")
    assert lines[-1].startswith("100 of 100 blocks in, 100 folded, 200 transactions")
    assert "\r" not in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_a_terminal_has_a_bar_that_fills_and_sentences_get_lines_of_their_own() -> None:
    out, clock = Terminal(), Clock()
    tell = ProgressReporter(out, clock=clock)
    tell(progress(0, 0))
    clock.now += 1
    tell(progress(50, 50))
    clock.now += 1
    tell(progress(100, 100))
    tell.say("Complete.")
    bars = [part for part in out.getvalue().split("\r") if part]
    assert [bar.count("#") for bar in bars] == [0, 15, 30]
    assert out.getvalue().endswith("\nComplete.\n")
    tell.say("Once more.")
    assert out.getvalue().endswith("Complete.\nOnce more.\n")


def test_an_empty_chain_and_no_time_at_all_divide_by_nothing() -> None:
    for out in (io.StringIO(), Terminal()):
        ProgressReporter(out, clock=Clock())(progress(0, 0, blocks=0))
        assert "0 of 0 blocks" in out.getvalue()
