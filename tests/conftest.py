"""Fixtures of all tests."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import postgres
from tests.plugin import FOLDER, memory, stop_servers


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[None]:
    """The run's PostgreSQL, shared by its workers; each has a database of its own in it."""
    with postgres.running(Path(os.environ[FOLDER]), durable=False):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    postgres_server: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Have the server running before pytest-django makes its database."""


@pytest.fixture
def state_directory() -> Iterator[Path]:
    """A folder to give real commands as STATE; what they leave running there is stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="chasm-state-", dir=memory()))
    yield folder
    stop_servers(folder)
    shutil.rmtree(folder)
