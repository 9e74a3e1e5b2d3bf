"""One whole run of the bench on a small chain: every figure is there and belongs to the same records."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench import ingest
from bench.report import Report
from bench.rows import TABLES
from bench.stages import STAGES
from bench.usage import Peaks, cpu_seconds, watched

RECORDS = 60
PEERS = 20
LARGER = 2
Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    file = tmp_path_factory.mktemp("bench") / "figures"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest, "FEWER_PEERS", ())
        patch.setattr(ingest, "LARGER", LARGER)
        ingest.main([f"--records={RECORDS}", f"--peers={PEERS}", "--rounds=1", f"--json={file}"])
    return [json.loads(line) for line in file.read_text().splitlines()]


def of(lines: Lines, figure: str) -> Lines:
    return [line for line in lines if line["figure"] == figure]


@pytest.mark.slow
def test_a_run_gives_every_figure(lines: Lines) -> None:
    (start,) = of(lines, "start")
    assert start["plan"] == {
        "records": RECORDS,
        "peers": PEERS,
        "seed": 1,
        "size": "typical",
        "is_varied": False,
        "is_disputed": False,
        "blocks": 1,
    }
    assert {"cores", "python", "postgres", "at", "load"} < start.keys()
    _check_rates(lines)
    _check_stages(lines)
    _check_bytes(lines)
    _check_memory(lines)


def _check_rates(lines: Lines) -> None:
    rates = {line["way"]: line for line in of(lines, "rate")}
    assert len(rates) == 5
    assert all(rate["records_per_second"] > 0 and rate["runs"] == 1 for rate in rates.values())
    assert rates["raw COPY of the same rows"]["of_raw_copy"] == 1
    assert rates["client's decoder, ORM"]["times_client_loop"] == 1
    (copy,) = of(lines, "copy")
    # Each record has a transaction, an operation, a record, a revision; texts and blocks come on top.
    assert 4 < copy["rows_per_record"] < 5


def _check_stages(lines: Lines) -> None:
    (stages,) = of(lines, "stages")
    assert stages["records"] == RECORDS
    assert list(stages["stages"]) == list(STAGES)
    idle = [name for name, seconds in stages["stages"].items() if seconds["wall"] == 0]
    assert idle == []


def _check_bytes(lines: Lines) -> None:
    weights = {(line["size"], line["peers"]): line for line in of(lines, "bytes")}
    assert set(weights) == {("typical", PEERS), ("small", PEERS)}
    for line in weights.values():
        assert set(TABLES) < line["relations"].keys()
        assert {"transaction_rid", "block_rid", "record_live"} < line["relations"].keys()
        assert line["of_raw_bytes"] * line["transaction_bytes"] == pytest.approx(
            sum(line["relations"].values())
        )


def _check_memory(lines: Lines) -> None:
    memory = of(lines, "memory")
    assert [line["records"] for line in memory] == [RECORDS, RECORDS * LARGER]
    assert all(line["main"] > 0 and line["postgres"] > 0 and line["fillers"] for line in memory)


def test_a_part_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ingest.main(["--parts=rates,colour"])
    assert "no such part: colour" in capsys.readouterr().err


def test_figures_are_lines_of_json_and_tables_for_people() -> None:
    shown = io.StringIO()
    report = Report(shown)
    report.add("rate", way="here", records_per_second=1.5)
    report.add("bytes", size="small")
    report.table("Speed", ("", "records/s"), [("one", 1234.5), ("another", 0.125)])
    assert [json.loads(line)["figure"] for line in report.lines().splitlines()] == ["rate", "bytes"]
    assert shown.getvalue().splitlines() == [
        "",
        "Speed",
        "           records/s",
        "  one          1,234",
        "  another      0.125",
    ]


BUSY = """
import subprocess, sys, time
if sys.argv[1:]:
    subprocess.run([sys.executable, __file__], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
while time.process_time() < 0.3:
    pass
print(flush=True)
sys.stdin.read()
"""


def test_the_cpu_of_processes_that_ended_counts(tmp_path: Path) -> None:
    """The child burns 0.3 s, and so does its own child, which is gone by then."""
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    command = [sys.executable, str(script), "with a child"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as busy:
        assert busy.stdout is not None
        busy.stdout.readline()
        process = psutil.Process(busy.pid)
        assert cpu_seconds(process) > 0.5
        assert busy.stdin is not None
        busy.stdin.close()
        busy.wait()
        assert cpu_seconds(process) == 0.0


def test_memory_is_watched_until_the_end() -> None:
    this = psutil.Process()
    with watched(this, this) as peaks:
        wait_for(peaks)
    assert peaks.main >= this.memory_info().rss // 2
    assert peaks.fillers == {}


def wait_for(peaks: Peaks) -> None:
    while not (peaks.main and peaks.postgres):
        pass
