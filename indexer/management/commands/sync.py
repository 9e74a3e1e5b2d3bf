"""``manage.py sync``: index a chain up to its node's head, and say how far it is proved."""

import logging
import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.utils import timezone

from indexer.follow import node_health
from indexer.follow import sync as job
from indexer.follow.sync import Options, Progress
from indexer.follow.waiting import SECONDS, Waiting
from indexer.management.exit_status import ExitStatus
from indexer.management.progress import ProgressReporter, Result
from indexer.models import Chain
from indexer.node.errors import BadNodeUrl, NodeError
from indexer.node.pool import NodePool
from indexer.node.transport import fail_fast
from indexer.node.voices import voices
from indexer.postchain.times import is_quiet
from indexer.postchain.verify import Refusal
from indexer.records import fold, generations
from indexer.records.totals import Totals, totals_of
from indexer.store import rules
from indexer.trust import failover
from indexer.trust.proof_status import unproved
from local.servers.errors import LocalError
from local.supervision.command import in_plain_words, prepared_database
from local.supervision.interruption import interruptible

logger = logging.getLogger(__name__)

RECORDING = Path(__file__).resolve().parents[3] / "tests" / "recordings" / "four-validators"

_LOCAL_TROUBLE = (
    LocalError,
    DatabaseError,
    psycopg.Error,
    CommandError,
    BrokenExecutor,
    OSError,
    MemoryError,
)
_MOST_PATIENCE = 24 * 60 * 60
_GOES_ON = "Nothing is lost: the same command goes on from here."


class Usage(ValueError):
    """An option that cannot be meant."""


class Command(BaseCommand):
    """Exit status: 0 all proved, 3 complete but something is not proved, 4 a contradiction was refused, 5 no
    node answered; 1 trouble on this machine, 2 an option that cannot be meant, 130 interrupted.
    """

    help = "Index a chain up to its node's head. Prints one line of JSON; progress goes to stderr."
    requires_system_checks = []  # noqa: RUF012 -- as Django declares it

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--node", default="", help="URL of a node; several with commas")
        parser.add_argument(
            "--brid", default="", help="RID of the chain; by default the node's first (iid_1)"
        )
        parser.add_argument("--window", type=int, default=100, help="blocks in a window, 1 to 100")
        parser.add_argument(
            "--patience",
            type=float,
            help=f"seconds to wait for nodes while none answers; by default {SECONDS:g} where one did before",
        )
        parser.add_argument("--processes", type=int, default=0, help="processes that fill windows; 0 chooses")

    def run_from_argv(self, argv: Sequence[str]) -> None:
        """As Django's, but what the parser refuses ends in a line of JSON too."""
        parser = self.create_parser(argv[0], argv[1])
        try:
            parser.parse_args(argv[2:])
        except CommandError as refusal:
            parser.print_usage(sys.stderr)
            ProgressReporter(sys.stderr).say(str(refusal))
            self._end(Result(None, None, 0.0, ExitStatus.USAGE))
        super().run_from_argv(list(argv))

    def handle(self, *args: Any, **options: Any) -> None:
        run = _Run(ProgressReporter(sys.stderr), options)
        status = run.finish()
        self._end(Result(run.chain, run.totals, run.seconds, status))

    def _end(self, result: Result) -> NoReturn:
        self.stdout.write(result.line())
        sys.exit(int(result.exit))


