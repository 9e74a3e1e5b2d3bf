"""Celery tasks: the same functions as ``manage.py sync``, spread over workers. The broker holds no truth.

Every task may run twice, at once or again; one that finds its work under way elsewhere returns at once. What
is sent may be lost or expire: the schedule (``config.celery``) sends it again. Windows wait in a queue of
their own, so that a long backfill keeps nothing else waiting.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from celery import Task, shared_task
from celery.exceptions import Ignore
from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from indexer import derive
from indexer.audit import reconcile as reconciliation
from indexer.derive import rollups
from indexer.follow import head, node_health, sync, turns
from indexer.ingest.backfill import windows
from indexer.ingest.filler import Filler
from indexer.models import Chain, Checkpoint, Node
from indexer.node.errors import NodeError
from indexer.node.pool import NodePool
from indexer.node.transport import Limits, Patience, fail_fast, patient
from indexer.records import withdrawing
from indexer.records.fold import LinkBroken
from indexer.store import coverage, locks
from indexer.store.coverage import HeightRange
from indexer.store.rules import rules_of
from indexer.trust.failover import Contradiction
from indexer.trust.index_status import lags_of
from local.servers import overdue
from local.supervision.command import opened

logger = logging.getLogger(__name__)

T = TypeVar("T")

FOLLOWED_AT_ONCE = 300  # blocks; more is a backfill
SENT_AT_ONCE = 256  # windows; the next lot follows the last of them
SECONDS = 20.0  # of deriving, before other tasks have their turn

_ASKED_AGAIN_SOON = Patience(attempts=2)
_FOLLOWING = sync.Options(rest=timedelta(minutes=5))
_ALONE = Limits(contact_seconds=15.0)  # for a node beside which no other can be asked
_STALE = 60  # seconds after which what was to be done soon is of no use: it was asked for again since
_STALE_WINDOW = 1800
_SILENT_BACKFILL = timedelta(minutes=5)
_WAITS = 20  # times a second, for the records to reach a node's height


@shared_task
def end_overdue() -> None:
    """End what the web server's users do in the database for too long."""
    count = overdue.end(opened(connection))
    if count:
        logger.warning(
            "Ended %d sessions of the web server that lasted longer than %d s", count, overdue.LONGEST
        )


@shared_task
def follow_all() -> None:
    """Follow every chain whose turn it is."""
    for chain_id in turns.claim(timezone.now()):
        take_turn.apply_async((chain_id,), expires=turns.LONGEST.total_seconds())


@shared_task
def after_fold_all() -> None:
    """Derive from every chain what is not derived yet."""
    _each(after_fold)


@shared_task
def withdraw() -> None:
    """Go on with what is left to be made anew since texts were hidden, erased or shown again."""
    if withdrawing.carry_out_all(seconds=SECONDS):
        withdraw.apply_async(expires=_STALE)


@shared_task
def rollup_all() -> None:
    """Bring the figures of every chain up to date."""
    _each(rollup)


@shared_task
def reconcile_all() -> None:
    """Compare the records of every chain with what its nodes say."""
    _each(reconcile)


@shared_task
def take_turn(chain_id: int) -> None:
    """Take in what is new on a chain: from its leading node alone while that will do, once a minute from all.

    Says when the chain's next turn is, unless another one follows it just now.
    """
    begun = timezone.now()
    chain = _chain(chain_id)
    before = _transactions(chain)
    with sync.alone(chain) as mine:
        if not mine:
            return
        is_round = chain.round_at is None or chain.round_at < begun - turns.ROUND
        if is_round or _look(chain) == head.Found.MORE_TO_ASK:
            is_round = True
            _follow_whole(chain)
        turns.end(chain, begun=begun, news=_transactions(chain) > before, is_round=is_round)
    _derive_soon(chain)


@shared_task
def follow(chain_id: int) -> None:
    """Take in what is new on a chain from all its nodes, and fold it. Where much is missing, leave it to
    ``backfill``.
    """
    chain = _chain(chain_id)
    with sync.alone(chain) as mine:
        if not mine:
            return
        _follow_whole(chain)
    _derive_soon(chain)


@shared_task
def backfill(chain_id: int, missing_before: int | None = None) -> None:
    """Spread missing windows over the workers, and when these are done the next, while that leads on."""
    chain = _chain(chain_id)
    if not _ask_nodes(chain, lambda pool: _backfill(chain, pool, missing_before)):
        Chain.objects.filter(id=chain_id).update(backfilled_at=None)


@shared_task
def fill_window(chain_id: int, first: int, last: int) -> None:
    """Fill one window, then fold what is in. Nothing where another one fills it, or where it is in."""
    chain = _chain(chain_id)
    with locks.filling(chain_id, first) as mine:
        missing = [
            HeightRange(max(each.first, first), each.last)
            for each in coverage.gaps(chain.id, last=last)
            if each.last >= first
        ]
        if not mine or not missing:
            return
        _ask_nodes(chain, lambda pool: _fill(chain, pool, missing), patience=Patience())
        Chain.objects.filter(id=chain_id, backfilled_at__isnull=False).update(backfilled_at=timezone.now())
    fold(chain_id)


@shared_task
def fold(chain_id: int) -> None:
    """Fold what is in; where another one folds this chain, there is nothing to do."""
    chain = _chain(chain_id)
    with _telling(chain):
        sync.fold_all(chain)
    sync.settle(chain, None)
    _derive_soon(chain)


@shared_task
def after_fold(chain_id: int) -> None:
    """Derive what follows from the records; what takes long goes on in another task."""
    if derive.catch_up(_chain(chain_id), seconds=SECONDS):
        after_fold.apply_async((chain_id,), expires=_STALE)


