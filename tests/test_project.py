"""The project as a whole: what its documents say is so."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.management import exit_status

ROOT = Path(__file__).resolve().parent.parent
VAGUE_NAMES = {"utils", "helpers", "common", "services", "managers", "base"}
ODD_VALUES = (
    "two words",
    "$HOME",
    "$(HOME)",
    "`id`",
    "$(shell id)",
    "a'b\"c",
    "#x;y&z|w",
    "\\",
    "*",
    "-x",
    "%",
)
PACKAGES = ("config", "local", "indexer", "explorer", "devnet", "bench", "tests")


def first_block_of_the_readme() -> list[str]:
    found = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found is not None
    return found[1].splitlines()


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def make(target: str, *, python: str, **options: str) -> subprocess.CompletedProcess[str]:
    """Run a target with another program in Python's place."""
    given = [f"{name}={value}" for name, value in options.items()]
    return subprocess.run(
        ["make", "--no-print-directory", target, f"PYTHON={python}", "INSTALL=@:", *given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_readme_opens_with_commands_that_ci_runs_as_written() -> None:
    commands = first_block_of_the_readme()
    assert commands == ["make run", "make test"]
    ci = (ROOT / ".ci" / "run").read_text().splitlines()
    assert {'.ci/site "$state/var" make lint', "make test"} <= set(ci)
    assert 'make run PORT=0 > "$notes/run" &' in (ROOT / ".ci" / "site").read_text().splitlines()


def test_every_file_and_folder_that_the_documents_name_exists() -> None:
    rooms = [*PACKAGES, "deploy", "docs", "static", "templates"]
    there = [path for each in rooms for path in (ROOT / each).rglob("*")]
    paths = [f"/{each.relative_to(ROOT).as_posix()}" for each in [*ROOT.iterdir(), *there]]
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")):
        spans = re.findall(r"`([\w./-]+)`", document.read_text())
        named = {each.rstrip("/") for each in spans if each.endswith(".py") or each.split("/")[0] in rooms}
        # What a newcomer makes is called NAME.
        named = {each for each in named if "NAME" not in each}
        missing = {each for each in named if not any(path.endswith(f"/{each}") for path in paths)}
        assert not missing, document


def test_every_make_command_of_the_documents_exists() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")):
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(), re.MULTILINE))
        assert named <= targets(), document


def test_the_readme_names_every_make_command() -> None:
    named = set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert targets() - {"help"} <= named


def test_the_reference_lists_every_setting_and_no_other() -> None:
    read = set()
    for module in (ROOT / "config").glob("*.py"):
        read |= set(re.findall(r'environment\.\w+\(\s*"([A-Z_]+)"', module.read_text()))
    reference = (ROOT / "docs" / "configuration.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", reference, re.MULTILINE)) == read


def test_requirements_are_the_lock_s() -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if uv is None:
        pytest.skip("uv is not installed: make installs it")
    export = ["export", "--locked", "--offline", "--no-dev", "--no-header", "--quiet"]
    environment = os.environ | {"UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never"}
    exported = subprocess.run([uv, *export], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert (ROOT / "requirements.txt").read_bytes() == exported.stdout


def test_the_pinned_uv_is_the_installed_one() -> None:
    uv = Path(sys.executable).parent / "uv"
    if not uv.exists():
        pytest.skip("uv is not installed beside this Python: make installs it")
    said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True)
    assert f'UV = "{said.stdout.split()[1]}"' in (ROOT / "local" / "setup" / "install.py").read_text()


def test_no_module_has_a_name_that_says_nothing() -> None:
    modules = [module for package in PACKAGES for module in (ROOT / package).rglob("*.py")]
    assert [module for module in modules if module.stem in VAGUE_NAMES] == []


@pytest.mark.parametrize("value", ODD_VALUES)
def test_make_passes_options_on_as_they_are(value: str) -> None:
    done = make("state", python="printf '<%s>'", CHAIN=value, AT="0")
    assert done.stdout == f"<manage.py><state><--chain={value}><--at=0>"
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("value", ODD_VALUES)
def test_make_run_passes_options_on_as_they_are(value: str) -> None:
    options = {name: f"{name}{value}" for name in ("NODE", "BRID", "NETWORK", "PORT")}
    done = make("run", python="printf '<%s>'", **options)
    given = "".join(f"<--{name.lower()}={name}{value}>" for name in options)
    assert done.stdout == f"<manage.py><run>{given}"
    assert (done.returncode, done.stderr) == (0, "")


def test_make_run_is_the_command_itself() -> None:
    """So that a signal to make reaches it, and make waits for it."""
    same = f"{sys.executable} -c 'import os, sys; print(os.getpid() == int(sys.argv[1]))' $$$$ #"
    assert make("run", python=same).stdout == "True\n"


@pytest.mark.parametrize("target", ["run", "sync"])
def test_make_gives_no_option_that_was_not_given(target: str) -> None:
    assert make(target, python="printf '<%s>'").stdout.strip() == f"<manage.py><{target}>"


def test_make_demo_chain_plays_the_demo() -> None:
    done = make("demo-chain", python="printf '<%s>'", PORT="0", VALIDATORS="4", MERKLE="2", SEED="7")
    options = "<--scenario=demo><--port=0><--validators=4><--merkle=2><--seed=7>"
    assert done.stdout == f"<-m><devnet>{options}"


def test_make_passes_the_state_in_the_environment() -> None:
    done = make("sync", python="sh -c 'printenv STATE' --", STATE="a $b 'c")
    assert done.stdout == "a $b 'c\n"


@pytest.mark.parametrize(("status", "made"), [(0, 0), (3, 0), (1, 2), (2, 2), (4, 2), (5, 2), (130, 2)])
def test_make_sync_succeeds_when_the_chain_is_complete(status: int, made: int) -> None:
    assert make("sync", python=f"sh -c 'exit {status}' --").returncode == made


def test_make_sync_ends_in_a_line_of_json_where_python_wrote_none() -> None:
    killed = make("sync", python="sh -c 'kill -9 $$$$' --")
    assert killed.stdout == exit_status.line({}, seconds=0.0, exit=128 + signal.SIGKILL) + "\n"
    no_python = make("sync", python=sys.executable, INSTALL="@false")
    assert no_python.stdout == exit_status.line({}, seconds=0.0, exit=1) + "\n"
    assert (killed.returncode, no_python.returncode) == (2, 2)


def test_make_test_takes_one_path() -> None:
    done = make("test", python="printf '<%s>'", TESTS="tests/a b")
    workers = os.sysconf("SC_NPROCESSORS_ONLN") + 1
    assert done.stdout == f"<-m><pytest><-n><{workers}><--dist><worksteal><tests/a b>"


def test_the_line_without_python_is_the_line_that_python_writes() -> None:
    said = subprocess.run(
        ["sh", ROOT / "local" / "setup" / "no_figures.sh", "1"], capture_output=True, check=True
    )
    assert said.stdout.decode() == f"{exit_status.line({}, seconds=0.0, exit=1)}\n"
