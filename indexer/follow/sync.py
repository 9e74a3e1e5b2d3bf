"""The main job, end to end: fill what is missing up to the node's head, fold it, say how far it is proved.

``sync`` is for one run; ``step`` is what follows a chain, again and again. Both go on where anything was
interrupted, and say in an ``Outcome`` what a reader of the result must know.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from indexer.follow import networks, node_health
from indexer.follow.networks import Named
from indexer.ingest.backfill import ENOUGH_FOR_SEVERAL, fill_here, fill_in_processes
from indexer.ingest.filler import Filler
from indexer.ingest.late_blocks import block_or_count
from indexer.ingest.window import MOST_BLOCKS, Behind, Ingested
from indexer.models import Block, Chain
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError, NoNodeAnswers
from indexer.node.pool import NodePool
from indexer.postchain.verify import StatedBlock, verify_header, verify_witness
from indexer.records import fold
from indexer.records.totals import Totals, totals_of
from indexer.store import coverage, locks
from indexer.store.coverage import HeightRange
from indexer.store.write import BlockChanged
from indexer.trust import block_time, configuration_trust, configurations, failover, incidents
from indexer.trust.configuration_history import ConfigurationHistory, configuration_history_of

logger = logging.getLogger(__name__)

_LOWER_HEIGHTS = 10  # that a node may state, one after the other, before it is passed over
_ROUNDS = 3  # in which what nodes did not have yet is asked for


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is: ``filled`` of ``blocks`` are in, ``folded`` of them are folded."""

    blocks: int
    filled: int
    folded: int
    transactions: int


@dataclass(frozen=True, slots=True)
class Options:
    """How a run works: ``processes`` 0 chooses, ``blocks`` is the most in a window; nobody is asked to vouch
    for a change of signers for which nobody could within the last ``rest``.
    """

    blocks: int = MOST_BLOCKS
    processes: int = 0
    rest: timedelta = timedelta(0)


def chain_of(pool: NodePool, brid: bytes | None) -> Chain:
    """The chain that is meant: by its RID, else the one that the node runs as its first (``iid_1``)."""
    found = pool.ask(lambda node: node.brid()) if brid is None else brid
    pool.ask(lambda node: node.height(found))
    return networks.register(Named(found), [node.name for node in pool.nodes])


def sync(
    chain: Chain,
    pool: NodePool,
    *,
    head: int | None = None,
    options: Options = Options(),
    report: Callable[[Progress], None] = lambda _: None,
) -> Totals:
    """Fill and fold up to the node's head as it is now, or as the caller was just told.

    Raises ``NoNodeAnswers``, ``Contradiction`` and ``LinkBroken``; what was done until then stays.
    """
    try:
        run = _filled(chain, pool, head, options, report)
    except (failover.Contradiction, NodeError):
        node_health.remember(chain, pool)
        raise
    run.catch_up()
    settle(chain, pool, rest=options.rest)
    totals = totals_of(chain)
    block_time.keep(chain, height=totals.height)
    node_health.remember(chain, pool, held=True)
    return totals


def _filled(
    chain: Chain, pool: NodePool, told: int | None, options: Options, report: Callable[[Progress], None]
) -> "_Run":
    """A run that has filled up to the head. A node that is no longer believed makes it begin again, and so,
    for some rounds, does a block that no node had yet; then what is below it will do.
    """
    begun = timezone.now()
    late = 0
    while True:
        target = head(chain, pool) if told is None else told
        told = None
        believed = pool.believed
        prepare(chain, pool, head=target)
        run = _Run(chain, pool, target, options, report)
        try:
            run.fill()
            _share_disbelief(chain, pool, since=begun)
        except (failover.Contradiction, NoNodeAnswers):
            run.catch_up()
            _share_disbelief(chain, pool, since=begun)
            if not pool.believed or pool.believed == believed:
                raise
        late += 1
        if pool.believed == believed and (late >= _ROUNDS or not coverage.gaps(chain.id, last=target)):
            return run


def prepare(chain: Chain, pool: NodePool, *, head: int) -> None:
    """Before windows are filled: what is here is the node's own, and configurations are known."""
    _check_newest(chain, pool, head)
    configurations.fetch(chain, pool, head=head)


def settle(chain: Chain, pool: NodePool | None, *, rest: timedelta = timedelta(0)) -> None:
    """After folding: check witnesses whose signers are known by now, and say how far configurations are
    proved.
    """
    configuration_trust.recheck_witnesses(chain)
    configuration_trust.assess(chain, pool, rest=rest)


@contextmanager
def alone(chain: Chain) -> Iterator[bool]:
    """Whether nobody else follows this chain while the block runs."""
    with connection.cursor() as cursor:
        mine = locks.hold_follow(cursor, chain.id)
        try:
            yield mine
        finally:
            if mine:
                locks.release_follow(cursor, chain.id)


def _share_disbelief(chain: Chain, pool: NodePool, *, since: datetime) -> None:
    """The processes of a run have pools of their own: what they found false, this one is told by its
    incident.
    """
    told = failover.disbelieved(chain, since=since)
    for node in pool.believed:
        if node.name in told:
            pool.report_false(node, "another process of this run found it so")


