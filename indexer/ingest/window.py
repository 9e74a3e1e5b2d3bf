"""One window of heights: fetch, verify, decode, write the facts. Any order, any worker, any machine.

A window is written page by page, lowest heights of the node's answer first; doing one twice changes nothing.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from django.db import connection

from indexer.ingest.decode import facts_of
from indexer.ingest.late_blocks import block_or_count
from indexer.models import Block, Chain
from indexer.node.client import NodeClient
from indexer.node.errors import BrokenList, NodeError, TooLarge
from indexer.postchain.block import HeaderError, decode_header
from indexer.postchain.merkle import UnknownMerkleVersion
from indexer.postchain.verify import Refusal, StatedBlock, VerifiedBlock, verify_block
from indexer.store import suppression
from indexer.store.coverage import HeightRange
from indexer.store.facts import BlockFacts, Texts
from indexer.store.write import WindowFacts, write_window
from indexer.trust.configuration_history import ConfigurationHistory

logger = logging.getLogger(__name__)

MOST_BLOCKS = 100
COMFORTABLE_BYTES = 8 << 20  # of transactions in a page: enough to keep a node busy, little enough to hold


class Behind(NodeError):
    """The node has ``count`` blocks, and not the one at ``height`` yet."""

    is_failure = False

    def __init__(self, node: str, *, count: int, height: int) -> None:
        super().__init__(node, f"it has {count} blocks, and block {height} is wanted. Ask again later.")
        self.count = count


class ConfigurationRefused(Refusal):
    """A header names a configuration that is not the one we were given; ``named`` is its hash.

    The block holds but for its witness, which cannot be checked. ``rid`` is its RID.
    """

    named: bytes
    rid: bytes


@dataclass(frozen=True, slots=True)
class Ingested:
    """A page that is in."""

    span: HeightRange
    transactions: int
    bytes: int


@dataclass(slots=True)
class PageSize:
    """How many blocks to ask for at once: halved where that is too much, fitted to what blocks weigh."""

    blocks: int = MOST_BLOCKS

    def too_large(self) -> bool:
        """Ask for half; False where it cannot be less."""
        smaller, self.blocks = self.blocks > 1, max(1, self.blocks // 2)
        return smaller

    def seen(self, *, blocks: int, weight: int) -> None:
        """Fit the next page to what these blocks weighed, in bytes, growing at most twofold."""
        fitting = COMFORTABLE_BYTES * blocks // max(weight, 1)
        self.blocks = max(1, min(MOST_BLOCKS, fitting, self.blocks * 2))


def ingest_page(
    chain: Chain, node: NodeClient, span: HeightRange, *, history: ConfigurationHistory, size: PageSize
) -> Ingested:
    """Fetch, verify and write the top of ``span``: as many blocks as fit a page.

    Raises ``Refusal`` where the answer is false, ``Behind`` or another ``NodeError`` where there is none, and
    ``indexer.store.write.BlockChanged`` where the tables hold another block. Below a block that is refused,
    those whose witness was checked are written first: they are the chain's, whoever gave them.
    """
    stated = _fetch(chain, node, span, size)
    done = ingest(chain, stated, history=history)
    size.seen(blocks=len(done.span), weight=done.bytes)
    return done


def verified_page(
    chain: Chain, node: NodeClient, *, span: HeightRange, history: ConfigurationHistory, size: PageSize
) -> WindowFacts | None:
    """The facts of ``span``, as ``ingest_page`` would write them, whatever is here of it; None where it is
    more than a page.
    """
    stated = _fetch(chain, node, span, size)
    if stated[0].height > span.first:
        return None
    return _facts(chain, list(_verified(chain, stated, history)), history)


def ingest(chain: Chain, stated: Sequence[StatedBlock], *, history: ConfigurationHistory) -> Ingested:
    """Verify blocks that a node gave, lowest first, and write them; errors as in ``ingest_page``."""
    started = time.monotonic()
    verified: list[VerifiedBlock] = []
    try:
        for block in _verified(chain, stated, history):
            verified.append(block)
    except Refusal:
        if signed := list(takewhile(lambda block: block.witness_checked, verified)):
            write_window(_facts(chain, signed, history))
        raise
    weight = sum(len(data) for each in verified for data in each.raw_transactions)
    transactions = sum(len(each.transactions) for each in verified)
    write_window(_facts(chain, verified, history))
    done = HeightRange(verified[0].header.height, verified[-1].header.height)
    logger.info(
        "blocks %d to %d: %d transactions, %d bytes in %.2f s",
        done.first,
        done.last,
        transactions,
        weight,
        time.monotonic() - started,
    )
    return Ingested(done, transactions, weight)


def _fetch(chain: Chain, node: NodeClient, span: HeightRange, size: PageSize) -> list[StatedBlock]:
    """Blocks from the top of the span downwards, given lowest first."""
    brid = bytes(chain.brid)
    while True:
        limit = min(len(span), size.blocks)
        try:
            found = node.blocks(brid, before=span.last + 1, limit=limit, transactions=True)
            break
        except TooLarge:
            if not size.too_large():
                raise
        except BrokenList:
            # One by one, so that what is missing or false is found at its own height.
            found = []
            break
    if not found or found[0].height != span.last:
        found = [_single(node, brid, span.last)]
    return list(reversed(found))


def _single(node: NodeClient, brid: bytes, height: int) -> StatedBlock:
    """The block by itself: a list leaves out one that is larger than what a list may bring."""
    found = block_or_count(node, brid, height)
    if isinstance(found, int):
        raise Behind(node.name, count=found, height=height)
    return found


def _verified(
    chain: Chain, stated: Sequence[StatedBlock], history: ConfigurationHistory
) -> Iterator[VerifiedBlock]:
    brid = bytes(chain.brid)
    previous = _stored_rid(chain, stated[0].height - 1)
    for expected, each in enumerate(stated, start=stated[0].height):
        verify = partial(verify_block, each, brid=brid, expected_height=expected, previous_rid=previous)
        try:
            block = verify(signers=_signers(each, history))
        except ConfigurationRefused:
            verify(signers=None)  # what else is wrong with it is told first
            raise
        yield block
        previous = block.rid


def _signers(stated: StatedBlock, history: ConfigurationHistory) -> Sequence[bytes] | None:
    """The keys that the witness is checked against; an unreadable header is refused by ``verify_block``."""
    try:
        header = decode_header(stated.header)
    except (HeaderError, UnknownMerkleVersion):
        return None
    try:
        return history.signers_of(header).keys
    except Refusal as refusal:
        told = ConfigurationRefused(refusal.step, height=refusal.height, why=refusal.why)
        told.named = header.configuration_hash or b""
        told.rid = stated.rid
        raise told from None


def _stored_rid(chain: Chain, height: int) -> bytes | None:
    found = Block.objects.filter(chain=chain, height=height).values_list("rid", flat=True).first()
    return None if found is None else bytes(found)


def _facts(chain: Chain, verified: Sequence[VerifiedBlock], history: ConfigurationHistory) -> WindowFacts:
    with connection.cursor() as cursor:
        erased = suppression.erased(cursor)
    texts = Texts()
    blocks: list[BlockFacts] = []
    for each in verified:
        why = None if each.witness_checked else history.signers_of(each.header).why
        blocks.append(facts_of(each, texts, unchecked=why, erased=erased))
    return WindowFacts(chain_id=chain.id, blocks=blocks, texts=texts, erased=erased)
