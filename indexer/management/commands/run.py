"""``manage.py run``: everything at once on this machine, one line a service, until Ctrl-C."""

import logging
import re
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from kombu import Connection
from kombu.exceptions import OperationalError

from indexer.follow import networks
from indexer.follow.networks import Named
from indexer.management import installation, plan
from indexer.management.alerts import Alerts, FirstChain, Room
from indexer.management.anew import Anew
from indexer.management.exit_status import ExitStatus
from indexer.management.plan import BadPlan
from indexer.models import Chain
from local.servers import broker, ports, postgres, sharing
from local.servers.errors import PortTrouble, ServiceTrouble
from local.servers.locks import Lock
from local.supervision import supervisor
from local.supervision.command import StateCommand, silence
from local.supervision.service import Neighbour
from local.supervision.supervisor import Supervisor

PORT = 8000
_LOOK = 0.2  # seconds between looks at the services
_LOOK_OUT = 5.0  # seconds between looks at what came of asking nodes
_BROKER_SECONDS = 5


class Command(StateCommand):
    """Ends with 0 on Ctrl-C, SIGTERM or SIGHUP, 1 where a service cannot start, 2 for what cannot be
    meant.
    """

    help = "Index and show a chain: PostgreSQL, broker, devnet, worker, beat and web server in one terminal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        plan.add_arguments(parser)
        parser.add_argument("--port", default="", help=f"port of the web server ({PORT}); 0 takes a free one")

    def handle(self, *args: Any, **options: Any) -> str | None:
        try:
            self._wanted, self._port = plan.read(options), _port(options["port"])
        except BadPlan as error:
            raise CommandError(str(error), returncode=int(ExitStatus.USAGE)) from error
        self._terminals = [each for each in (sys.stdout, sys.stderr) if each.isatty()]
        try:
            super().handle(*args, **options)
        except CommandError as error:
            if error.returncode != ExitStatus.INTERRUPTED:
                raise
        self._say("Stopped. The next start goes on from here.")
        return None

    @contextmanager
    def around(self, **options: Any) -> Iterator[None]:
        """Be the only one in this state, with nothing left of the one before and the port for oneself."""
        with _alone(sharing.made(settings.STATE)) as self._note:
            supervisor.clear(_logs(), say=self._say)
            _check(self._port)
            yield

    def run(self, **options: Any) -> None:
        """Start every service, then watch over them."""
        # That a node does not answer is told here in a line, once.
        logging.getLogger("indexer.node").setLevel(logging.ERROR)
        if isinstance(sys.stdout, TextIOWrapper):  # a terminal may know fewer letters than our lines have
            sys.stdout.reconfigure(errors="replace")
        with ExitStack() as stack:
            neighbours = stack.enter_context(self._neighbours())
            with sharing.plainly(settings.STATIC_ROOT):
                call_command("collectstatic", interactive=False, verbosity=0)
            supervising = stack.enter_context(supervisor.supervisor(_logs(), say=self._say))
            stack.callback(self._say, "Stopping …")
            for each in neighbours:
                supervising.watch(each)
            unknown = self._follow(supervising, stack)
            port = self._port or ports.free()
            address = f"http://localhost:{port}/"
            supervising.start(installation.worker(address), installation.beat(), installation.web(port))
            with sharing.plainly(self._note):
                self._note.write_text(address)
            self._say(f"\n{address}\n")
            self._watch(supervising, unknown, stack.enter_context(Anew()))

    @contextmanager
    def _neighbours(self) -> Iterator[Sequence[Neighbour]]:
        """PostgreSQL, which runs already, and the broker: those of them that are our own."""
        found = []
        if settings.DATABASE_IS_EMBEDDED:
            found.append(_neighbour("postgres", postgres.cluster_of(settings.STATE)))
        self._say("postgres: running" if found else "postgres: the one that DATABASE_URL names")
        with broker.running(settings.STATE) if settings.BROKER_IS_EMBEDDED else nullcontext():
            if settings.BROKER_IS_EMBEDDED:
                found.append(_neighbour("broker", broker.broker_of(settings.STATE)))
                self._say("broker: running")
            else:
                self._say(f"broker: {_reached(settings.CELERY_BROKER_URL)}")
            self._say(f"mail: {settings.EMAIL_HOST or f'files in {settings.EMAIL_FILE_PATH}'}")
            yield found

    def _follow(self, supervising: Supervisor, stack: ExitStack) -> FirstChain | None:
        """Have what is wanted followed. Where that is a chain not known yet, it is given."""
        wanted = self._wanted
        if wanted.names_nothing:
            self._tell_of_others([_start_devnet(supervising)])
            return None
        networks.leave(Chain.THIS_MACHINE)
        chains = [networks.follow(each, wanted.nodes, network=wanted.network) for each in wanted.chains]
        through = _nodes(len(wanted.nodes)) if len(wanted.nodes) > 1 else wanted.nodes[0]
        for each in wanted.chains:
            self._say(f"following {each} through {through}")
        self._tell_of_others(chains)
        if wanted.chains:
            return None
        self._say(f"following the first chain of {through}")
        return stack.enter_context(FirstChain(wanted.nodes))

    def _tell_of_others(self, chains: Sequence[Chain]) -> None:
        """Name what an earlier start had followed, which goes on."""
        for chain, count in networks.followed(but=chains):
            self._say(
                f"following {chain} through {_nodes(count)}, as before "
                f"(`manage.py follow --stop --brid={chain.brid.hex().upper()}` ends that)"
            )

    def _watch(self, supervising: Supervisor, unknown: FirstChain | None, anew: Anew) -> None:
        alerts, room = Alerts(), Room(settings.STATE)
        next_look_out = time.monotonic() + _LOOK_OUT
        while True:
            for line in (*supervising.look(), *anew.lines()):
                self._tell(line)
            if time.monotonic() >= next_look_out:
                next_look_out = time.monotonic() + _LOOK_OUT
                for line in (*room.lines(), *alerts.lines()):
                    self._tell(line)
                if unknown is not None:
                    unknown = self._learn(unknown)
            if sys.stdout in self._terminals and not sys.stdout.isatty():
                # Whoever led the session may have been told alone, and wait for this to end.
                signal.raise_signal(signal.SIGHUP)
            time.sleep(_LOOK)

    def _learn(self, unknown: FirstChain) -> FirstChain | None:
        """Follow the nodes' first chain as soon as one has told; else say once why none has."""
        if unknown.brid is None and unknown.is_news:
            self._tell(
                f"No node names a chain yet ({unknown.failure}). It is tried again and again; until one "
                "does, the site has no chain to show but those that were followed before."
            )
        if unknown.brid is None:
            return unknown
        chain = Named(unknown.brid)
        try:
            before = networks.nodes_of(chain)
            networks.follow(chain, self._wanted.nodes, network=self._wanted.network)
        except DatabaseError:  # it is away just now
            connection.close()
            return unknown
        self._tell(f"The first chain is {chain}{_since(before, self._wanted.nodes)}")
        return None

    def _tell(self, line: str) -> None:
        """Say what happened, and when."""
        self._say(f"{datetime.now(UTC):%H:%M:%S} UTC  {line}")

    def _say(self, line: str) -> None:
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError:  # the terminal is gone, of which a signal tells
            for each in self._terminals:
                if not each.isatty():
                    silence(each)


