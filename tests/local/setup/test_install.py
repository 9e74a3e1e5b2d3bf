"""Making the environment: when it is made, and what is said when it cannot be."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.setup.install import UV, Environment, InstallError
from tests.local.using import ROOT


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """A project with a lock, and an environment without a stamp."""
    (tmp_path / "uv.lock").write_text("packages\n")
    made = Environment(tmp_path)
    made.python.parent.mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    return made


def stamp(environment: Environment, group: str) -> None:
    environment.stamp.write_text(f"{environment.digest()} {group}\n")


def test_an_environment_for_tests_will_do_for_running(environment: Environment) -> None:
    stamp(environment, "dev")
    assert environment.has("run")
    assert environment.has("dev")


def test_an_environment_for_running_will_not_do_for_tests(environment: Environment) -> None:
    stamp(environment, "run")
    assert environment.has("run")
    assert not environment.has("dev")


def test_another_lock_makes_it_out_of_date(environment: Environment) -> None:
    stamp(environment, "dev")
    environment.lock.write_text("other packages\n")
    assert not environment.has("run")


def test_a_python_that_is_gone_makes_it_out_of_date(environment: Environment) -> None:
    stamp(environment, "dev")
    environment.python.unlink()
    environment.python.symlink_to("/nowhere/python3")
    assert not environment.has("run")


def test_half_a_stamp_makes_it_out_of_date(environment: Environment) -> None:
    environment.stamp.write_text(environment.digest())
    assert not environment.has("run")


def test_a_failing_step_is_told_with_its_own_words(environment: Environment) -> None:
    environment.uv.write_text(f"#!/bin/sh\ntest $1 != --version && echo it broke && exit 1\necho uv {UV}\n")
    environment.uv.chmod(0o755)
    stamp(environment, "dev")
    with pytest.raises(InstallError, match=r"it broke\n.*PyPI"):
        environment.install("run")
    assert not environment.stamp.exists()


def test_without_a_python_that_will_do_one_sentence_says_so(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", ROOT / "local" / "setup" / "install.sh", "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Python 3.11, 3.12 or 3.13 is needed")
    assert len(done.stderr.splitlines()) == 1


def test_nothing_is_said_when_there_is_nothing_to_do(environment: Environment) -> None:
    stamp(environment, "dev")
    folder = environment.root / "local" / "setup"
    folder.mkdir(parents=True)
    for name in ("install.sh", "install.py"):
        shutil.copy(ROOT / "local" / "setup" / name, folder)
    done = subprocess.run(
        ["/bin/sh", folder / "install.sh", "run"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
