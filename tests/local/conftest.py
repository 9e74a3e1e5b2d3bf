"""A data directory made once and copied, because making one takes most of a test's time."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.servers import postgres
from tests.plugin import new_state, stop_servers


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """A state whose server was made, ran and stopped. Copy it; do not use it."""
    state = new_state()
    with postgres.running(state, durable=False):
        pass
    yield state
    shutil.rmtree(state)


@pytest.fixture
def copied_to(made_once: Path) -> Iterator[Callable[[Path], Path]]:
    """Copy that state to a folder of the test's choice; what still runs there afterwards is stopped."""
    copies: list[Path] = []

    def copy(state: Path) -> Path:
        state.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", made_once / "postgres", state], check=True)
        copies.append(state)
        return state

    yield copy
    for state in copies:
        stop_servers(state)


@pytest.fixture
def state(state_directory: Path, copied_to: Callable[[Path], Path]) -> Path:
    """A state with a data directory and no server."""
    return copied_to(state_directory)
