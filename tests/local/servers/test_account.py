"""Root, ordinary users and folders that are closed to them."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.servers import postgres, process, programs
from local.servers.account import Account
from local.servers.postgres import cluster_of
from tests.local.using import ROOT, User

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody may enter."""
    with public_folder() as folder:
        yield folder


@contextmanager
def public_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="chasm-public-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def home(public: Path, ordinary: Account) -> Path:
    """An ordinary user's folder."""
    folder = public / "home"
    folder.mkdir()
    ordinary.give(folder)
    return folder


@pytest.fixture
def ordinary() -> Account:
    """A user that is neither root nor the one who runs root's servers."""
    found = pwd.getpwnam("daemon")
    return Account(found.pw_uid, found.pw_gid)


@pytest.fixture
def python(ordinary: Account) -> str:
    """A Python that an ordinary user can run."""
    recent = "import sys; sys.exit(sys.version_info < (3, 11))"
    for candidate in (sys.executable, "/usr/bin/python3"):
        try:
            tried = subprocess.run([candidate, "-c", recent], **ordinary.identity(), cwd="/", check=False)
        except OSError:
            continue
        if tried.returncode == 0:
            return candidate
    pytest.skip("no Python 3.11 here that another user can run")


def copy_launcher(folder: Path) -> None:
    """The launcher and the wheel as they are, at another place; its build looks like one of its own."""
    wheel = programs.wheel_folder(programs.WHEEL)
    assert wheel is not None
    for part in (ROOT / "local", wheel, wheel.with_name(f"{programs.WHEEL}.libs")):
        subprocess.run(["cp", "-a", part, folder], check=True)
    server = folder / programs.WHEEL / "pginstall" / "bin" / "postgres"
    os.utime(server, (server.stat().st_atime, int.from_bytes(os.urandom(3), "big")))


@pytest.fixture(scope="module")
def launcher() -> Iterator[Path]:
    """The launcher where everybody can run it."""
    with public_folder() as folder:
        copy_launcher(folder)
        yield folder


@pytest.fixture(scope="module")
def closed_launcher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The launcher below a folder that only root may enter, as in /root."""
    folder = tmp_path_factory.mktemp("closed")
    folder.chmod(0o700)
    copy_launcher(folder)
    return folder


@pytest.fixture
def closed(closed_launcher: Path) -> Iterator[Path]:
    """That launcher, without a copy of its programs."""
    yield closed_launcher
    for parent in programs.FOR_COPIES:
        for copy in parent.glob(programs.copy_name(closed_launcher / programs.WHEEL)):
            shutil.rmtree(copy)


def owner_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def running_pid(state: Path) -> int:
    pid = cluster_of(state).pid()
    assert pid is not None
    return pid


def test_root_s_server_runs_as_nobody_and_no_folder_is_opened_for_it(state: Path) -> None:
    parents = [state, *state.parents]
    before = [folder.stat().st_mode for folder in parents]
    with postgres.running(state, durable=False):
        assert owner_of(running_pid(state)) == pwd.getpwnam("nobody").pw_uid
        groups = Path(f"/proc/{running_pid(state)}/status").read_text().split("Groups:")[1]
        assert groups.splitlines()[0].strip() == ""
    assert [folder.stat().st_mode for folder in parents] == before
    assert cluster_of(state).data.stat().st_uid == pwd.getpwnam("nobody").pw_uid
    assert cluster_of(state).folder.stat().st_uid == 0


def test_programs_that_nobody_cannot_reach_are_copied_to_where_he_can(state: Path, closed: Path) -> None:
    with User(state, path=closed) as user:
        assert user.said() == "up"
        assert process.command_line(running_pid(state)).startswith("/var/tmp/chasm-postgres-")
    copy = Path("/var/tmp") / programs.copy_name(closed / programs.WHEEL)
    assert copy.stat().st_uid == 0
    assert not any(path.stat().st_mode & 0o022 for path in copy.rglob("*"))


def test_a_copy_that_lost_a_file_is_made_again(state: Path, closed: Path) -> None:
    with User(state, path=closed) as user:
        assert user.said() == "up"
    copy = Path("/var/tmp") / programs.copy_name(closed / programs.WHEEL)
    lost = next((copy / programs.WHEEL / "pginstall" / "share").rglob("*.sample"))
    lost.unlink()
    with User(state, path=closed) as user:
        assert user.said() == "up"
    assert lost.exists()


def test_a_copy_that_others_could_have_changed_is_not_used(state: Path, closed: Path) -> None:
    planted = Path("/var/tmp") / programs.copy_name(closed / programs.WHEEL)
    planted.mkdir()
    planted.chmod(0o777)
    with User(state, path=closed) as user:
        assert user.said() == "up"
        assert process.command_line(running_pid(state)).startswith("/tmp/chasm-postgres-")


def test_an_ordinary_user_runs_his_own_server(
    home: Path, ordinary: Account, python: str, launcher: Path
) -> None:
    with User(home / "var", account=ordinary, python=python, path=launcher) as user:
        assert user.said() == "up"
        assert owner_of(running_pid(home / "var")) == ordinary.uid
        assert user.leave() == 0
    assert stat.S_IMODE((home / "var" / "postgres").stat().st_mode) == 0o700


def test_root_runs_an_ordinary_user_s_server_as_that_user(
    home: Path, ordinary: Account, python: str, launcher: Path
) -> None:
    with User(home, account=ordinary, python=python, path=launcher) as user:
        assert user.said() == "up"
    with postgres.running(home, durable=False):
        assert owner_of(running_pid(home)) == ordinary.uid
        with User(home, account=ordinary, python=python, path=launcher) as user:
            assert user.said() == "up"
    with User(home, account=ordinary, python=python, path=launcher) as user:
        assert user.said() == "up"


@pytest.mark.parametrize("name", ["short", "long" * 50])
def test_root_and_the_owner_find_one_socket(
    name: str, home: Path, ordinary: Account, python: str, launcher: Path
) -> None:
    with User(home / name, account=ordinary, python=python, path=launcher) as user:
        assert user.said() == "up"
        number = running_pid(home / name)
        with postgres.running(home / name, durable=False):
            assert running_pid(home / name) == number
            assert (cluster_of(home / name).run / postgres.SOCKET).is_socket()


def test_root_s_state_is_refused_to_others_in_plain_words(
    public: Path, ordinary: Account, python: str, launcher: Path
) -> None:
    (public / "var" / "postgres").mkdir(parents=True, mode=0o700)
    with User(public / "var", account=ordinary, python=python, path=launcher) as user:
        said = user.said()
    assert said.startswith("NotPermitted")
    assert "STATE=" in said


def test_a_user_id_without_a_name_is_told_so(public: Path, python: str, launcher: Path) -> None:
    nameless = Account(54321, 54321)
    nameless.give(public)
    with User(public, account=nameless, python=python, path=launcher) as user:
        said = user.said()
    assert said.startswith("NoServerUser")
    assert "/etc/passwd" in said
