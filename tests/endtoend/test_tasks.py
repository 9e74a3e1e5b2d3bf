"""Celery tasks over a real broker with real workers: the same digest, whoever dies meanwhile."""

import shutil
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import psutil
import pytest
from celery import Celery

from devnet.rest.exchange import Answer, Question
from local.servers import broker, postgres
from tests.endtoend import chains
from tests.endtoend.chains import FOUR_DIGEST
from tests.endtoend.commands import Installation, Running, await_that
from tests.endtoend.hostile import Gate, HostileNode, is_list

pytestmark = pytest.mark.slow

Serve = Callable[..., HostileNode]


@pytest.fixture
def state(installation: Installation) -> Installation:
    """Processes are the subject of every test here."""
    return installation


class Workplace:
    """A state whose servers run, workers over it, and what they are told to do."""

    def __init__(self, state: Installation, stack: ExitStack) -> None:
        self.state = state
        self._stack = stack
        self._application = Celery(broker=broker.url(state.folder), set_as_current=False)
        self.workers: list[Running] = []

    def begin_worker(self) -> Running:
        """Start a worker with one process for tasks; it need not be ready yet."""
        command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker"]
        name = f"--hostname={len(self.workers)}@here"
        options = ["--concurrency=1", "--without-gossip", "--without-mingle", name]
        worker = Running([*command, *options], environment=self.state.environment)
        self._stack.callback(_end, worker)
        self.workers.append(worker)
        return worker

    def send(self, task: str, *arguments: int) -> None:
        """Send a task of `indexer.tasks`."""
        self._application.send_task(f"indexer.tasks.{task}", arguments)

    def height(self) -> int:
        """Height of the last block that is folded."""
        with self.state.connect() as connection:
            rows = connection.execute("SELECT height FROM indexer_checkpoint").fetchall()
        return max((row[0] for row in rows), default=-1)

    def blocks(self) -> int:
        """How many blocks are stored."""
        with self.state.connect() as connection:
            row = connection.execute("SELECT count(*) FROM indexer_block").fetchone()
        assert row is not None
        return int(row[0])

    def marks(self) -> dict[str, int]:
        """The height that each derivation has reached."""
        with self.state.connect() as connection:
            rows = connection.execute("SELECT name, height FROM indexer_derivationcheckpoint").fetchall()
        return dict(rows)

    def await_height(self, height: int) -> None:
        await_that(lambda: self.height() == height, seconds=60, what=f"height {height}")


def _end(worker: Running) -> None:
    if worker.is_running:
        worker.send(signal.SIGTERM)
        worker.ended(seconds=20)


def kill_whole(worker: Running) -> None:
    """`kill -9` for a worker and its children."""
    processes = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
    for process in processes:
        process.kill()
    worker.ended(seconds=10)


@contextmanager
def workplace(state: Installation) -> Iterator[Workplace]:
    with ExitStack() as stack:
        stack.enter_context(postgres.running(state.folder))
        stack.enter_context(broker.running(state.folder))
        yield Workplace(state, stack)


@pytest.fixture
def place(state: Installation) -> Iterator[Workplace]:
    """Servers without workers."""
    with workplace(state) as found:
        yield found


@pytest.fixture
def node(state: Installation, serve: Serve) -> HostileNode:
    """A node of a chain that the state knows with its first blocks, and that has grown since."""
    made = serve(chains.cut(chains.four(), 5))
    ended = state.sync(made.url)
    assert ended.line["height"] == 4, ended.told
    made.asked.clear()
    made.chain = chains.four()
    return made


def ended_well(state: Installation) -> None:
    """As undisturbed."""
    told = state.status()
    assert told["digest"] == FOUR_DIGEST
    assert told["incidents"] == []


