"""``manage.py run``: everything at once on this machine, one line a part, until Ctrl-C."""

import re
import socket
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from indexer import networks
from indexer.networks import NETWORKS, Named
from indexer.node.address import parse
from indexer.node.errors import BadNodeUrl, NodeError
from indexer.node.pool import NodePool
from indexer.node.transport import Patience
from indexer.report import Exit
from local import broker
from local.command import StateCommand
from local.locks import Lock
from local.supervisor import LOOK, Part, Supervisor

ROOT = Path(__file__).resolve().parents[3]
PORT = 8000
HOST = "127.0.0.1"
_WORKERS = 2
_ASK_EVERY = 5.0  # seconds between tries to reach a node whose chain is not known yet
_ONCE = Patience(attempts=1)


class Command(StateCommand):
    """Ends with 0 on Ctrl-C or SIGTERM, 1 where a part cannot start, 2 for options that cannot be meant."""

    help = "Index and show a chain: PostgreSQL, broker, devnet, worker, beat and web server in one terminal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--node", default="", help="URL of a node to follow; several with commas")
        parser.add_argument("--brid", default="", help="RIDs of chains to follow, with commas")
        parser.add_argument("--network", default="", help=f"follow {' or '.join(NETWORKS)} instead")
        parser.add_argument("--port", default="", help=f"port of the web server ({PORT}); 0 takes a free one")

    def handle(self, *args: Any, **options: Any) -> str | None:
        self._plan = _plan(options)
        settings.STATE.mkdir(parents=True, exist_ok=True)
        with _only_one(settings.STATE) as note:
            self._note = note
            try:
                return super().handle(*args, **options)
            except CommandError as error:
                if error.returncode != Exit.INTERRUPTED:
                    raise
        self._say("Stopped. The next start goes on from here.")
        return None

    def run(self, **options: Any) -> None:
        """Start every part, then watch over them."""
        self._say("postgres: running")
        embedded = settings.BROKER_IS_EMBEDDED
        with broker.running(settings.STATE) if embedded else nullcontext():
            self._say("broker: running")
            call_command("collectstatic", interactive=False, verbosity=0)
            supervisor = Supervisor(settings.STATE / "logs", say=self._say)
            with supervisor():
                unknown = self._start(supervisor)
                connections.close_all()
                self._watch(supervisor, unknown)

    def _start(self, supervisor: Supervisor) -> "_Unknown | None":
        plan = self._plan
        if plan.is_devnet:
            self._start_devnet(supervisor)
        for chain in plan.chains:
            networks.register(chain, plan.nodes, network=plan.network)
        unknown = _Unknown(plan.nodes) if plan.nodes and not plan.chains else None
        self._tell_of_nodes(unknown)
        supervisor.start(_worker(), _beat(), _web(plan.port))
        address = f"http://localhost:{plan.port}/"
        self._note.write_text(address)
        self._say(f"\n{address}\n")
        return unknown

    def _start_devnet(self, supervisor: Supervisor) -> None:
        """The embedded chain, at the port of the last time where that is free."""
        kept = settings.STATE / "devnet" / "port"
        port = _free_port(int(kept.read_text())) if kept.exists() else _free_port()
        url = f"http://{HOST}:{port}"
        supervisor.start(_devnet(url, port))
        kept.write_text(str(port))
        brid = bytes.fromhex(_get(f"{url}/brid/iid_1") or "")
        chain = networks.register(Named(brid, "Devnet"), [url], network="this machine")
        networks.forget_nodes(chain, but=url)

    def _tell_of_nodes(self, unknown: "_Unknown | None") -> None:
        if self._plan.nodes and not any(_answers(url) for url in self._plan.nodes):
            named = ", ".join(parse(url).shown for url in self._plan.nodes)
            self._say(
                f"No node answers just now ({named}). It is tried again and again; the site shows what is "
                "indexed so far and says so."
            )
        elif unknown is not None:
            unknown.look()

    def _watch(self, supervisor: Supervisor, unknown: "_Unknown | None") -> None:
        while True:
            supervisor.look()
            if unknown is not None and unknown.look():
                self._say("The node answers; its first chain is followed.")
                unknown = None
            time.sleep(LOOK)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for. No nodes: a devnet of its own. No chains: the nodes' first one."""

    nodes: Sequence[str]
    chains: Sequence[Named]
    network: str
    port: int

    @property
    def is_devnet(self) -> bool:
        """Whether a chain of this machine's own is followed."""
        return not self.nodes


class _Unknown:
    """Nodes whose first chain is not known yet, because none has answered."""

    def __init__(self, nodes: Sequence[str]) -> None:
        self._nodes = nodes
        self._next = 0.0

    def look(self) -> bool:
        """Whether a node has told by now. Asks every few seconds, whatever it is called."""
        if time.monotonic() < self._next:
            return False
        pool = NodePool(self._nodes, patience=_ONCE)
        try:
            brid = pool.ask(lambda node: node.brid())
        except NodeError:
            return False
        finally:
            pool.close()
            self._next = time.monotonic() + _ASK_EVERY
        networks.register(Named(brid, ""), [parse(url).shown for url in self._nodes])
        connections.close_all()
        return True


