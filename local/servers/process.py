"""Starting a server so that it outlives the one who started it, and knowing it again later."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from local.servers.account import Account
from local.servers.errors import DidNotStart
from local.servers.locks import is_held

ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}
LARGEST_LOG = 10 * 2**20
STEP = 0.01


def start(command: Sequence[str], *, account: Account, log: IO[bytes], descriptors: Sequence[int]) -> None:
    """Start a server in a session of its own: neither Ctrl-C nor the terminal's end reaches it."""
    process = subprocess.Popen(
        command,
        **account.identity(),
        pass_fds=tuple(descriptors),
        env=ENVIRONMENT,
        cwd="/",
        umask=0o077,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    # Whether it lives is asked of its lock, here as in every other process: this object is not needed again,
    # and a returncode keeps Python from warning that the child goes on.
    process.returncode = 0


def wait_until_up(lock: Path, *, is_up: Callable[[], bool], name: str, seconds: float) -> bool:
    """Wait while the server that holds `lock` comes up; False when none holds it or it ends meanwhile."""
    deadline = time.monotonic() + seconds
    while is_held(lock):
        if is_up():
            return True
        if time.monotonic() > deadline:
            raise DidNotStart(
                f"{name} in {lock.parent} runs but took no connections for {seconds:.0f} s. "
                f"See {lock.parent}/server.log; end its processes and run this again."
            )
        time.sleep(STEP)
    return False


def wait_until_gone(lock: Path, *, seconds: float) -> bool:
    """Wait until no process holds `lock`; False when one still does after `seconds`."""
    deadline = time.monotonic() + seconds
    while is_held(lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP)
    return True


def reap(pid: int | None) -> None:
    """Forget an ended server that this very process started."""
    if pid is not None:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def command_line(pid: int) -> str:
    """What process `pid` was started with; empty where there is none.

    A number alone says nothing: it may be another process's by now.
    """
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return ""
        asked = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        line = subprocess.run(asked, capture_output=True, check=False).stdout
    return line.decode(errors="replace")


def birth(pid: int) -> str:
    """When process `pid` began, in the system's own words; empty where there is none.

    It stays the same while the process lives, whatever program that becomes.
    """
    try:
        # The second field, the program's name in brackets, may hold anything.
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return ""
        asked = ["ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(asked, capture_output=True, check=False).stdout.decode(errors="replace").strip()


def open_log(folder: Path) -> IO[bytes]:
    """The server's log, for appending, its folder's owner's; a large one is set aside first."""
    path = folder / "server.log"
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(folder / "server.log.1")
    log = path.open("ab")
    os.fchmod(log.fileno(), 0o600)
    os.fchown(log.fileno(), folder.stat().st_uid, folder.stat().st_gid)
    return log


def said_since(folder: Path, offset: int) -> str:
    """What stands in the log after `offset` bytes, its last 4,000 at most."""
    path = folder / "server.log"
    with path.open("rb") as log:
        log.seek(max(offset, path.stat().st_size - 4000))
        return log.read().decode(errors="replace")
