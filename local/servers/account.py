"""Which user a server runs as, and how that user reaches folders that are closed to him."""

import os
import pwd
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict

from local.servers.errors import NoServerUser

NOBODY = 65534


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` that switch the user."""

    user: int
    group: int
    extra_groups: Sequence[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The user whom a server runs as."""

    uid: int
    gid: int

    @classmethod
    def own(cls) -> Self:
        """The present user."""
        return cls(os.geteuid(), os.getegid())

    @property
    def is_another(self) -> bool:
        """Whether starting a program as this user means a switch away from the present one."""
        return self.uid != os.geteuid()

    def identity(self) -> Identity:
        if not self.is_another:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def check(self) -> None:
        """Raise NoServerUser where programs cannot be run as this user."""
        try:
            subprocess.run(["/bin/sh", "-c", ":"], **self.identity(), cwd="/", check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise NoServerUser(
                f"PostgreSQL will not run as root, and root may not become user {self.uid} here ({error}). "
                "Run this as an ordinary user."
            ) from error

    def give(self, path: Path) -> None:
        """Make `path` this user's."""
        if self.is_another:
            os.chown(path, self.uid, self.gid)


def account_for(data: Path) -> Account:
    """Who runs a server over `data`: the present user; for root the folder's owner, else nobody.

    PostgreSQL refuses to run as root.
    """
    if os.geteuid() != 0:
        return Account.own()
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(NOBODY, NOBODY)
    return Account(nobody.pw_uid, nobody.pw_gid)


@dataclass(frozen=True, slots=True)
class Way:
    """Names under which a server reaches folders, and the descriptors that it must inherit for that."""

    names: tuple[str, ...]
    descriptors: tuple[int, ...]


@contextmanager
def way_to(folders: Sequence[Path], *, account: Account) -> Iterator[Way]:
    """How a program of `account` reaches folders of his own that lie below ones closed to him (/root, 0700).

    On Linux root opens the folders and hands them down as descriptors, so no parent's mode is changed
    and no other process of that user gets in. Elsewhere the plain paths are given.
    """
    plain = Way(tuple(str(folder) for folder in folders), ())
    if not account.is_another or not Path("/proc/self/fd").is_dir():
        yield plain
        return
    descriptors = tuple(os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in folders)
    try:
        handed = Way(tuple(f"/proc/self/fd/{fd}" for fd in descriptors), descriptors)
        yield handed if _works(handed, account=account) else plain
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _works(way: Way, *, account: Account) -> bool:
    script = 'for folder; do cd "$folder" && test -w "$folder" || exit 1; done'
    tried = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *way.names],
        **account.identity(),
        pass_fds=way.descriptors,
        cwd="/",
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0
