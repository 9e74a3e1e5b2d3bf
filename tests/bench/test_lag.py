"""The bench of the lag: what it makes of what it saw, and one small run."""

import json
from pathlib import Path

import pytest

from bench import lag, report


@pytest.mark.parametrize(
    ("part", "expected"), [(0.5, 3.0), (0.95, 5.0), (0.8, 4.0), (0.2, 1.0), (0.21, 2.0), (1.0, 5.0)]
)
def test_a_percentile_is_a_value_that_was_seen(part: float, expected: float) -> None:
    assert report.percentile([5.0, 1.0, 4.0, 2.0, 3.0], part) == expected


def test_what_a_node_was_asked_is_told_beside_what_plain_polls_would_ask() -> None:
    asked = lag.Asked(seconds=36.0, blocks=6, questions=40, heights=2, polls=30)
    assert asked.an_hour == 4_000
    assert asked.bare_poll == 1_800 + 600
    assert asked.round_poll == 5 * 1_800


def test_a_bare_poll_lists_blocks_at_most_as_often_as_it_comes() -> None:
    assert lag.Asked(seconds=10.0, blocks=50, questions=50, heights=0, polls=50).bare_poll == 3_600


@pytest.mark.slow
def test_a_run_measures_each_record_and_counts_questions(tmp_path: Path) -> None:
    file = tmp_path / "figures"
    lag.main(["--posts=2", "--every=0.1", "--quiet=0", "--validators=4", f"--json={file}"])
    plan, seen, asked = (json.loads(line) for line in file.read_text().splitlines())
    assert (plan["validators"], plan["posts"]) == (4, 2)
    assert 0 < seen["least"] <= seen["p50"] <= seen["p95"] <= seen["most"]
    assert asked["figure"] == "asked_posts"
    assert asked["blocks"] >= 2
    assert asked["an_hour"] > 0
