"""A disk that fills up under a sync, in a mount of its own: told in plain words, mended by making room."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from devnet.recorded.recording import Recording
from tests.endtoend import chains
from tests.endtoend.commands import ROOT, Ended, Installation
from tests.endtoend.hostile import HostileNode

Serve = Callable[..., HostileNode]

MOUNT = 'mount -t tmpfs -o size=512m none "$1" && cp -a "$2/." "$1" && shift 2 && exec "$@"'

# Runs inside the mount: leaves so much room, syncs, makes room, syncs again; tells of each as JSON.
SCRIPT = """
import json, os, subprocess, sys
state, left, *command = sys.argv[1:]
def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return [done.returncode, done.stdout, done.stderr]
said = {}
with open(state + "/filler", "wb") as filler:
    free = os.statvfs(state).f_bavail * os.statvfs(state).f_frsize
    os.posix_fallocate(filler.fileno(), 0, max(free - int(left), 1))
said["full"] = run(*command)
said["again, still full"] = run(*command)
os.unlink(state + "/filler")
said["with room"] = run(*command)
said["fsck"] = run(sys.executable, "manage.py", "fsck")
print(json.dumps(said))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk"),
]


@pytest.fixture(scope="module")
def large_chain() -> Recording:
    """Some 12 MiB that no compression makes much smaller."""
    random = Random("texts that do not repeat")
    begun = chains.begun(chains.configuration())
    texts = (json.dumps(random.randbytes(150_000).hex()) for _ in range(40))
    return chains.grown(begun, *[[chains.transaction(begun, chains.add("[1]", text))] for text in texts])


def in_a_mount(folder: Path, *, prepared: Path, left: int, sync: list[str]) -> dict[str, Ended]:
    command = [sys.executable, "manage.py", "sync", *sync]
    script = [sys.executable, "-c", SCRIPT, str(folder), str(left), *command]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", MOUNT, "sh", str(folder), str(prepared), *script],
        cwd=ROOT,
        env=Installation(folder).environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mount of its own can be had here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return {name: Ended(*each).in_plain_words() for name, each in json.loads(done.stdout).items()}


@pytest.mark.parametrize(("left", "processes"), [(0, 1), (3_000_000, 2), (18_000_000, 1)])
def test_a_disk_that_fills_up_loses_nothing(
    tmp_path: Path,
    serve: Serve,
    large_chain: Recording,
    prepared: Path,
    left: int,
    processes: int,
) -> None:
    """The log of what is written fills it, or a table, or nothing can be begun."""
    sync = [f"--node={serve(large_chain).url}", "--window=4", f"--processes={processes}"]
    said = in_a_mount(tmp_path, prepared=prepared, left=left, sync=sync)
    for name in ("full", "again, still full"):
        full = said[name]
        assert full.status == 1, full.told
        assert full.line["exit"] == 1
        assert "room" in full.err.splitlines()[-1], full.told
        assert len(full.err.splitlines()[-1]) < 700, full.told
    whole = said["with room"]
    assert whole.status == 0, whole.told
    assert (whole.line["height"], whole.line["records"], whole.line["incidents"]) == (39, 40, 0)
    assert whole.line["digest"] == chains.digest_of_adds(large_chain)
    assert said["fsck"].status == 0, said["fsck"].told
