"""Chromia's client for JavaScript, installed beside the scripts of this folder that use it."""

from pathlib import Path

import pytest

from local.servers import locks
from tests import javascript

_SOURCE = Path(__file__).parent / "npm"


@pytest.fixture(scope="session")
def npm_client(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the scripts and the installed packages: one installation for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "npm"
    folder.mkdir(exist_ok=True)
    with locks.exclusive(folder / "install.lock"):
        if not (folder / "installed").exists():
            javascript.install(_SOURCE, into=folder)
            (folder / "installed").touch()
    return folder
