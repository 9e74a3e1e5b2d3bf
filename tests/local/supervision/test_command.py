"""Commands that bring their own PostgreSQL, as real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from local.servers.locks import is_held
from local.servers.postgres import cluster_of
from tests.local.using import ROOT

PROBE = """
import sys
import django
django.setup()
from django.db import connection
from local.supervision.command import StateCommand

class Probe(StateCommand):
    def run(self, **options):
        tables = connection.introspection.table_names()
        print("indexer_block" in tables, flush=True)
        if WAITS:
            sys.stdin.read()

Probe().run_from_argv(["manage.py", "probe"])
"""


def probe(state: Path, *, waits: bool = False, **environment: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "STATE")}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROBE.replace("WAITS", str(waits))],
        cwd=ROOT,
        env=inherited | {"STATE": str(state), "DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(processes: Sequence[subprocess.Popen[str]]) -> list[tuple[int, str, str]]:
    """Status, stdout and stderr of each."""
    said = [process.communicate() for process in processes]
    return [(process.returncode, *words) for process, words in zip(processes, said, strict=True)]


def is_running(state: Path) -> bool:
    return is_held(cluster_of(state).lock)


def test_a_command_finds_its_tables_and_stops_what_it_started(ready: Path) -> None:
    assert ended([probe(ready)]) == [(0, "True\n", "")]
    assert not is_running(ready)


def test_commands_that_start_at_once_make_the_tables_once(state: Path) -> None:
    assert ended([probe(state) for _ in range(3)]) == [(0, "True\n", "")] * 3
    assert not is_running(state)


def test_a_terminated_command_stops_what_it_started(ready: Path) -> None:
    process = probe(ready, waits=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    process.send_signal(signal.SIGTERM)
    assert ended([process]) == [(130, "", "CommandError: Interrupted.\n")]
    assert not is_running(ready)


def test_a_server_that_cannot_start_is_one_plain_sentence(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("")
    [(status, said, why)] = ended([probe(tmp_path)])
    assert (status, said) == (1, "")
    assert why.startswith("CommandError: ")
    assert "STATE=" in why
    assert "Traceback" not in why


def test_a_database_that_does_not_answer_is_one_plain_sentence(tmp_path: Path) -> None:
    url = f"postgres:///chasm?host={tmp_path}"
    [(status, said, why)] = ended([probe(tmp_path, DATABASE_URL=url)])
    assert (status, said) == (1, "")
    assert why.startswith("CommandError: The database cannot be reached")
    assert list(tmp_path.iterdir()) == []
