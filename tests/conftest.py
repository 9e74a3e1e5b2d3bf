"""Fixtures of all tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connections
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from local.servers import postgres
from tests import databases
from tests.once import once, run_folder
from tests.plugin import FOLDER, STATES, new_state, stop_servers

ROOT = Path(__file__).resolve().parents[1]

# Nothing is timed in tests; `make fuzz` tries far more input (hypothesis chooses new input each time).
settings.register_profile("suite", deadline=None, print_blob=True)
settings.register_profile(
    "fuzz",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=int(os.environ.get("EXAMPLES") or 20_000),
)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[None]:
    """The run's PostgreSQL, shared by its workers; each has a database of its own in it."""
    with postgres.running(Path(os.environ[FOLDER]), durable=False):
        yield


@pytest.fixture(scope="session")
def prepared() -> Path:
    """A state whose database has its tables and is not running, made once a run. Copy it; do not use it."""
    folder = run_folder() / STATES / "prepared"
    once("prepared", lambda: _prepare(folder))
    return folder


def _prepare(folder: Path) -> None:
    command = [sys.executable, "manage.py", "status"]
    environment = os.environ | {"STATE": str(folder)}
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


@pytest.fixture(scope="session")
def template_database(postgres_server: None, django_db_blocker: DjangoDbBlocker) -> str:
    """The name of a database with every table, made once a run, to be copied."""
    with django_db_blocker.unblock():
        return databases.made_template()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    template_database: str, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Have the server running, and pytest-django's database be a copy."""
    for alias in connections:
        connections[alias].settings_dict["TEST"]["TEMPLATE"] = template_database


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """As pytest-django's, and the desk, whose tables are in the template too: its alias is the same database
    with another search path, which Django takes for a copy, and pytest-django leaves alone where no test of
    the run asks for it. Tests that reach it say `django_db(databases=["default", "desk"])`.
    """
    connections["desk"].creation.set_as_test_mirror(connections["default"].settings_dict)
    with databases.emptied_where_not_empty():
        yield
    connections["desk"].close()  # else the database could not be dropped


@pytest.fixture(autouse=True, scope="session")
def _made_anew() -> None:
    """No answer is kept: what one test asks for, another one rolled back."""
    django_settings.KEPT_ANSWERS = 0


@pytest.fixture
def state_directory() -> Iterator[Path]:
    """A folder to give real commands as STATE; what they leave running there is stopped afterwards."""
    folder = new_state()
    yield folder
    stop_servers(folder)
    shutil.rmtree(folder)


@pytest.fixture
def ready(prepared: Path, state_directory: Path) -> Path:
    """A folder to give real commands as STATE, whose database has its tables already, and no server."""
    subprocess.run(["cp", "-a", f"{prepared}/.", state_directory], check=True)
    return state_directory
