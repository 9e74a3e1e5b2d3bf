"""Where a server's unix socket is: in its folder, or below /tmp where that path is too long for a socket."""

import hashlib
import os
import re
import stat
from pathlib import Path

from local.servers.account import Account
from local.servers.errors import NotPermitted

# The shortest limit of the systems that this runs on, macOS, is 104 bytes with the closing zero.
LONGEST = 103
# A client takes commas for a list of hosts, and a URL has characters of its own.
PLAIN = re.compile(r"[A-Za-z0-9 ._/+@=~-]*")


def folder_for(folder: Path, *, socket_name: str) -> Path:
    """The folder of the socket of the server in `folder`. The same for each user of it."""
    inside = folder / "run"
    path = str(inside / socket_name)
    if len(os.fsencode(path)) <= LONGEST and PLAIN.fullmatch(path):
        return inside
    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(f"/tmp/pg-{owner}-{digest}/run")


def make(run: Path, *, folder: Path, account: Account) -> None:
    """Make the socket's folder, `account`'s own and closed to others.

    Below /tmp anyone may have made the parent first: it must be the owner's of `folder`.
    """
    if run.parent != folder:
        run.parent.mkdir(mode=0o711 if account.is_another else 0o700, exist_ok=True)
        found = run.parent.lstat()
        owner = folder.stat().st_uid
        if (
            not stat.S_ISDIR(found.st_mode)
            or found.st_uid not in (owner, os.geteuid())
            or found.st_mode & 0o022
        ):
            raise NotPermitted(
                f"{run.parent}, which this needs for its socket, belongs to somebody else: "
                "remove it, or choose a state folder with a shorter, plain path (STATE=)."
            )
    run.mkdir(mode=0o700, exist_ok=True)
    account.give(run)


def remove(run: Path, *, folder: Path) -> None:
    """Leave nothing below /tmp behind."""
    if run.parent == folder or not run.exists():
        return
    for left in run.iterdir():
        left.unlink()
    run.rmdir()
    run.parent.rmdir()