def head(chain: Chain, pool: NodePool, *, once: bool = False) -> int:
    """Height of the last block that any of the nodes has; -1 where the chain is empty.

    A node that states a height must give the block below it, signed as far as it is known by whom. What each
    of them said, or why it did not, is kept. They are waited for with patience where none answers, unless
    asked but ``once``. Raises ``NoNodeAnswers`` and ``Contradiction``.
    """
    brid = bytes(chain.brid)
    known = configuration_history_of(chain)
    heights: dict[str, int] = {}

    def last_of(node: NodeClient) -> int:
        last = _last_given(node, brid=brid, known=known)
        heights[node.name] = last
        return last

    try:
        return max(failover.ask_each(chain, pool, last_of, once=once))
    finally:
        node_health.remember(chain, pool, heights)


def _last_given(node: NodeClient, *, brid: bytes, known: ConfigurationHistory) -> int:
    """The height of the last block; the lower one where several nodes behind one address differ."""
    count = node.height(brid)
    for _ in range(_LOWER_HEIGHTS):
        if count == 0:
            return -1
        block = block_or_count(node, brid, count - 1, transactions=False)
        if not isinstance(block, int):
            _check_last(block, count - 1, brid=brid, known=known)
            return count - 1
        count = block
    raise Behind(node.name, count=count, height=count)


def _check_last(block: StatedBlock, height: int, *, brid: bytes, known: ConfigurationHistory) -> None:
    """A header that names a configuration not known yet is checked when its window is filled."""
    header = verify_header(block, brid=brid, expected_height=height)
    force = known.at(height)
    if force is not None and force.signers and header.configuration_hash == force.hash:
        verify_witness(block, signers=force.signers)


def fold_all(
    chain: Chain, after: Callable[[fold.Folded], None] = lambda _: None, *, wait: bool = False
) -> None:
    """Fold everything that is in. A link that does not hold is kept as an incident, and raised."""
    try:
        while (done := fold.fold(chain, wait=wait)) is not None:
            after(done)
    except fold.LinkBroken as error:
        incidents.record(chain.id, "link-broken", str(error), height=error.height)
        raise


def _check_newest(chain: Chain, pool: NodePool, head: int) -> None:
    """A finalised block does not change: the newest one that is here and that the node has must be the node's
    own. Where those that answer do not have it just now there is nothing to compare.
    """
    newest = Block.objects.filter(chain=chain, height__lte=head).aggregate(height=Max("height"))["height"]
    if newest is None:
        return
    stored = bytes(Block.objects.get(chain=chain, height=newest).rid)

    def ask(node: NodeClient) -> None:
        given = block_or_count(node, bytes(chain.brid), newest, transactions=False)
        if isinstance(given, int):
            raise Behind(node.name, count=given, height=newest)
        if given.rid != stored:
            raise BlockChanged(height=newest, stored=stored, given=given.rid)

    try:
        failover.ask(chain, pool, ask)
    except NoNodeAnswers as nobody:
        if not nobody.is_late:
            raise


class _Run:
    """One run of ``sync``: what is filled is folded on the way."""

    def __init__(
        self, chain: Chain, pool: NodePool, target: int, options: Options, report: Callable[[Progress], None]
    ) -> None:
        self._chain = chain
        self._pool = pool
        self._target = target
        self._options = options
        self._report = report
        self._filled = 0
        self._folded = totals_of(chain).blocks
        self._transactions = 0

    def fill(self) -> None:
        """Fill the gaps up to the target."""
        spans = coverage.gaps(self._chain.id, last=self._target)
        missing = sum(len(each) for each in spans)
        self._filled = self._target + 1 - missing
        self._tell()
        if self._processes(missing) > 1:
            self._fill_in_processes(spans, self._processes(missing))
        else:
            for page in fill_here(Filler(self._chain, self._pool), spans, blocks=self._options.blocks):
                self._count([page])

    def catch_up(self) -> None:
        """Fold what is in."""
        fold_all(self._chain, self._note, wait=True)

    def _processes(self, missing: int) -> int:
        if self._options.processes:
            return self._options.processes
        return (os.cpu_count() or 1) if missing > ENOUGH_FOR_SEVERAL else 1

    def _fill_in_processes(self, spans: Sequence[HeightRange], processes: int) -> None:
        urls = [node.url for node in self._pool.believed]
        filled = fill_in_processes(self._chain, urls, spans, blocks=self._options.blocks, processes=processes)
        with closing(filled):
            for pages in filled:
                self._count(pages)
                self.catch_up()

    def _count(self, pages: Sequence[Ingested]) -> None:
        self._filled += sum(len(page.span) for page in pages)
        self._transactions += sum(page.transactions for page in pages)
        self._tell()

    def _note(self, done: fold.Folded) -> None:
        self._folded = done.height + 1
        self._tell()

    def _tell(self) -> None:
        self._report(Progress(self._target + 1, self._filled, self._folded, self._transactions))