@shared_task
def rollup(chain_id: int) -> None:
    """Bring the figures of a chain up to date, and nothing else that is derived."""
    chain = _chain(chain_id)
    if derive.catch_up(chain, only=[rollups.DERIVATION], seconds=SECONDS):
        rollup.apply_async((chain_id,), expires=_STALE)


@shared_task
def reconcile(chain_id: int) -> None:
    """Compare a chain's records with what each of its nodes says."""
    chain = _chain(chain_id)
    with locks.reconciling(chain_id) as mine:
        if mine:
            _ask_nodes(chain, lambda pool: _reconcile(chain, pool))


def _chain(chain_id: int) -> Chain:
    """The chain's row; a task for one that was forgotten since is no task any more."""
    try:
        return Chain.objects.get(id=chain_id)
    except Chain.DoesNotExist:
        raise Ignore from None


def _each(task: "Task[[int], None]") -> None:
    for chain_id in Chain.objects.order_by("id").values_list("id", flat=True):
        task.apply_async((chain_id,), expires=_STALE)


def _ask_nodes(
    chain: Chain, do: Callable[[NodePool], T], *, patience: Patience = _ASKED_AGAIN_SOON
) -> T | None:
    """What comes of doing something with a chain's nodes. That none is known, or none answers, or what they
    give is refused, is told and no error: their rows say it, and the schedule comes back to it.
    """
    urls = node_health.known_urls(chain)
    if not urls:
        if not Node.objects.filter(chain=chain).exists():
            logger.warning("chain %d has no node: name one with sync", chain.id)
        return None
    limits = Limits() if len(urls) > 1 else _ALONE
    with closing(NodePool(urls, patience=patience, limits=limits)) as pool, _telling(chain):
        try:
            return do(pool)
        finally:
            node_health.remember(chain, pool)
    return None


@contextmanager
def _telling(chain: Chain) -> Iterator[None]:
    """What went wrong inside with the chain or its nodes is told; rows and incidents keep it."""
    try:
        yield
    except (NodeError, Contradiction, LinkBroken) as error:
        logger.warning("chain %d: %s", chain.id, error)


def _transactions(chain: Chain) -> int:
    """How many are folded."""
    found = Checkpoint.objects.filter(chain=chain, generation=F("chain__generation"))
    return found.values_list("transactions", flat=True).first() or 0


def _look(chain: Chain) -> head.Found:
    """What the leading node has; where it cannot be folded all are asked, who tell that again."""
    with _telling(chain):
        return head.look(chain)
    return head.Found.MORE_TO_ASK


def _follow_whole(chain: Chain) -> None:
    with _telling(chain):
        sync.fold_all(chain)
    _ask_nodes(chain, lambda pool: _follow(chain, pool))


def _follow(chain: Chain, pool: NodePool) -> None:
    last = sync.head(chain, pool, once=True)
    missing = sum(len(span) for span in coverage.gaps(chain.id, last=last))
    if missing <= FOLLOWED_AT_ONCE:
        sync.sync(chain, pool, head=last, options=_FOLLOWING)
    elif not locks.is_filled(chain.id) and _begins_backfill(chain):
        backfill.apply_async((chain.id,), expires=_STALE_WINDOW)


def _begins_backfill(chain: Chain) -> bool:
    """Whether no backfill is under way: one that gives no sign for long was lost."""
    now = timezone.now()
    silent = Q(backfilled_at=None) | Q(backfilled_at__lt=now - _SILENT_BACKFILL)
    return Chain.objects.filter(silent, id=chain.id).update(backfilled_at=now) > 0


def _backfill(chain: Chain, pool: NodePool, missing_before: int | None) -> bool:
    """Whether that leads on."""
    last = sync.head(chain, pool, once=True)
    gaps = coverage.gaps(chain.id, last=last)
    missing = sum(len(each) for each in gaps)
    if not missing or missing == missing_before:
        return False
    sync.prepare(chain, pool, head=last)
    for window in islice(windows(gaps), SENT_AT_ONCE):
        fill_window.apply_async((chain.id, window.first, window.last), expires=_STALE_WINDOW)
    backfill.apply_async((chain.id, missing), expires=_STALE_WINDOW)
    return True


def _fill(chain: Chain, pool: NodePool, missing: Sequence[HeightRange]) -> None:
    filler = Filler(chain, pool)
    for gap in missing:
        for _ in filler.fill(gap):
            pass
    node_health.remember(chain, pool, held=True)


def _reconcile(chain: Chain, pool: NodePool) -> None:
    for node in pool.believed:
        try:
            with fail_fast():
                reconciliation.reconcile(
                    chain, node, reach=lambda height: _reach(chain, pool, height), chance=random.Random()
                )
        except NodeError as error:
            pool.remember(node, error)


def _derive_soon(chain: Chain) -> None:
    if any(each.behind for each in lags_of(chain.id)):
        after_fold.apply_async((chain.id,), expires=_STALE)


def _reach(chain: Chain, pool: NodePool, height: int) -> bool:
    """Have a chain folded up to a height that a node is at, by us or by who follows it just now. Where
    another version made its records, none are folded.
    """
    waits = not rules_of(chain.id).differ
    for _ in range(_WAITS):
        folded = Checkpoint.objects.filter(chain=chain, generation=F("chain__generation")).first()
        if folded is not None and folded.height >= height:
            return True
        if folded is None or not waits or height - folded.height > FOLLOWED_AT_ONCE:
            return False
        with sync.alone(chain) as mine, patient():
            if mine:
                sync.sync(chain, pool, options=_FOLLOWING)
        time.sleep(1)
    return False