def test_a_backfill_is_spread_over_workers_and_ends_in_the_same_digest(
    state: Installation, node: HostileNode, place: Workplace
) -> None:
    for _ in range(2):
        place.begin_worker()
    met = threading.Barrier(2, timeout=60)

    def meet(question: Question, answer: Answer) -> None:
        if is_list(question) and not met.broken and met.n_waiting < 2 and not done:
            met.wait()
            done.append(question)

    done: list[Question] = []
    node.rules.append(meet)  # the first window is answered once the second is asked for: by the other worker
    place.send("backfill", 1)
    place.await_height(115)
    assert len(done) == 2
    assert not met.broken
    ended_well(state)
    state.checked()


def test_following_takes_in_what_is_new(state: Installation, node: HostileNode, place: Workplace) -> None:
    place.begin_worker()
    node.chain = chains.cut(chains.four(), 60)
    place.send("follow_all")
    place.await_height(59)
    node.chain = chains.four()
    place.send("follow", 1)
    place.await_height(115)
    place.send("follow", 1)
    place.send("fold", 1)
    ended_well(state)


@pytest.mark.parametrize("task", ["follow", "backfill"])
def test_what_is_folded_is_derived_at_once_without_the_schedule(
    state: Installation, node: HostileNode, place: Workplace, task: str
) -> None:
    place.begin_worker()
    place.send(task, 1)
    expected = {each["name"]: 115 for each in state.status()["lags"]}
    await_that(lambda: place.marks() == expected, seconds=60, what="derivations")
    told = state.status()
    assert {each["behind"] for each in told["lags"]} == {0}
    ended_well(state)


def test_what_has_expired_before_a_worker_came_is_not_done(
    state: Installation, node: HostileNode, place: Workplace
) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    for task in ("follow", "backfill"):
        place._application.send_task(f"indexer.tasks.{task}", (1,), expires=long_ago)
    place.begin_worker()
    place.send("rollup", 1)
    await_that(lambda: place.marks() == {"rollups": 4}, seconds=60, what="the figures")
    assert _queue_length(place) == 0
    assert node.asked == []


def test_one_who_follows_a_chain_that_another_follows_returns_at_once(
    state: Installation, node: HostileNode, place: Workplace
) -> None:
    gate = Gate(1)
    node.rules.append(gate)
    for _ in range(2):
        place.begin_worker()
    place.send("follow", 1)
    assert gate.reached.wait(60)
    asked = len(node.asked)
    with state.connect() as connection:
        place.send("follow", 1)
        await_that(lambda: _queue_length(place) == 0, what="the second follower")
        place.send("fold", 1)
        await_that(lambda: _queue_length(place) == 0, what="the folder")
        locks = connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    assert locks is not None
    assert sum(is_list(each) for each in node.asked[asked:]) == 0
    gate.opened.set()
    place.await_height(115)
    ended_well(state)


def _queue_length(place: Workplace) -> int:
    """Tasks that no worker has taken or finished yet."""
    with place._application.connection_for_read() as connection:
        channel: Any = connection.default_channel
        return int(channel.client.llen("celery"))


@pytest.mark.parametrize("task", ["backfill", "follow"])
def test_a_worker_that_is_killed_in_the_middle_leaves_work_that_another_ends(
    state: Installation, node: HostileNode, place: Workplace, task: str
) -> None:
    gate = Gate(1)
    node.rules.append(gate)
    first = place.begin_worker()
    place.send(task, 1)
    assert gate.reached.wait(60)
    kill_whole(first)
    gate.opened.set()
    place.begin_worker()
    place.send(task, 1)
    place.await_height(115)
    ended_well(state)


def test_a_process_of_a_worker_that_is_killed_has_its_task_run_again(
    state: Installation, node: HostileNode, place: Workplace
) -> None:
    gate = Gate(1)
    node.rules.append(gate)
    worker = place.begin_worker()
    place.send("follow", 1)
    assert gate.reached.wait(60)
    for child in psutil.Process(worker.pid).children():
        child.kill()
    gate.opened.set()
    place.await_height(115)
    ended_well(state)