def _plan(options: Mapping[str, Any]) -> Plan:
    """Read the options. Raises CommandError (2) for what cannot be meant."""
    nodes = _words(options["node"])
    if options["network"]:
        if nodes or options["brid"]:
            raise _usage("NETWORK names chains and nodes itself: give it alone, or NODE and BRID without it.")
        if options["network"] not in NETWORKS:
            raise _usage(f"NETWORK is {' or '.join(NETWORKS)}, not {options['network'][:80]!r}.")
        network = NETWORKS[options["network"]]
        return Plan(network.nodes, network.chains, network.name, _port(options["port"]))
    try:
        shown = [parse(url).shown for url in nodes]
    except BadNodeUrl as error:
        raise _usage(f"NODE: {error}") from error
    brids = _words(options["brid"])
    if brids and not nodes:
        raise _usage("BRID names a chain of a node: name that too, with NODE=http://host:port.")
    return Plan(shown, [Named(_brid(each), "") for each in brids], "", _port(options["port"]))


def _words(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _brid(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise _usage(f"BRID must be 64 hexadecimal digits, not {text[:80]!r}.")
    return bytes.fromhex(text)


def _port(text: str) -> int:
    """The web server's port, which nobody else may listen on."""
    if not text.isdecimal() and text:
        raise _usage(f"PORT must be a number, not {text[:80]!r}.")
    port = int(text or PORT)
    if port > 65535:
        raise _usage(f"PORT must be at most 65535, not {text[:80]}.")
    if port and not _is_free(port):
        raise CommandError(
            f"Port {port} is taken by another program: choose another with PORT=number, or PORT=0 for any."
        )
    return port or _free_port()


def _usage(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=int(Exit.USAGE))


@contextmanager
def _only_one(state: Path) -> Iterator[Path]:
    """Be the only one who runs this state; gives the file that says where. Raises CommandError."""
    note = state / "run.address"
    with Lock(state / "run.lock") as lock:
        if not lock.take(wait=False):
            where = note.read_text() if note.exists() else "an address that its own terminal shows"
            raise CommandError(
                f"This is running already, at {where}. Stop it there with Ctrl-C, or choose another folder "
                "with STATE=folder and another PORT."
            )
        note.unlink(missing_ok=True)
        try:
            yield note
        finally:
            note.unlink(missing_ok=True)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port(wanted: int = 0) -> int:
    """A port that nobody listens on, the wanted one if possible."""
    if wanted and _is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    """Whether anything that speaks HTTP answers there soon."""
    try:
        with urllib.request.urlopen(f"{url}/version", timeout=3):
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False


def _get(url: str) -> str | None:
    """What is served there with 200, None otherwise."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return str(response.read().decode())
    except (OSError, ValueError):
        return None


def _says(words: str) -> Callable[[Sequence[str]], bool]:
    return lambda lines: any(words in line for line in lines)


def _serves(url: str) -> Callable[[Sequence[str]], bool]:
    return lambda _: _get(url) is not None


def _program(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


def _devnet(url: str, port: int) -> Part:
    return Part(
        name="devnet",
        command=_program("devnet", "--scenario=demo", f"--port={port}", f"--state={settings.STATE}"),
        what_to_do="Its chain is kept in STATE's devnet folder: mend or remove that, and start again.",
        remark=f" at {url}, a chain with made-up records",
        is_ready=_serves(f"{url}/brid/iid_1"),
    )


def _worker() -> Part:
    return Part(
        name="worker",
        command=_program(
            "celery",
            "--app=config.celery",
            "worker",
            f"--concurrency={_WORKERS}",
            "--loglevel=INFO",
            "--without-gossip",
            "--without-mingle",
            "--max-tasks-per-child=500",
        ),
        what_to_do="If it cannot reach the broker or the database, look at their logs under STATE.",
        is_ready=_says(" ready."),
        environment={"LOG_LEVEL": "INFO"},
    )


def _beat() -> Part:
    return Part(
        name="beat",
        command=_program(
            "celery",
            "--app=config.celery",
            "beat",
            "--loglevel=INFO",
            "--pidfile=",
            f"--schedule={settings.STATE / 'beat'}",
        ),
        what_to_do="Its schedule is kept in STATE/beat, which may be removed.",
        is_ready=_says("beat: Starting"),
    )


def _web(port: int) -> Part:
    return Part(
        name="web",
        command=_program(
            "granian",
            "--interface=wsgi",
            f"--host={HOST}",
            f"--port={port}",
            "--workers=2",
            "--blocking-threads=2",
            "--backpressure=64",
            "--no-ws",
            "config.wsgi:application",
        ),
        what_to_do="If its port is taken, choose another with PORT=number.",
        is_ready=_serves(f"http://{HOST}:{port}/readyz"),
    )
