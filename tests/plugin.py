"""Gives the tests a PostgreSQL of their own: in memory where there is room, one for all workers of a run.

Loaded with `-p tests.plugin`, which comes before pytest-django reads the settings. The server itself starts
with the first test that uses a database, so that a run of pure tests starts none.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import broker, postgres
from local.locks import Lock

PREFIX = "chasm-tests-"
ENOUGH = 2 * 2**30
FOLDER = "CHASM_TESTS_FOLDER"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Choose the run's folder and point the settings at its server. Workers inherit both."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = str(_new_folder())
    os.environ["STATE"] = os.environ[FOLDER]
    os.environ["SECRET_KEY"] = "only for tests"
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "DEBUG", "ALLOWED_HOSTS", "LOG_LEVEL"):
        os.environ.pop(name, None)
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """The process that started the run removes its folder, and those of runs that were killed."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(os.environ[FOLDER])
    lock = Lock(folder / "run.lock")
    lock.take(shared=True)
    config.add_cleanup(lambda: _remove(folder, lock=lock))
    sweep(folder.parent)


def memory() -> Path:
    """The folder for what tests throw away: memory where there is room, else the temporary folder."""
    shared = Path("/dev/shm")
    if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > ENOUGH:
        return shared
    return Path(tempfile.gettempdir())


def _new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=memory()))


def _remove(folder: Path, *, lock: Lock) -> None:
    lock.close()
    os.environ.pop(FOLDER, None)
    stop_servers(folder)
    shutil.rmtree(folder, ignore_errors=True)


def stop_servers(state: Path) -> None:
    """Stop what still runs in a state, whoever uses it."""
    for server in (postgres.cluster_of(state), broker.broker_of(state)):
        if server.folder.is_dir():
            server.stop()


def sweep(parent: Path) -> None:
    """Remove what killed runs of this user left."""
    for folder in parent.glob(f"{PREFIX}*"):
        if folder.stat().st_uid != os.geteuid() or not (folder / "run.lock").exists():
            continue
        with Lock(folder / "run.lock") as lock:
            if lock.take(wait=False):
                stop_servers(folder)
                shutil.rmtree(folder, ignore_errors=True)