def test_a_broker_that_is_lost_loses_nothing(state: Installation, node: HostileNode) -> None:
    with ExitStack() as stack:
        stack.enter_context(postgres.running(state.folder))
        gate = Gate(1)
        node.rules.append(gate)
        with broker.running(state.folder):
            place = Workplace(state, stack)
            worker = place.begin_worker()
            place.send("backfill", 1)
            assert gate.reached.wait(60)
            kill_whole(worker)
        shutil.rmtree(state.folder / "broker" / "data")
        gate.opened.set()
        assert place.blocks() == 5
        stack.enter_context(broker.running(state.folder))
        place.begin_worker()
        place.send("follow", 1)
        place.await_height(115)
    ended_well(state)


def test_workers_outlive_a_broker_that_restarts_empty(state: Installation, node: HostileNode) -> None:
    with ExitStack() as stack:
        stack.enter_context(postgres.running(state.folder))
        with broker.running(state.folder):
            place = Workplace(state, stack)
            place.begin_worker()
            node.chain = chains.cut(chains.four(), 30)
            place.send("follow", 1)
            place.await_height(29)
        shutil.rmtree(state.folder / "broker" / "data")
        node.chain = chains.four()
        stack.enter_context(broker.running(state.folder))
        place.send("follow", 1)
        place.await_height(115)
    ended_well(state)


def test_a_long_gap_is_left_to_the_backfill(state: Installation, serve: Serve, place: Workplace) -> None:
    begun = chains.begun(chains.configuration())
    data = chains.transaction(begun, chains.add("[1]", "{}"))
    long = chains.grown(begun, *[[]] * 350, [data], [])
    node = serve(chains.cut(long, 3))
    assert state.sync(node.url).line["height"] == 2
    node.chain = long
    for _ in range(2):
        place.begin_worker()
    place.send("follow_all")
    place.await_height(351)
    told = state.status()
    assert (told["records"], told["gaps"], told["incidents"]) == (1, [], [])
    state.checked()


def test_a_lying_node_stops_the_follower_with_an_incident_and_the_next_goes_on(
    state: Installation, node: HostileNode, place: Workplace
) -> None:
    def change(stated: dict[str, Any]) -> dict[str, Any]:
        return {**stated, "timestamp": stated["timestamp"] + 1}

    node.chain = chains.with_block(chains.four(), 20, change)
    place.begin_worker()
    place.send("follow", 1)

    def incidents() -> int:
        with state.connect() as connection:
            row = connection.execute("SELECT count(*) FROM indexer_incident").fetchone()
        assert row is not None
        return int(row[0])

    await_that(lambda: incidents() == 1, what="the incident")
    node.chain = chains.four()
    place.send("follow", 1)
    place.await_height(115)
    assert state.incidents() == [("refused-stated", 20)]
    state.checked()


def test_chains_whose_nodes_are_silent_hold_no_other_chain_up(
    state: Installation, node: HostileNode, place: Workplace
) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(7)]
        nodes = ",".join(f"http://127.0.0.1:{each.getsockname()[1]}" for each in silent)
        for brid in ("AB" * 32, "CD" * 32):
            assert state.run("follow", f"--node={nodes}", f"--brid={brid}").status == 0
        for _ in range(2):
            place.begin_worker()
        for chain in (2, 3, 2, 3):
            place.send("follow", chain)
            place.send("reconcile", chain)
        place.send("follow", 1)
        place.await_height(115)


def test_a_chain_that_is_not_there_is_no_trouble_for_the_worker(
    state: Installation, node: HostileNode, place: Workplace
) -> None:
    place.begin_worker()
    for task in ("follow", "backfill", "fold"):
        place.send(task, 99)
    place.send("follow", 1)
    place.await_height(115)


def test_a_worker_ends_with_its_children(state: Installation, node: HostileNode, place: Workplace) -> None:
    worker = place.begin_worker()
    place.send("follow", 1)
    place.await_height(115)
    worker.send(signal.SIGTERM)
    ended = worker.ended(seconds=20)
    assert ended.status == 0, ended.told
    await_that(state.is_deserted, seconds=5, what="the end of the worker's children")
