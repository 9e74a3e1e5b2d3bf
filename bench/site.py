"""The product as `make run` starts it, over a node and a folder, for what is measured of its pages."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from bench.workplace import ROOT, environment

_LOOK = 0.03  # seconds between looks
_START = 180.0

T = TypeVar("T")


class NotThere(Exception):
    """What was waited for did not come."""


@contextmanager
def running(node: str, state: Path, **settings: str) -> Iterator[str]:
    """The address of a site that follows the chain of a node, its settings in the environment."""
    command = [sys.executable, "manage.py", "run", f"--node={node}", "--port=0"]
    said = state.with_name(f"{state.name}.said")
    with said.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment() | {"STATE": os.fspath(state)} | settings,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield await_(lambda: _address(said, process), seconds=_START)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def await_(found: Callable[[], T], *, seconds: float) -> T:
    """What is found as soon as there is something. Raises ``NotThere``."""
    ends = time.monotonic() + seconds
    while not (what := found()):
        if time.monotonic() > ends:
            raise NotThere(f"nothing came in {seconds:g} s")
        time.sleep(_LOOK)
    return what


def _address(said: Path, process: subprocess.Popen[bytes]) -> str:
    if process.poll() is not None:
        raise NotThere(f"the site ended: {said.read_text()}")
    found = re.search(r"^(http://localhost:\d+)/$", said.read_text(), re.MULTILINE)
    return found[1] if found else ""
