"""The programs that make up one installation on one machine, as ``manage.py run`` starts them."""

import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from django.conf import settings

from local.servers import ports
from local.servers.sharing import plainly
from local.supervision.service import Service

ROOT = Path(__file__).resolve().parents[2]
_THREADS = 4  # pages at once, of each of two processes
_NAMES_OF_THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")


def devnet(port: int, *, scenario: str = "demo") -> Service:
    """A chain of one's own with scouts at work on it."""
    url = f"http://{ports.HOST}:{port}"
    return _service(
        "devnet",
        ["devnet", f"--scenario={scenario}", f"--port={port}", f"--state={settings.STATE}"],
        is_ready=_serves(f"{url}/brid/iid_1"),
        remark=f" at {url}, a chain of this machine with made-up records",
        what_to_do="Where its chain is damaged, remove STATE's folder devnet, in which it is kept.",
    )


def worker(address: str) -> Service:
    """Takes tasks, in processes of its own; each is replaced before it grows large. Links in its mail begin
    with ``address`` where no setting says with what.
    """
    options = [
        "--pool=prefork",
        "--without-gossip",
        "--without-mingle",
        f"--loglevel={_level()}",
    ]
    return _service(
        "worker",
        ["celery", "--app=config.celery", "worker", *options],
        is_ready=_says(" ready."),
        what_to_do="Look at the broker's and PostgreSQL's logs too, in STATE.",
        environment={"LOG_LEVEL": _level(), "SITE_URL": settings.SITE_URL or address, **_challenges()},
    )


def beat() -> Service:
    """Sends what is due; a process of its own, so that there is one of it however many workers there are."""
    folder = settings.STATE / "beat"
    with plainly(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    options = ["--pidfile=", f"--schedule={folder / 'schedule'}", f"--loglevel={_level()}"]
    return _service(
        "beat",
        ["celery", "--app=config.celery", "beat", *options],
        is_ready=_says("beat: Starting"),
        what_to_do="Its schedule is kept in STATE's folder beat, which may be removed.",
    )


def web(port: int) -> Service:
    """Serves pages and the API to this machine alone."""
    options = [
        "--interface=wsgi",
        f"--host={ports.HOST}",
        f"--port={port}",
        "--workers=2",
        f"--blocking-threads={_THREADS}",
        # What begins as HTTP/2 and goes no further would hold a connection for good.
        "--http=1",
        # A worker that dies, or has grown to so many MiB, is replaced while the other one serves.
        "--respawn-failed-workers",
        "--respawn-interval=0.5",
        "--workers-max-rss=512",
        "--rss-sample-interval=5",
        # Half requests count as much as whole ones: they are dropped after so many ms.
        "--http1-header-read-timeout=5000",
        "--no-ws",
        # One that is told to stop while it starts does not hear it.
        "--workers-kill-timeout=2",
    ]
    names = dict.fromkeys([*settings.ALLOWED_HOSTS, *_NAMES_OF_THIS_MACHINE])
    return _service(
        "web",
        ["granian", *options, "config.wsgi:application"],
        is_ready=_serves(f"http://{ports.HOST}:{port}/readyz"),
        what_to_do="If its port is taken, choose another with PORT=number.",
        environment={"ALLOWED_HOSTS": ",".join(names), **_challenges()},
    )


def _challenges() -> Mapping[str, str]:
    """Here people can file without a mail server, unless the operator asked for what a server needs."""
    return {} if settings.CHALLENGES or settings.CHALLENGES_LACK else {"CHALLENGES": "local"}


def _service(
    name: str,
    words: Sequence[str],
    *,
    is_ready: Callable[[Sequence[str]], bool],
    what_to_do: str,
    remark: str = "",
    environment: Mapping[str, str] | None = None,
) -> Service:
    """A module of this Python, over the same state."""
    return Service(
        name=name,
        command=[sys.executable, "-m", *words],
        folder=ROOT,
        what_to_do=what_to_do,
        is_ready=is_ready,
        remark=remark,
        environment={"STATE": str(settings.STATE), "PYTHONUNBUFFERED": "1", **(environment or {})},
    )


def _level() -> str:
    """How much goes to the logs. At this level Celery says that it is ready."""
    return "DEBUG" if logging.getLogger().isEnabledFor(logging.DEBUG) else "INFO"


def _says(words: str) -> Callable[[Sequence[str]], bool]:
    return lambda lines: any(words in line for line in lines)


def _serves(url: str) -> Callable[[Sequence[str]], bool]:
    return lambda _: ports.answer(url) is not None
