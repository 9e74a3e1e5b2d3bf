"""Fixtures of all tests."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from local.servers import postgres
from tests.plugin import FOLDER, new_state, stop_servers

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
def django_db_modify_db_settings(
    postgres_server: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Have the server running before pytest-django makes its database."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """As pytest-django's, and the desk's tables: its alias is the same database with another search path,
    which Django takes for a copy that needs no migrations of its own, and pytest-django leaves alone where
    no test of the run asks for it. Tests that reach it say `django_db(databases=["default", "desk"])`.
    """
    connections["desk"].creation.set_as_test_mirror(connections["default"].settings_dict)
    with django_db_blocker.unblock():
        call_command("migrate", database="desk", interactive=False, verbosity=0)
    yield
    connections["desk"].close()  # else the database could not be dropped


@pytest.fixture
def state_directory() -> Iterator[Path]:
    """A folder to give real commands as STATE; what they leave running there is stopped afterwards."""
    folder = new_state()
    yield folder
    stop_servers(folder)
    shutil.rmtree(folder)
