"""A site to look at, as a process of its own: a database with two chains, and web servers over it; beside it
two sites that have no block yet.

`python -m tests.browser.stage [PREPARED]`, with STATE set, prints one line of JSON once it serves: the site's
address and its pages. PREPARED is a state whose database has its tables, and is copied. The stage obeys the
orders that come on stdin, a line of JSON each, and ends when stdin does. Orders: `"grow"` (the second chain
gets one more record, whose prompt id is the answer), `"mail"` (what waits in the outbox is done, as by a
worker; the answer is all mail, the newest last), an object of settings (another web server over the same
state, whose address is the answer). Each is answered with a line, `{"done": answer}`, or `{"failed": why}`
where a web server does not start; the site goes on then.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import httpx

ROOT = Path(__file__).resolve().parents[2]
# A worker that is told to stop while it starts does not hear it.
GRANIAN = ("--interface=wsgi", "--no-ws", "--workers=1", "--blocking-threads=2", "--workers-kill-timeout=2")
NOBODY = "http://127.0.0.1:9"
LONGEST_START = 60.0  # seconds until a web server answers


def main() -> None:
    """Make the site, tell where it is, and obey orders."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from local.servers import postgres
    from local.supervision.command import migrate
    from tests.browser import stock

    with ExitStack() as stack:
        state = prepare(Path(os.environ["STATE"]))
        stack.enter_context(postgres.running(state, durable=False))
        migrate()
        call_command("collectstatic", interactive=False, verbosity=0)
        url = stack.enter_context(answering())
        bare, waiting = stack.enter_context(early("bare")), stack.enter_context(early("waiting"))
        manage(waiting.state, "follow", f"--node={NOBODY}", f"--brid={'AB' * 32}")
        held = stack.enter_context(stock.stocked())
        told = {"pages": stock.addresses(bare=bare.url, waiting=waiting.url), **stock.hostile()}
        _say({"url": url, **told})
        for line in sys.stdin:
            order = json.loads(line)
            if order == "grow":
                _say({"done": held.grow()})
            else:
                _say({"done": mailed()} if order == "mail" else served(stack, order))


def prepare(state: Path) -> Path:
    """The state, with a copy of the prepared database where there is one."""
    for prepared in sys.argv[1:]:
        subprocess.run(["cp", "-a", f"{prepared}/postgres", state], check=True)
    return state


def mailed() -> str:
    """Do what waits in the outbox; gives all mail there is, the newest last. Everybody comes from one address
    here, so what was done in an hour is forgotten.
    """
    from explorer.desk import outbox
    from explorer.desk.models import Quota

    outbox.run_due()
    Quota.objects.all().delete()
    files = (Path(os.environ["STATE"]) / "mail").iterdir()
    return "\n".join(each.read_text() for each in sorted(files, key=lambda file: file.stat().st_mtime_ns))


def served(stack: ExitStack, settings: dict[str, str]) -> dict[str, str]:
    """What is told of another web server: its address, or why it did not start. It ends with the stack."""
    try:
        return {"done": stack.enter_context(answering(**settings))}
    except NoWebServer as error:
        return {"failed": str(error)}


@dataclass(frozen=True, slots=True)
class Early:
    """A site of which no block is indexed yet."""

    state: Path
    url: str


@contextmanager
def early(name: str) -> Iterator[Early]:
    """One more site, over a state of its own within this one's."""
    from local.servers import postgres

    state = Path(os.environ["STATE"]) / name
    state.mkdir()
    with postgres.running(prepare(state), durable=False), web(STATE=str(state)) as server:
        manage(state, "status")
        yield Early(state, await_answer(server))


def manage(state: Path, *words: str) -> None:
    """Run a command of `manage.py` on another state."""
    command = [sys.executable, "manage.py", *words]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"STATE": str(state)}, stdout=sys.stderr, check=True)


class NoWebServer(Exception):
    """A web server that does not start."""


@dataclass(frozen=True, slots=True)
class WebServer:
    """A web server's process, and the address where it answers once it has started."""

    process: subprocess.Popen[bytes]
    url: str


@contextmanager
def answering(**settings: str) -> Iterator[str]:
    """The address of a web server that answers. Raises NoWebServer where it does not start."""
    with web(**settings) as server:
        yield await_answer(server)


@contextmanager
def web(**settings: str) -> Iterator[WebServer]:
    """A web server as in production, on a free port of this machine; it may not answer yet."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "granian"), f"--port={port}"]
    serving = subprocess.Popen(
        [*command, *GRANIAN, "config.wsgi:application"],
        cwd=ROOT,
        env=os.environ | {"KEPT_ANSWERS": "0"} | settings,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )
    try:
        yield WebServer(serving, f"http://127.0.0.1:{port}")
    finally:
        serving.terminate()
        serving.wait()


def await_answer(server: WebServer) -> str:
    """Its address, once it answers there. Raises NoWebServer where it ends before, or takes too long."""
    deadline = time.monotonic() + LONGEST_START
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise NoWebServer(f"the web server ended with {server.process.returncode} before it answered")
        try:
            httpx.get(f"{server.url}/healthz", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.02)
        else:
            return server.url
    raise NoWebServer(f"no web server answers at {server.url}")


def _say(told: Any) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