def _logs() -> Path:
    return settings.STATE / "logs"


def _since(before: Sequence[str], nodes: Sequence[str]) -> str:
    """How a chain goes on that was followed through the nodes ``before``, if it was, and is now through
    these.
    """
    if not before:
        return ". It is followed from now on."
    if set(before) == set(nodes):
        return ", which is followed as before."
    return f". It was followed before, through other nodes; these are asked now: {', '.join(nodes)}."


def _nodes(count: int) -> str:
    return f"{count} node{'' if count == 1 else 's'}"


def _start_devnet(supervising: Supervisor) -> Chain:
    """The embedded chain, at the port of the last time where that is free."""
    note = settings.STATE / "devnet" / "port"
    port = ports.free(_noted(note))
    supervising.start(installation.devnet(port))
    with sharing.plainly(note):
        note.write_text(str(port))
    url = f"http://{ports.HOST}:{port}"
    chain = networks.follow(Named(_brid(url), "Devnet"), [url], network=Chain.THIS_MACHINE)
    networks.leave(Chain.THIS_MACHINE, but=chain)
    return chain


def _noted(note: Path) -> int:
    """The port of the last time; 0 where there was none."""
    try:
        return int(note.read_text())
    except (OSError, ValueError):
        return 0


def _brid(url: str) -> bytes:
    """Which chain the devnet has. Raises ServiceTrouble."""
    told = ports.answer(f"{url}/brid/iid_1") or ""
    if not re.fullmatch(r"[0-9A-F]{64}", told):
        raise ServiceTrouble(f"The devnet at {url} does not say which chain it has: start again.")
    return bytes.fromhex(told)


def _neighbour(name: str, server: sharing.Server) -> Neighbour:
    return Neighbour(name, runs=lambda: sharing.lives(server), start=lambda: sharing.revive(server))


def _reached(url: str) -> str:
    """The address of a broker of one's own, without its password. Raises ServiceTrouble where it is away."""
    with Connection(url, connect_timeout=_BROKER_SECONDS) as tried:
        shown = str(tried.as_uri())
        try:
            tried.ensure_connection(max_retries=1, timeout=_BROKER_SECONDS)
        except (OperationalError, OSError) as error:
            raise ServiceTrouble(
                f"The broker {shown} does not answer ({error}): see CELERY_BROKER_URL."
            ) from error
    return shown


def _port(text: str) -> int:
    """Raises ``BadPlan``."""
    if not text:
        return PORT
    if not text.isdecimal() or int(text) > 65535:
        raise BadPlan(f"PORT must be a number up to 65535, not {text[:80]!r}.")
    return int(text)


def _check(port: int) -> None:
    """Raises CommandError where the port cannot be had."""
    try:
        ports.check(port)
    except PortTrouble as error:
        raise CommandError(f"{error} Choose another one with PORT=number, or PORT=0 for any.") from error


@contextmanager
def _alone(state: Path) -> Iterator[Path]:
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
