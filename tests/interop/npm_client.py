"""Chromia's client for JavaScript, installed beside the scripts of this folder that use it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from local.servers import locks

_SOURCE = Path(__file__).parent / "npm"
_INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
_UNREACHABLE = (
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "EHOSTUNREACH",
)


@pytest.fixture(scope="session")
def npm_client(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the scripts and the installed packages: one installation for all workers of a run."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "npm"
    folder.mkdir(exist_ok=True)
    with locks.exclusive(folder / "install.lock"):
        if not (folder / "installed").exists():
            _install(folder)
            (folder / "installed").touch()
    return folder


def _install(folder: Path) -> None:
    for each in _SOURCE.iterdir():
        if each.is_file():
            shutil.copy(each, folder)
    done = subprocess.run(_INSTALL, cwd=folder, capture_output=True, text=True, timeout=300)
    if any(code in done.stderr for code in _UNREACHABLE):
        pytest.skip("the npm registry cannot be reached")
    assert done.returncode == 0, done.stderr
