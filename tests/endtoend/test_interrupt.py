"""Ctrl-C and the other signals by which a run is told to end: it ends soon, in order, and nothing is lost."""

import re
import signal
import sys
import threading
import time
from collections.abc import Callable

import pytest

from tests.endtoend import chains
from tests.endtoend.chains import FOUR_DIGEST
from tests.endtoend.commands import Installation, Running, await_that
from tests.endtoend.hostile import Gate, HostileNode, is_list, of, silence

Serve = Callable[..., HostileNode]

STILL_STARTING = "Fatal Python error: init_import_site"
SOON = 15.0  # seconds: what is under way may be finished, a node's answer is not waited for

pytestmark = pytest.mark.slow


@pytest.fixture
def state(installation: Installation) -> Installation:
    """Processes are the subject of every test here."""
    return installation


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_says_so_and_stops_what_it_started(
    state: Installation, serve: Serve, number: signal.Signals, processes: int
) -> None:
    node = serve(chains.four())
    gate = Gate(4)
    node.rules.append(gate)
    running = state.start_sync(node.url, window=7, processes=processes)
    assert gate.reached.wait(30)
    if number == signal.SIGHUP:  # a hang-up of the whole group reaches helpers of Python's that it ends
        running.send(number)
    else:
        running.send_to_group(number)
    threading.Timer(0.3, gate.opened.set).start()
    ended = running.ended(seconds=SOON).in_plain_words()
    assert ended.status == 130, ended.told
    assert ended.line["chain"] == chains.FOUR
    assert "Nothing is lost" in ended.err
    assert not state.server_is_up
    await_that(state.is_deserted, seconds=5, what="the end of every process")
    node.rules.clear()
    again = state.sync(node.url, window=7)
    assert (again.status, again.line["digest"]) == (3, FOUR_DIGEST), again.told


@pytest.mark.parametrize("processes", [1, 2])
def test_a_node_that_says_nothing_does_not_hold_up_the_end(
    state: Installation, serve: Serve, processes: int
) -> None:
    node = serve(chains.four())
    gate = Gate(3)
    node.rules.append(gate)
    running = state.start_sync(node.url, window=7, processes=processes)
    assert gate.reached.wait(30)
    running.send_to_group(signal.SIGINT)
    ended = running.ended(seconds=SOON).in_plain_words()
    assert ended.status == 130, ended.told
    assert not state.server_is_up
    gate.opened.set()


def test_a_run_that_waits_between_attempts_ends_at_once(state: Installation, serve: Serve) -> None:
    node = serve(chains.four(), of(is_list, silence(0.01)))
    running = state.start_sync(node.url)
    await_that(lambda: any(is_list(each) for each in node.asked), what="a question")
    running.send_to_group(signal.SIGINT)
    ended = running.ended(seconds=SOON).in_plain_words()
    assert ended.status == 130, ended.told


@pytest.mark.parametrize("processes", [1, 2])
def test_two_signals_in_a_row_are_no_worse_than_one(
    state: Installation, serve: Serve, processes: int
) -> None:
    node = serve(chains.four())
    gate = Gate(3)
    node.rules.append(gate)
    running = state.start_sync(node.url, window=7, processes=processes)
    assert gate.reached.wait(30)
    for _ in range(4):
        running.send_to_group(signal.SIGINT)
        time.sleep(0.05)
    gate.opened.set()
    ended = running.ended(seconds=SOON).in_plain_words()
    assert ended.status == 130, ended.told
    assert ended.line["exit"] == 130
    assert not state.server_is_up
    await_that(state.is_deserted, seconds=5, what="the end of every process")
    assert state.sync(node.url).line["digest"] == FOUR_DIGEST


def test_the_run_of_the_recorded_chain_stops_its_server_too(state: Installation) -> None:
    running = state.start_sync(window=1)
    await_that(lambda: state.server_is_up, what="PostgreSQL")
    running.send_to_group(signal.SIGINT)
    ended = running.ended(seconds=SOON).in_plain_words()
    assert ended.status in (130, 3), ended.told
    await_that(state.is_deserted, seconds=5, what="the end of every process")
    assert not state.server_is_up


@pytest.mark.parametrize("moment", [0.1, 0.25, 0.4, 0.55])
def test_an_early_signal_is_answered_in_plain_words(state: Installation, serve: Serve, moment: float) -> None:
    """While Python still imports, or PostgreSQL starts.

    Before it has read ``manage.py``, nothing of ours runs: a Python that is only starting, which on a busy
    machine takes long, ends by the signal, or where it has come to its module ``site`` in words of its own.
    """
    node = serve(chains.four())
    running = state.start("sync", f"--node={node.url}", "--patience=0", "--window=1", is_new=True)
    time.sleep(moment)
    running.send_to_group(signal.SIGINT)
    ended = running.ended(seconds=SOON)
    if ended.status == -signal.SIGINT or ended.err.startswith(STILL_STARTING):
        assert not re.search(r'manage\.py", line \d+, in (?!<module>)', ended.told), ended.told
    else:
        assert ended.in_plain_words().status == 130, ended.told
    if ended.out:
        assert ended.line["exit"] == 130
    await_that(state.is_deserted, seconds=5, what="the end of every process")
    await_that(lambda: not state.server_is_up, seconds=1, what="the end of PostgreSQL")


AT_IMPORT = """
import os, runpy, signal, sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == MODULE:
            os.kill(os.getpid(), NUMBER)

sys.meta_path.insert(0, Finder())
sys.argv = ["manage.py", "sync", "--node=http://127.0.0.1:1"]
sys.path.insert(0, os.getcwd())
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.parametrize(
    ("module", "number"),
    [
        ("django.core.management", signal.SIGINT),
        ("config.settings", signal.SIGINT),
        ("config.settings", signal.SIGTERM),
        ("config.settings", signal.SIGHUP),
        ("indexer.models", signal.SIGINT),
        ("indexer.follow.sync", signal.SIGTERM),
        ("local.supervision.command", signal.SIGHUP),
    ],
)
def test_a_signal_while_python_imports_ends_in_a_line_of_json(
    state: Installation, module: str, number: signal.Signals
) -> None:
    script = AT_IMPORT.replace("MODULE", repr(module)).replace("NUMBER", str(int(number)))
    ended = Running([sys.executable, "-c", script], environment=state.environment).ended().in_plain_words()
    assert (ended.status, ended.err) == (130, "Interrupted.\n"), ended.told
    assert ended.line["chain"] is None
    assert not state.server_is_up


@pytest.mark.parametrize(
    ("command", "number"),
    [
        ("fsck", signal.SIGINT),
        ("reindex", signal.SIGTERM),
        ("state", signal.SIGHUP),
        ("status", signal.SIGINT),
    ],
)
def test_the_other_commands_end_in_order_too(
    indexed_installation: Installation, command: str, number: signal.Signals
) -> None:
    running = indexed_installation.start(command)
    await_that(lambda: indexed_installation.server_is_up or not running.is_running, what="PostgreSQL")
    running.send_to_group(number)
    ended = running.ended(seconds=SOON).in_plain_words()
    assert ended.status in (130, 0), ended.told
    assert not indexed_installation.server_is_up