class _Run:
    """One run, from options to an exit status with its sentence."""

    def __init__(self, teller: ProgressReporter, options: dict[str, Any]) -> None:
        self._teller = teller
        self._options = options
        self._started = time.monotonic()
        self.chain: str | None = None
        self.totals: Totals | None = None

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._started

    def finish(self) -> ExitStatus:
        """Do it; every way to end has its status and one plain sentence."""
        with interruptible() as interruption:
            try:
                status = self._prepared()
                interruption.over = True
                return status
            except (Usage, BadNodeUrl) as error:
                interruption.over = True
                return self._end(ExitStatus.USAGE, str(error))
            except (KeyboardInterrupt, *_LOCAL_TROUBLE) as error:
                interruption.over = True
                if interruption.came:
                    return self._end(ExitStatus.INTERRUPTED, f"Interrupted. {_GOES_ON}")
                return self._end(ExitStatus.LOCAL_TROUBLE, f"This machine could not do it: {_trouble(error)}")

    @property
    def _patience(self) -> float:
        given: float | None = self._options["patience"]
        return SECONDS if given is None else given

    def _prepared(self) -> ExitStatus:
        brid = _brid(self._options["brid"])
        self.chain = None if brid is None else brid.hex().upper()
        window = self._options["window"]
        if not 1 <= window <= 100:
            raise Usage("--window must be 1 to 100: a node lists at most 100 blocks")
        if self._options["processes"] < 0:
            raise Usage("--processes must be 0, which chooses, or more")
        if not 0 <= self._patience <= _MOST_PATIENCE:
            raise Usage(f"--patience must be 0 to {_MOST_PATIENCE} seconds")
        with _nodes(self._options["node"], self._teller) as urls, prepared_database():
            return self._sync(
                NodePool(urls), brid, Options(blocks=window, processes=self._options["processes"])
            )

    def _sync(self, pool: NodePool, brid: bytes | None, options: Options) -> ExitStatus:
        chain: Chain | None = None
        waiting = Waiting(
            pool,
            seconds=self._patience,
            is_asked_for=self._options["patience"] is not None,
            say=self._teller.say,
        )
        if node_health.gave_before(brid, [node.name for node in pool.nodes]):
            waiting.chain_is_known()
        try:
            chain = waiting.until_answered(lambda: job.chain_of(pool, brid))
            self.chain = bytes(chain.brid).hex().upper()
            self._make_anew(chain)
            waiting.chain_is_known()
            self._sync_chain(chain, pool, options, waiting)
            return self._complete(chain, pool)
        except (failover.Contradiction, Refusal, fold.LinkBroken) as error:
            return self._end(
                ExitStatus.CONTRADICTION, f"Refused, and nothing of it is stored as verified: {error}"
            )
        except generations.AlreadyBuilding as error:
            return self._end(ExitStatus.LOCAL_TROUBLE, f"Nothing was read: {error} Then run this again.")
        except generations.UNMAKEABLE as error:
            return self._end(
                ExitStatus.LOCAL_TROUBLE, f"What is stored here cannot be folded, see fsck. {error}"
            )
        except NodeError as error:
            if chain is None and brid is None:
                chain = self._only_chain()
            said = str(error)
            return self._end(ExitStatus.NO_NODE, said[:1].upper() + said[1:])
        finally:
            pool.close()
            self.totals = _totals(chain)

    def _make_anew(self, chain: Chain) -> None:
        """Records that another version made are made anew first. Raises ``AlreadyBuilding``."""
        if rules.rules_of(chain.id).differ:
            self._teller.say(
                "Another version made the records that are here: they are made anew by the rules of this "
                "one, beside what is shown, and then shown in its place."
            )
            generations.rebuild(chain)

    def _sync_chain(self, chain: Chain, pool: NodePool, options: Options, waiting: Waiting) -> None:
        filled = -1

        def report(progress: Progress) -> None:
            nonlocal filled
            if progress.filled > filled >= 0:
                waiting.is_getting_on()
            filled = max(filled, progress.filled)
            self._teller(progress)

        waiting.until_answered(lambda: job.sync(chain, pool, options=options, report=report))

    def _only_chain(self) -> Chain | None:
        """The chain of this state, where there is one alone: no node has to say which one is meant."""
        chains = list(Chain.objects.all()[:2])
        if len(chains) != 1:
            return None
        self.chain = bytes(chains[0].brid).hex().upper()
        self._teller.say(f"What is here is chain {self.chain}, up to height {totals_of(chains[0]).height}.")
        return chains[0]

    def _complete(self, chain: Chain, pool: NodePool) -> ExitStatus:
        at = totals_of(chain).last_block_at
        if at is not None:
            self._teller.say(f"The last block says that it was built on {at:%Y-%m-%d at %H:%M:%S} UTC.")
        complete = "Complete"
        if doubt := _doubt(pool, chain, at):
            self._teller.say(doubt)
            complete = "Complete as far as its nodes go"
        missing = unproved(chain.id)
        for each in missing:
            self._teller.say(f"Not proved: {each.why}")
        alone = (
            " One node alone cannot be caught withholding its newest blocks."
            if _is_alone(pool, chain)
            else ""
        )
        if missing:
            return self._end(
                ExitStatus.NOT_ALL_PROVED, f"{complete}, but not all of it is proved (listed above).{alone}"
            )
        return self._end(
            ExitStatus.PROVED,
            f"{complete}: every block is on chain, by the signers that its configurations name.{alone}",
        )

    def _end(self, status: ExitStatus, sentence: str) -> ExitStatus:
        self._teller.say(sentence)
        return status


