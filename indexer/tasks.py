"""Celery tasks: the same functions as ``manage.py sync``, spread over workers. The broker holds no truth.

Every task may run twice, at once or again; one that finds its chain at work elsewhere returns at once.
"""

import logging
from contextlib import closing

from celery import shared_task

from indexer import sync
from indexer.backfill import Filler, windows
from indexer.models import Chain
from indexer.node.pool import NodePool
from indexer.store import coverage
from indexer.store.coverage import Span

logger = logging.getLogger(__name__)

FOLLOWED_AT_ONCE = 300  # blocks; more is a backfill


@shared_task
def follow_all() -> None:
    """Follow every chain: what beat asks for, again and again."""
    for chain_id in Chain.objects.values_list("id", flat=True):
        follow.delay(chain_id)


@shared_task
def follow(chain_id: int) -> None:
    """Take in what is new on a chain, and fold it. Where much is missing, leave it to ``backfill``."""
    chain = Chain.objects.get(id=chain_id)
    urls = sync.known_urls(chain)
    if not urls:
        logger.warning("chain %d has no node: name one with sync", chain_id)
        return
    with sync.alone(chain) as mine, closing(NodePool(urls)) as pool:
        if not mine:
            return
        missing = sum(len(span) for span in coverage.gaps(chain.id, last=sync.head(chain, pool)))
        if missing > FOLLOWED_AT_ONCE:
            backfill.delay(chain_id)
        else:
            sync.sync(chain, pool)


@shared_task
def backfill(chain_id: int) -> None:
    """Spread every missing window over the workers."""
    chain = Chain.objects.get(id=chain_id)
    with closing(NodePool(sync.known_urls(chain))) as pool:
        last = sync.head(chain, pool)
        sync.prepare(chain, pool, head=last)
    for window in windows(coverage.gaps(chain.id, last=last)):
        fill_window.delay(chain_id, window.first, window.last)


@shared_task
def fill_window(chain_id: int, first: int, last: int) -> None:
    """Fill one window, then have what is in folded."""
    chain = Chain.objects.get(id=chain_id)
    with closing(NodePool(sync.known_urls(chain))) as pool:
        filler = Filler(chain, pool)
        for gap in coverage.gaps(chain.id, last=last):
            if gap.last >= first:
                for _ in filler.fill(Span(max(gap.first, first), gap.last)):
                    pass
    fold.delay(chain_id)


@shared_task
def fold(chain_id: int) -> None:
    """Fold what is in; where another one folds this chain, there is nothing to do."""
    chain = Chain.objects.get(id=chain_id)
    sync.fold_all(chain)
    sync.settle(chain, None)
