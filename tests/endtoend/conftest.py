"""States that commands are run over, and nodes that they are run against."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from devnet.recorded.recording import Recording
from tests import databases
from tests.endtoend import chains
from tests.endtoend.commands import Installation, State, await_that
from tests.endtoend.hostile import HostileNode
from tests.endtoend.inprocess import InProcess
from tests.indexer.serving import Rule
from tests.once import once
from tests.plugin import new_state as new_folder
from tests.plugin import stop_servers


@pytest.fixture
def new_installation(prepared: Path) -> Iterator[Callable[[], Installation]]:
    """Makes states for processes, copies of one whose database has its tables already.

    Afterwards no process of theirs may be left.
    """
    made: list[Installation] = []

    def new() -> Installation:
        folder = new_folder()
        subprocess.run(["cp", "-a", f"{prepared}/.", folder], check=True)
        made.append(Installation(folder))
        return made[-1]

    yield new
    try:
        for each in made:
            await_that(each.is_deserted, seconds=10, what="the end of every process of a command")
    finally:
        for each in made:
            for process in each.living():
                process.kill()
            stop_servers(each.folder)
            shutil.rmtree(each.folder)


@pytest.fixture
def installation(new_installation: Callable[[], Installation]) -> Installation:
    """A state for processes, whose database has its tables already."""
    return new_installation()


@pytest.fixture
def new_state(
    template_database: str, worker_id: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[..., InProcess]]:
    """Makes states for commands in this process, each a copy of a database, by default an empty one."""
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())

        def new(like: str = template_database) -> InProcess:
            return InProcess(stack.enter_context(databases.copy(of=like, worker=worker_id)))

        yield new


@pytest.fixture
def state(new_state: Callable[..., InProcess]) -> InProcess:
    """A state without a chain, for commands in this process."""
    return new_state()


@pytest.fixture
def state_for(request: pytest.FixtureRequest) -> Callable[[int], State]:
    """A state for commands that work in so many processes: only one of them can be this one."""

    def state_for(processes: int) -> State:
        found: State = request.getfixturevalue("state" if processes == 1 else "installation")
        return found

    return state_for


@pytest.fixture(scope="session")
def indexed_once(template_database: str, django_db_blocker: DjangoDbBlocker) -> str:
    """A database that holds the recorded chain of four validators, made once a run. Copy it."""
    name = "indexed_four"

    def make() -> None:
        databases.dropped(name)
        databases.copied(name, of=template_database)
        with HostileNode(chains.four()) as node:
            InProcess(name).sync(node.url)

    with django_db_blocker.unblock():
        once(name, make)
    return name


@pytest.fixture
def indexed(new_state: Callable[..., InProcess], indexed_once: str) -> InProcess:
    """A state that holds the recorded chain of four validators, for commands in this process."""
    return new_state(indexed_once)


@pytest.fixture
def indexed_installation(installation: Installation, serve: Callable[..., HostileNode]) -> Installation:
    """A state for processes that holds the recorded chain of four validators."""
    installation.sync(serve(chains.four()).url)
    return installation


@pytest.fixture
def serve() -> Iterator[Callable[..., HostileNode]]:
    """Serves chains, each damaged by the rules that come with it."""
    with ExitStack() as stack:

        def start(chain: Recording, *rules: Rule, **more: Any) -> HostileNode:
            return stack.enter_context(HostileNode(chain, *rules, **more))

        yield start
