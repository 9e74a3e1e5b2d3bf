"""`python -m devnet` as a user runs it: a process of its own."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar

from tests.devnet.served import ROOT, Got

Found = TypeVar("Found")
LONGEST = 60.0  # seconds that anything may take here; what takes longer hangs
_SAID = re.compile(
    r"chain ([0-9A-F]{64}), next height (\d+), validators (\d), merkle (\d), at http://([^ ]+):(\d+)\n"
)


@dataclass(frozen=True, slots=True)
class Devnet:
    """A devnet that runs, and what it said when it began."""

    process: subprocess.Popen[str]
    brid: str
    next_height: int
    validators: int
    merkle: int
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(self, target: str, *, body: bytes | None = None, kind: str = "application/json") -> Got:
        """Asks over a connection of its own; with a body by POST."""
        with closing(HTTPConnection(self.host, self.port, timeout=LONGEST)) as connection:
            headers = {"content-type": kind} if body is not None else {}
            connection.request("GET" if body is None else "POST", target, body=body, headers=headers)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Got(response.status, response.reason, names, response.read())

    def json(self, target: str, *, body: bytes | None = None) -> Any:
        """A good answer in JSON."""
        got = self.ask(target, body=body)
        assert got.status == 200, got
        return json.loads(got.body)

    def control(self, action: str, **given: Any) -> Any:
        """Uses the test control."""
        return self.json(f"/control/{action}", body=json.dumps(given).encode())

    def height(self) -> int:
        """The next block's."""
        return int(self.json("/blockchain/iid_1/height")["blockHeight"])

    def end(self, number: signal.Signals) -> int:
        """Sends a signal; gives the status with which it ends."""
        self.process.send_signal(number)
        return self.process.wait(timeout=LONGEST)


@contextmanager
def devnet(state: Path, *options: str) -> Iterator[Devnet]:
    """A devnet over a state folder, on a free port; it is gone afterwards."""
    command = [sys.executable, "-m", "devnet", "--port", "0", "--state", str(state), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        said = _SAID.fullmatch(line)
        assert said is not None, line
        brid, height, validators, merkle, host, port = said.groups()
        try:
            yield Devnet(process, brid, int(height), int(validators), int(merkle), host, int(port))
        finally:
            process.kill()


def refused(state: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A command that should not begin to serve."""
    command = [sys.executable, "-m", "devnet", "--port", "0", "--state", str(state), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False)


def awaited(ask: Callable[[], Found | None]) -> Found:
    """What `ask` gives, as soon as it gives something true."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        found = ask()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come about")
