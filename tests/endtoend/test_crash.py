"""`kill -9` at any moment: the next run ends in the digest of an undisturbed one, and nothing is left
running.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import psutil
import pytest

from local.servers import postgres
from tests.endtoend import chains
from tests.endtoend.chains import FOUR_DIGEST
from tests.endtoend.commands import Installation, Running, await_that
from tests.endtoend.hostile import Gate, HostileNode

pytestmark = pytest.mark.slow

Serve = Callable[..., HostileNode]
Kill = Callable[[Installation, Running], None]

LONGEST_PAUSE = 0.12  # seconds between an answer and the kill: reading, verifying and writing take less


@pytest.fixture
def state(installation: Installation) -> Installation:
    """Processes are the subject of every test here."""
    return installation


def kill_main(state: Installation, running: Running) -> None:
    """The main process alone."""
    running.send(signal.SIGKILL)


def kill_worker(state: Installation, running: Running) -> None:
    """One of the processes that fill windows; where none is up any more, the main process."""
    for worker in running.workers():
        worker.kill()
        return
    kill_main(state, running)


def kill_everything(state: Installation, running: Running) -> None:
    """Every process: commands, workers, PostgreSQL's; but for Python's helper that tidies up after them."""
    for process in [*state.living(), *server_processes(state)]:
        try:
            if "resource_tracker" not in " ".join(process.cmdline()):
                process.kill()
        except psutil.NoSuchProcess:
            continue


def server_processes(state: Installation) -> list[psutil.Process]:
    pid = postgres.cluster_of(state.folder).pid()
    if pid is None:
        return []
    postmaster = psutil.Process(pid)
    return [postmaster, *postmaster.children()]


def disturbed(
    state: Installation, node: HostileNode, kill: Kill, *, random: Random, times: int, **options: int
) -> int:
    """Run `sync` and kill it at moments of chance, up to so many times; how often it was killed."""
    killed = 0
    for _ in range(times):
        gate = Gate(random.randint(1, max(2, 60 // options["window"])))
        gate.opened.set()
        node.rules[:] = [gate]
        running = state.start_sync(node.url, **options)
        await_that(lambda: gate.reached.is_set() or not running.is_running, what="a window")  # noqa: B023
        time.sleep(random.random() * LONGEST_PAUSE)
        killed += running.is_running
        kill(state, running)
        running.ended(seconds=30)
        await_that(state.is_deserted, seconds=10, what="the end of the killed run's processes")
    node.rules.clear()
    return killed


@pytest.mark.parametrize(
    ("kill", "window", "processes"),
    [
        (kill_main, 1, 1),
        (kill_main, 2, 1),
        (kill_main, 7, 1),
        (kill_main, 100, 1),
        (kill_main, 7, 2),
        (kill_worker, 2, 2),
        (kill_worker, 7, 2),
        (kill_everything, 1, 2),
        (kill_everything, 7, 1),
        (kill_everything, 100, 2),
    ],
)
def test_a_run_that_is_killed_loses_nothing(
    state: Installation, serve: Serve, kill: Kill, window: int, processes: int
) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"{seed=}")
    node = serve(chains.four())
    options = {"window": window, "processes": processes}
    times = 2 if window == 100 else 3
    killed = disturbed(state, node, kill, random=Random(seed), times=times, **options)
    assert killed >= 1
    ended = state.sync(node.url, **options)
    assert ended.status == 3, ended.told
    assert ended.line["digest"] == FOUR_DIGEST
    assert ended.line["incidents"] == 0
    state.checked()
    assert not state.server_is_up


def test_a_worker_that_dies_is_told_in_plain_words(state: Installation, serve: Serve) -> None:
    node = serve(chains.four())
    gate = Gate(4)
    node.rules.append(gate)
    running = state.start_sync(node.url, window=5, processes=2)
    assert gate.reached.wait(30)
    for worker in running.workers():
        worker.kill()
    gate.opened.set()
    ended = running.ended().in_plain_words()
    assert ended.status in (1, 3), ended.told
    assert ended.line["chain"] == chains.FOUR
    if ended.status == 1:
        assert "goes on from here" in ended.err
    assert not state.server_is_up
    again = state.sync(node.url, window=5, processes=2)
    assert (again.status, again.line["digest"]) == (3, FOUR_DIGEST), again.told


def test_workers_end_with_the_main_process(state: Installation, serve: Serve) -> None:
    node = serve(chains.four())
    gate = Gate(4)
    node.rules.append(gate)
    running = state.start_sync(node.url, window=5, processes=2)
    assert gate.reached.wait(30)
    assert len(running.workers()) == 2
    running.send(signal.SIGKILL)
    running.ended(seconds=10)
    await_that(state.is_deserted, seconds=5, what="the end of the workers")


def test_the_recorded_chain_is_not_served_on_when_its_run_is_killed(state: Installation) -> None:
    running = state.start_sync(window=1)
    await_that(lambda: state.server_is_up, what="PostgreSQL")
    running.send(signal.SIGKILL)
    running.ended(seconds=10)
    await_that(state.is_deserted, seconds=5, what="the end of the recorded chain's server")
    assert state.sync().line["digest"] == FOUR_DIGEST


def test_a_server_that_is_killed_under_a_run_is_told_in_plain_words(
    state: Installation, serve: Serve
) -> None:
    node = serve(chains.four())
    gate = Gate(3)
    node.rules.append(gate)
    running = state.start_sync(node.url, window=10)
    assert gate.reached.wait(30)
    for process in server_processes(state):
        process.kill()
    gate.opened.set()
    ended = running.ended().in_plain_words()
    assert ended.status == 1, ended.told
    assert ended.line["exit"] == 1
    assert ended.err.splitlines()[-1].strip(), ended.told
    again = state.sync(node.url, window=10)
    assert (again.status, again.line["digest"]) == (3, FOUR_DIGEST), again.told
    state.checked()


@pytest.mark.parametrize("moment", [0.1, 0.4, 0.7])
def test_a_first_run_that_is_killed_while_it_makes_its_tables_is_no_trouble(
    tmp_path: Path, state_directory: Path, moment: float
) -> None:
    """From nothing: the data directory, the database and the tables are made under the kill."""
    state = Installation(state_directory)
    running = state.start("status")
    await_that(lambda: (state.folder / "postgres").exists(), what="the folder")
    time.sleep(moment)
    kill_everything(state, running)
    running.ended(seconds=30)
    await_that(state.is_deserted, seconds=10, what="the end of what was killed")
    ended = state.run("status")
    assert (ended.status, ended.out) == (0, '{\n  "chains": []\n}\n'), ended.told


@pytest.mark.parametrize("command", ["reindex", "fsck"])
def test_folding_again_that_is_killed_leaves_what_readers_see(
    indexed_installation: Installation, serve: Serve, command: str
) -> None:
    random = Random(os.urandom(4))
    for _ in range(2):
        running = indexed_installation.start(command)
        await_that(lambda: indexed_installation.server_is_up, what="PostgreSQL")
        time.sleep(random.random() * 0.6)
        kill_main(indexed_installation, running)
        running.ended(seconds=10)
    told = indexed_installation.status()
    assert (told["height"], told["digest"]) == (115, FOUR_DIGEST)
    assert indexed_installation.run("reindex").status == 0
    indexed_installation.checked()
