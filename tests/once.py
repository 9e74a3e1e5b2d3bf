"""What is made once a run, by whichever worker needs it first; the others wait for it."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from local.servers.locks import exclusive
from tests.plugin import FOLDER

T = TypeVar("T")


def run_folder() -> Path:
    """The run's own folder, which is gone after it."""
    return Path(os.environ[FOLDER])


def once(name: str, make: Callable[[], object]) -> None:
    """Have it made. Where making fails, the next one tries again, and fails for itself."""
    made = run_folder() / f"{name}.made"
    with exclusive(run_folder() / f"{name}.lock"):
        if not made.exists():
            make()
            made.touch()


def found_once(name: str, find: Callable[[], T]) -> T:
    """What it gives whoever asks first. Only for what is the same whoever asks: each has a copy."""
    kept = run_folder() / f"{name}.found"
    once(name, lambda: kept.write_bytes(pickle.dumps(find())))
    found: T = pickle.loads(kept.read_bytes())
    return found
