"""Gives the tests a PostgreSQL of their own: in memory where there is room, one for all workers of a run.

Loaded with `-p tests.plugin`, which comes before pytest-django reads the settings. The server itself starts
with the first test that uses a database, so that a run of pure tests starts none.
"""

import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from local.servers import broker, postgres
from local.servers.locks import Lock, exclusive

PREFIX = "chasm-tests-"
ENOUGH = 2 * 2**30
FOLDER = "CHASM_TESTS_FOLDER"
STATES = "states"
BROWSER = Path(__file__).parent / "browser"
BYTE_CODE = Path(sys.prefix) / "byte-code"  # where make keeps it
COMPILED = BYTE_CODE / "tests-are-compiled"  # is there once a run has collected its tests
# Settings of whoever runs the tests.
UNSET = (
    "DATABASE_URL",
    "READER_DATABASE_URL",
    "DESK_DATABASE_URL",
    "DATABASE_ROLE",
    "CELERY_BROKER_URL",
    "DEBUG",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "HTTPS",
    "SITE_NAME",
    "SITE_URL",
    "OPERATOR",
    "CONTACT",
    "DATA_LICENCE",
    "SOURCE_URL",
    "NOINDEX",
    "LOG_LEVEL",
    "NUM_PROXIES",
    "FILES",
    "FILES_BACKEND",
    "FILES_OPTIONS",
    "EMAIL_HOST",
    "EMAIL_PORT",
    "EMAIL_HOST_USER",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_USE_TLS",
    "EMAIL_USE_SSL",
    "DEFAULT_FROM_EMAIL",
    "REPORTS_TO",
    "PYTHONUNBUFFERED",
)
LOCK = pytest.StashKey[Lock]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Choose the run's folder and point the settings at its server. Workers inherit both.

    Until all tests are collected no garbage is looked for: nearly all that is made stays.
    """
    gc.disable()
    _let_children_be_ended()
    _keep_byte_code()
    if FOLDER not in os.environ:
        folder, early_config.stash[LOCK] = _new_folder()
        os.environ[FOLDER] = str(folder)
    os.environ["STATE"] = os.environ[FOLDER]
    os.environ["SECRET_KEY"] = "only for tests"
    for name in UNSET:
        os.environ.pop(name, None)
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """The process that made the run's folder removes it, and those of runs that were killed."""
    if config.getoption("numprocesses", None):
        gc.enable()  # who has workers collects no tests
    if LOCK not in config.stash:
        return
    folder = Path(os.environ[FOLDER])
    config.add_cleanup(lambda: _remove(folder, lock=config.stash[LOCK]))
    sweep(folder.parent)


def _let_children_be_ended() -> None:
    """Let hang-up and Ctrl-C end what a run starts, also where the run itself ignores them (`nohup`, or in
    the background of a script): a signal that is ignored stays so in a new program, one that a function takes
    does not.
    """
    for number in (signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda number, frame: None)


def _keep_byte_code() -> None:
    """As make does, for a run without it: hundreds of processes start, and to compile all that one imports
    takes longer than most of them work.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(BYTE_CODE)
    sys.dont_write_bytecode = False


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Workers of the first run compile what they import one after the other, not all of them the same."""
    if session.config.getoption("numprocesses", None):
        return (yield)  # who has workers collects no tests
    with in_turn(
        compiled=BYTE_CODE / "tests-are-compiled", lock=Path(os.environ[FOLDER]) / "collecting.lock"
    ):
        return (yield)


@contextmanager
def in_turn(*, compiled: Path, lock: Path) -> Iterator[None]:
    """Wait for one's turn, unless a file says that somebody has had his."""
    if compiled.exists():
        yield
        return
    with exclusive(lock):
        yield
        compiled.parent.mkdir(parents=True, exist_ok=True)
        compiled.touch()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what is there by now, and stays to the end, out of every search for garbage; and search less
    often: there is room.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker begin with the browser, another with what is slow, most of which is waiting.

    Each worker is given an equal part of the list, and takes from the end of another's once it is idle. So
    the browser's tests share one site, and nothing that is long is left for the end.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = _shared_out(items, part=len(items) // workers)


def _shared_out(items: Sequence[pytest.Item], *, part: int) -> list[pytest.Item]:
    browser = [each for each in items if each.path.is_relative_to(BROWSER)]
    slow = [each for each in items if each.get_closest_marker("slow")]
    first = {*browser, *slow}
    others = [each for each in items if each not in first]
    end = max(part - len(browser), 0)
    return [*browser, *others[:end], *slow, *others[end:]]


def new_state() -> Path:
    """An empty folder to be the STATE of one test."""
    return Path(tempfile.mkdtemp(dir=Path(os.environ[FOLDER]) / STATES))


def stop_servers(state: Path) -> None:
    """Stop what still runs in a state, whoever uses it."""
    for server in (postgres.cluster_of(state), broker.broker_of(state)):
        if server.folder.is_dir():
            server.stop()


def sweep(parent: Path) -> None:
    """Remove what killed runs of this user left."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):
            if folder.stat().st_uid == os.geteuid():
                _remove_if_left(folder)


def _remove_if_left(folder: Path) -> None:
    with Lock(folder / "run.lock") as lock:
        if lock.take(wait=False):
            _remove_all(folder)


def _remove(folder: Path, *, lock: Lock) -> None:
    os.environ.pop(FOLDER, None)
    _remove_all(folder)
    lock.close()


def _remove_all(folder: Path) -> None:
    for state in (folder, *(folder / STATES).glob("*")):
        stop_servers(state)
    shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> tuple[Path, Lock]:
    """The run's folder and the lock that says the run goes on. It has its name only once it is locked."""
    fresh = Path(tempfile.mkdtemp(prefix="chasm-new-", dir=_memory()))
    (fresh / STATES).mkdir()
    (fresh / "static").mkdir()  # whitenoise warns where it is not
    lock = Lock(fresh / "run.lock")
    lock.take()
    folder = fresh.with_name(PREFIX + fresh.name.removeprefix("chasm-new-"))
    fresh.rename(folder)
    return folder, lock


def _memory() -> Path:
    """The folder for what tests throw away: memory where there is room, else the temporary folder."""
    shared = Path("/dev/shm")
    if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > ENOUGH:
        return shared
    return Path(tempfile.gettempdir())
