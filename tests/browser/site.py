"""The site under test, from the outside: its addresses, and what can be had done to it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from local.servers import postgres
from tests.browser.pages import SECRET_KEY, Address

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Site:
    """A running site. `records` and `transactions` are the paths of all that holds something hostile."""

    url: str
    pages: dict[str, Address]
    records: tuple[str, ...]
    transactions: tuple[str, ...]
    process: subprocess.Popen[str]
    log: Path

    @property
    def database(self) -> dict[str, Any]:
        """What its owner gives `psycopg.connect`."""
        at = postgres.address(self.log.parent)
        return {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "dbname": at["NAME"]}

    @property
    def growing(self) -> str:
        """The path of the second chain's page."""
        return self.records[0].rpartition("/records/")[0]

    def grow(self) -> int:
        """Let the second chain have one more record; gives its prompt id once it is indexed."""
        return int(self._order("grow"))

    def mail(self) -> str:
        """All mail, the newest last, once all that waits in the outbox is done."""
        return str(self._order("mail"))

    def serve(self, **settings: str) -> str:
        """The address of another web server over the same database, with other settings. Fails where it does
        not start, which this site outlives.
        """
        return str(self._order(settings))

    def _order(self, order: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = _answer(self.process, self.log)
        assert "done" in answer, f"{answer['failed']}: {_end(self.log)}"
        return answer["done"]


@contextmanager
def running(parent: Path | None = None, *, prepared: Path | None = None) -> Iterator[Site]:
    """A site over a state of its own below `parent`; it ends with its input, and nothing is left of it. Its
    databases are copies of the prepared one, else made anew.
    """
    state = Path(tempfile.mkdtemp(prefix="site-", dir=parent))
    try:
        with (state / "stage.log").open("w") as log, _start(state, log, prepared) as process:
            yield _told(process, state / "stage.log")
    finally:
        shutil.rmtree(state)


def _start(state: Path, log: IO[str], prepared: Path | None) -> "subprocess.Popen[str]":
    """In a session of its own: a Ctrl-C ends it by the end of its input, in order."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.browser.stage", *([] if prepared is None else [str(prepared)])],
        cwd=ROOT,
        env=inherited | {"STATE": str(state), "SECRET_KEY": SECRET_KEY, "CHALLENGES": "local"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )


def _told(process: "subprocess.Popen[str]", log: Path) -> Site:
    told = _answer(process, log)
    pages = {name: Address.read(each) for name, each in told["pages"].items()}
    hostile = {name: tuple(told[name]) for name in ("records", "transactions")}
    return Site(url=told["url"], pages=pages, process=process, log=log, **hostile)


def _answer(process: "subprocess.Popen[str]", log: Path) -> Any:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise AssertionError(f"the site ended: {_end(log)}")
    return json.loads(line)


def _end(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]