def _is_alone(pool: NodePool, chain: Chain) -> bool:
    """Whether one node alone answered, be it under several names."""
    answered = [node for node in pool.believed if node.has_answered]
    return len(answered) < 2 or len(voices(answered, bytes(chain.brid))) < 2


def _doubt(pool: NodePool, chain: Chain, last_block_at: datetime | None) -> str:
    """Why the nodes may not have all of the chain, or not given it, in a sentence; empty where nothing says
    so.
    """
    if missing := node_health.most_blocks(chain) - totals_of(chain).blocks:
        more = f"{missing} block{'' if missing == 1 else 's'} more"
        return (
            f"A node has said that it has {more}, which none gave yet: behind its address may be nodes that "
            "do not have them. The same command goes on from here."
        )
    states = _states(pool, bytes(chain.brid))
    if states and not any(each.startswith("RUNNING") for each in states):
        return (
            f"Its nodes do not have all of it yet, as they say themselves: {', '.join(sorted(set(states)))}."
        )
    if not is_quiet(last_block_at, chain.longest_block_ms, now=timezone.now()):
        return ""
    known = chain.longest_block_ms
    often = "" if known is None else f" By its configuration it makes one every {known / 1000:g} s at least."
    return f"No block came since.{often} The chain stands still, or its nodes are behind it themselves."


def _states(pool: NodePool, brid: bytes) -> list[str]:
    """What the nodes that answered say that they do for the chain, those that say it."""
    found = []
    for node in pool.believed:
        if node.has_answered:
            with suppress(NodeError), fail_fast():
                found.append(node.node_state(brid))
    return [each for each in found if each]


def _trouble(error: BaseException) -> str:
    if isinstance(error, BrokenExecutor):
        return f"a process of this run was ended, perhaps for want of memory. {_GOES_ON}"
    return in_plain_words(error)


def _totals(chain: Chain | None) -> Totals | None:
    """What there is after a run, however it ended; None where the database cannot say."""
    if chain is None:
        return None
    connections.close_all()
    try:
        return totals_of(chain)
    except DatabaseError as error:
        logger.warning("the figures could not be read: %s", " ".join(str(error).split()))
        return None


def _brid(text: str) -> bytes | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise Usage(f"BRID must be 64 hexadecimal digits, not {text[:80]!r}")
    return bytes.fromhex(text)


@contextmanager
def _nodes(text: str, teller: ProgressReporter) -> Iterator[list[str]]:
    """The nodes that are meant; without any, the recorded chain of four validators is served for the run."""
    urls = [each.strip() for each in text.split(",") if each.strip()]
    if urls:
        yield urls
        return
    if text:
        raise Usage("--node names no node; write it like http://localhost:7740")
    if not RECORDING.is_dir():
        raise Usage("name a node with --node; the recorded chain that stands in for one is not here")
    with _recorded_node() as address:
        teller.say(
            f"No NODE was given: this indexes the recorded chain of four validators, served on {address}. "
            "One node alone cannot vouch for a change of signers, so expect that to be listed as not proved."
        )
        yield [address]


@contextmanager
def _recorded_node() -> Iterator[str]:
    """The recorded chain, served by a process of its own for as long as it is needed; gives its address."""
    command = [sys.executable, "-m", "devnet.recorded", str(RECORDING), "--port=0", "--while-open"]
    server = subprocess.Popen(
        command,
        cwd=RECORDING.parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert server.stdout is not None
        said = re.search(r"http://\S+:\d+", server.stdout.readline())
        if said is None:
            raise OSError("the recorded chain could not be served; see what it said above")
        yield said[0]
    finally:
        server.terminate()
        server.wait()
