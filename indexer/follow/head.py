"""The next block, by one question to one node: what follows a chain that is level with its nodes.

A node that has no block of a height yet answers with nothing, at next to no cost; one that has it gives all
of it. A block is taken so only if it holds by what is known already: it follows the last one, and the signers
of the configuration that is in force and that it names signed it. All else is for a whole round (``sync``).
"""

from contextlib import closing, nullcontext
from datetime import timedelta
from enum import Enum

from django.utils import timezone

from indexer.follow import node_health, turns
from indexer.follow.sync import fold_all
from indexer.ingest.late_blocks import block_if_there
from indexer.ingest.window import ingest
from indexer.models import Block, Chain
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError
from indexer.node.transport import Patience, fail_fast
from indexer.postchain.block import HeaderError, decode_header
from indexer.postchain.merkle import UnknownMerkleVersion
from indexer.postchain.times import is_quiet, moment
from indexer.postchain.verify import Refusal, StatedBlock
from indexer.store.write import BlockChanged, SuppressionChanged
from indexer.trust.configuration_history import ConfigurationHistory, configuration_history_of

MOST = 20  # blocks at a look, so that whoever looks is not held for long
_LATE = timedelta(seconds=5)  # after which a block is missed

_ASKED_AGAIN_SOON = Patience(attempts=2)


class Found(Enum):
    """What a look at the chain's head led to."""

    NOTHING = "no block that was not here already"
    BLOCKS = "blocks, which are in and folded"
    MORE_TO_ASK = "something for which all nodes must be asked"


def look(chain: Chain) -> Found:
    """Take in the blocks that the leading node has beyond the last one here, as far as they hold.

    Raises ``indexer.records.fold.LinkBroken``. A node that fails here fails again, and is remembered, when
    all are asked.
    """
    height = turns.level_at(chain)
    urls = node_health.known_urls(chain)
    url = node_health.leading_url(chain, urls)
    if height is None or url is None:
        return Found.MORE_TO_ASK
    with closing(NodeClient(url, patience=_ASKED_AGAIN_SOON)) as node:
        try:
            with fail_fast() if len(urls) > 1 else nullcontext():
                taken = _take(chain, node, height)
                last = _last_of(chain, node, height) if taken == height else taken
        except (NodeError, Refusal, BlockChanged, SuppressionChanged):
            return Found.MORE_TO_ASK
    if taken is None:
        return Found.MORE_TO_ASK
    if taken > height:
        fold_all(chain)
    node_health.heard(chain, url, last)
    return Found.BLOCKS if taken > height else Found.NOTHING


def _take(chain: Chain, node: NodeClient, height: int) -> int | None:
    """Take the blocks above ``height``; the last one's height, None where one came that cannot be taken so.

    After each, another one is asked for only where it should be there by the chain's own time.
    """
    history = configuration_history_of(chain)
    before = Block.objects.get(chain=chain, height=height).timestamp
    for taken in range(height, height + MOST):
        block = block_if_there(node, bytes(chain.brid), taken + 1)
        if block is None:
            return taken
        if not _is_signed_by_known(block, history):
            return None
        ingest(chain, [block], history=history)
        if timezone.now() < moment(2 * block.timestamp - before):
            return taken + 1
        before = block.timestamp
    return height + MOST


def _last_of(chain: Chain, node: NodeClient, height: int) -> int | None:
    """The height of the last block of a node that has none above ``height``, where one should be there by
    what the chain's configuration says: it may have lost some. Else None, and it is not asked; nor where the
    chain stands still, which readers are told whatever nodes have.
    """
    at, now = moment(Block.objects.get(chain=chain, height=height).timestamp), timezone.now()
    known = chain.longest_block_ms
    if known is None or now < at + timedelta(milliseconds=known) + _LATE or is_quiet(at, known, now=now):
        return None
    return min(node.height(bytes(chain.brid)) - 1, height)


def _is_signed_by_known(block: StatedBlock, history: ConfigurationHistory) -> bool:
    """Whether the block names the configuration that is in force by what is known, and its signers are
    known.
    """
    force = history.at(block.height)
    try:
        named = decode_header(block.header).configuration_hash
    except (HeaderError, UnknownMerkleVersion):
        return False
    return force is not None and bool(force.signers) and named == force.hash
