"""The bench of pages: one small run."""

import json
from pathlib import Path

import pytest

from bench import pages


@pytest.mark.slow
def test_a_run_measures_each_kind_of_page_and_how_many_are_given_a_second(tmp_path: Path) -> None:
    file = tmp_path / "figures"
    pages.main(["--records=100", "--asks=1", "--hot=0.1", "--readers=2", f"--json={file}"])
    figures = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["figure"] for each in figures[:3]] == ["sync", "sync", "derive"]
    measured = {each["page"]: each for each in figures if each["figure"] == "page"}
    assert {"home", "record", "list", "search, phrase", "prompts, answers", "prompt"} <= measured.keys()
    assert measured["record"]["statuses"] == measured["prompt"]["statuses"] == {"200": 2}
    assert all(0 < each["p50"] <= each["p95"] <= each["p99"] for each in measured.values())
    (hot,) = [each for each in figures if each["figure"] == "a_second"]
    assert hot["kept"].keys() == hot["made_anew"].keys() == {"home", "list", "record"}
