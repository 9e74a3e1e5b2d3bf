"""What the tests fetch once and keep, in a folder of the user's."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from local.servers import locks


def folder() -> Path:
    """Where what was fetched stays from one run to the next."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chasm-tests"


def kept(home: Path, make: Callable[[Path], None]) -> Path:
    """The folder `home`, which `make` fills where it is not there yet.

    It is filled beside its place and renamed: half of one is never taken for whole.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    with locks.exclusive(home.parent / f"{home.name}.lock"):
        if not home.exists():
            with tempfile.TemporaryDirectory(dir=home.parent) as work:
                fresh = Path(work) / home.name
                fresh.mkdir()
                make(fresh)
                fresh.rename(home)
    return home
