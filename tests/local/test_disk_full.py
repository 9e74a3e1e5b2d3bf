"""A disk without room, in a mount of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.using import ROOT

MOUNT = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"'
MAKE = """
import sys
from pathlib import Path
from local.servers import postgres
from local.servers.errors import LocalError
state = Path(sys.argv[1])
try:
    if "then-fill" in sys.argv:
        with postgres.running(state, durable=False):
            pass
        with open(state / "filler", "wb", buffering=0) as filler:
            while filler.write(b"x" * 4096) == 4096:
                pass
except OSError as error:
    print(error)
try:
    with postgres.running(state, durable=False):
        print("up")
except LocalError as error:
    print(type(error).__name__, error)
print(sorted(path.name for path in (state / "postgres").iterdir()))
"""


def run_on_a_disk_of(size: str, folder: Path, *options: str) -> str:
    mounted = ["unshare", "--mount", "sh", "-c", MOUNT, "sh", size, str(folder)]
    command = [*mounted, sys.executable, "-c", MAKE, str(folder), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mount of its own can be had here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return done.stdout


pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


def test_a_disk_too_small_for_a_data_directory_is_told(tmp_path: Path) -> None:
    said = run_on_a_disk_of("20m", tmp_path)
    assert said.startswith("DiskFull")
    assert "Make room" in said
    assert "'data'" not in said


def test_a_disk_that_filled_up_is_told(tmp_path: Path) -> None:
    said = run_on_a_disk_of("80m", tmp_path, "then-fill")
    assert "No space left on device" in said
    assert "DiskFull" in said
    assert "'data'" in said
