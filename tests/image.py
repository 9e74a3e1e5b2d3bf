"""The image without Docker: its files in a folder, as the Dockerfile's lines bring and treat them there.

The checkout is one that was made under umask 077. Packages are those of this Python, with the byte code that
make keeps for them: in the image pip has compiled them.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePath

from tests.plugin import BYTE_CODE

ROOT = Path(__file__).resolve().parents[1]
WORKDIR = "/app"
NOT_HERE = ("pip ", "useradd ", "chown ")  # what a step of RUN would do to this machine


@dataclass(frozen=True, slots=True)
class Instruction:
    """A line of the Dockerfile, with those that continue it."""

    word: str
    rest: str


def instructions(word: str) -> Iterator[Instruction]:
    """The Dockerfile's lines that begin with a word, in their order."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    for begins, rest in re.findall(r"^([A-Z]+) (.+)$", text, re.MULTILINE):
        if re.fullmatch(word, begins):
            yield Instruction(begins, rest)


def environment(app: Path) -> dict[str, str]:
    """What every process of the image has, and nothing else of ours but where programs are."""
    words = [word for each in instructions("ENV") for word in shlex.split(each.rest)]
    given = dict(word.split("=", 1) for word in words)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ours = {"PATH": programs, "PYTHONPYCACHEPREFIX": str(_byte_code(app))}
    return {name: value.replace(WORKDIR, str(app)) for name, value in given.items()} | ours


def _byte_code(app: Path) -> Path:
    return app.with_name("byte-code")


def build(app: Path) -> None:
    """Make the image's working folder."""
    app.mkdir(mode=0o755)
    for installed in (sys.prefix, sys.base_prefix):
        known = _byte_code(app) / Path(installed).relative_to("/")
        known.parent.mkdir(parents=True, exist_ok=True)
        known.symlink_to(BYTE_CODE / Path(installed).relative_to("/"))
    for each in instructions("COPY|RUN"):
        if each.word == "RUN":
            _run(each.rest, app=app)
            continue
        *sources, target = each.rest.split()
        for source in sources:
            _copy(source, app / target)


def is_ignored(path: PurePath) -> bool:
    """Whether .dockerignore keeps a file of the checkout from the image: its last line that fits decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if any(fnmatch(str(each), pattern) for each in (path, *path.parents)):
            ignored = pattern == line
    return ignored


def _run(steps: str, *, app: Path) -> None:
    for step in steps.split(" && "):
        if not step.startswith(NOT_HERE):
            subprocess.run(step, shell=True, cwd=app, env=environment(app), capture_output=True, check=True)


def _copy(source: str, target: Path) -> None:
    given = ROOT / source
    files = [given] if given.is_file() else [each for each in given.rglob("*") if each.is_file()]
    kept = [each for each in files if not is_ignored(each.relative_to(ROOT))]
    assert kept, f"COPY {source}: there is nothing, or .dockerignore leaves nothing of it"
    for each in kept:
        copy = target / (each.name if given.is_file() else each.relative_to(given))
        for folder in reversed(copy.parents):
            folder.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(each, copy)
        copy.chmod(0o600)
