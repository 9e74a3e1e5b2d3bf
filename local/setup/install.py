"""Make or renew the Python environment in .venv from uv.lock.

`sh local/setup/install.sh run` is for running; `dev` adds the tools of tests and checks. Runs on a bare
Python. Quiet when there is nothing to do; what it does is one line on stderr.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

UV = "0.13.9"
ROOT = Path(__file__).resolve().parents[2]
GROUPS = {"run": ["--no-dev"], "dev": ["--group", "dev"]}


class InstallError(Exception):
    """Why there is no environment, and what to do."""


@dataclass(frozen=True)
class Environment:
    """The environment of the project in `root`."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def uv(self) -> Path:
        return self.folder / "bin" / "uv"

    @property
    def lock(self) -> Path:
        return self.root / "uv.lock"

    @property
    def stamp(self) -> Path:
        """Says which lock the environment was made from, and for which group."""
        return self.folder / "installed-from"

    def has(self, group: str) -> bool:
        """Whether it is whole and made from this lock, for `group` or for more."""
        return self._stamped() in ([self.digest(), group], [self.digest(), "dev"]) and self.python.exists()

    def _stamped(self) -> list[str]:
        try:
            return self.stamp.read_text().split()
        except OSError:
            return []

    def digest(self) -> str:
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()

    def install(self, group: str) -> None:
        """Make it, or renew it without taking away the tests' tools."""
        if self._stamped()[1:] == ["dev"]:
            group = "dev"
        self.stamp.unlink(missing_ok=True)
        if not self._has_uv():
            self._make()
            self._step([self.python, "-m", "pip", "install", "--quiet", "--only-binary=:all:", f"uv=={UV}"])
        self._step([self.uv, "sync", "--locked", "--quiet", *GROUPS[group]])
        fresh = self.stamp.with_suffix(".new")
        fresh.write_text(f"{self.digest()} {group}\n")
        fresh.replace(self.stamp)

    def _has_uv(self) -> bool:
        if not self.python.exists() or not self.uv.exists():
            return False
        said = subprocess.run([self.uv, "--version"], capture_output=True, text=True, check=False)
        return said.stdout.split()[1:2] == [UV]

    def _make(self) -> None:
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", self.folder],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode == 0:
            return
        if "ensurepip" in made.stdout + made.stderr:
            raise InstallError(
                "Python's venv module is not installed. On Debian or Ubuntu: apt-get install python3-venv"
            )
        said = (made.stdout + made.stderr).strip()
        raise InstallError(f"{said}\nIs {self.root} yours to write in, and is there room?")

    def _step(self, command: Sequence[str | Path]) -> None:
        """Run a command whose words matter only when it fails."""
        environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        environment |= {
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_PROJECT_ENVIRONMENT": str(self.folder),
            "UV_PYTHON": str(self.python),
            "UV_PYTHON_DOWNLOADS": "never",
            # As pip does: an organisation's own certificates are in the system's store.
            "UV_SYSTEM_CERTS": "true",
        }
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip()
            raise InstallError(
                f"{said}\nIf packages could not be fetched: is PyPI reached from here? If they could not "
                f"be written: is there room in {self.root}? The same command goes on from here."
            )


def main(group: str) -> int:
    """Have the environment for `group`; of several at once one makes it and the others find it made."""
    environment = Environment(ROOT)
    if environment.has(group):
        return 0
    try:
        with environment.lock.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not environment.has(group):
                print("Making the Python environment in .venv (a few seconds, once) ...", file=sys.stderr)
                environment.install(group)
    except (InstallError, OSError) as error:
        print(f"The Python environment could not be made: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
