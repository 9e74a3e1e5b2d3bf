"""States that commands are run over, and nodes that they are run against."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from devnet.recorded.recording import Recording
from tests.endtoend import chains
from tests.endtoend.commands import State, await_that
from tests.endtoend.hostile import HostileNode, Rule
from tests.plugin import FOLDER, stop_servers
from tests.plugin import new_state as new_folder


@pytest.fixture(scope="session")
def compiled() -> Path:
    """Where the commands' byte code is kept, so that each does not compile the project again."""
    return Path(os.environ[FOLDER]) / "compiled"


@pytest.fixture(scope="session")
def prepared(compiled: Path) -> Iterator[Path]:
    """A state whose database has its tables and is not running. Copy it; do not use it."""
    folder = new_folder()
    made = State(folder, compiled=compiled).run("status")
    assert made.status == 0, made.told
    yield folder
    stop_servers(folder)
    shutil.rmtree(folder)


@pytest.fixture
def new_state(prepared: Path, compiled: Path) -> Iterator[Callable[..., State]]:
    """Makes states, copies of one whose database has its tables already unless another one is named.

    Afterwards no process of theirs may be left.
    """
    made: list[State] = []

    def new(like: Path = prepared) -> State:
        folder = new_folder()
        subprocess.run(["cp", "-a", f"{like}/.", folder], check=True)
        made.append(State(folder, compiled=compiled))
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
def state(new_state: Callable[..., State]) -> State:
    """A state whose database has its tables already."""
    return new_state()


@pytest.fixture(scope="session")
def indexed_once(prepared: Path, compiled: Path) -> Iterator[Path]:
    """A state that holds the recorded chain of four validators. Copy it; do not use it."""
    folder = new_folder()
    subprocess.run(["cp", "-a", f"{prepared}/.", folder], check=True)
    with HostileNode(chains.four()) as node:
        State(folder, compiled=compiled).sync(node.url)
    yield folder
    stop_servers(folder)
    shutil.rmtree(folder)


@pytest.fixture
def indexed(new_state: Callable[..., State], indexed_once: Path) -> State:
    """A state that holds the recorded chain of four validators."""
    return new_state(indexed_once)


@pytest.fixture
def serve() -> Iterator[Callable[..., HostileNode]]:
    """Serves chains, each damaged by the rules that come with it."""
    with ExitStack() as stack:

        def start(
            chain: Recording, *rules: Rule, prefix: str = "", authorization: str | None = None
        ) -> HostileNode:
            node = HostileNode(chain, *rules, prefix=prefix, authorization=authorization)
            return stack.enter_context(node)

        yield start
