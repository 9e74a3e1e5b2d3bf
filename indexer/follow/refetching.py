"""Blocks are fetched again and written in the place of what is here: for facts that were damaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from indexer.ingest.window import PageSize, verified_page
from indexer.models import Block, Chain
from indexer.node.pool import NodePool
from indexer.store.coverage import HeightRange
from indexer.store.rewrite import rewrite_window
from indexer.store.write import WindowFacts
from indexer.trust.configuration_history import configuration_history_of


@dataclass(frozen=True, slots=True)
class Refetched:
    """What was written anew, and which of these blocks had another RID here."""

    blocks: int
    changed: Sequence[int]


def refetch(chain: Chain, pool: NodePool, span: HeightRange) -> Refetched:
    """Write all blocks of a span anew, from the first node that gives such as hold.

    They are verified as ever, against the block below the span and the configurations that are here; upwards,
    so that each follows one that was written anew. Whoever calls is the only one who follows the chain.
    Raises ``Refusal`` and ``NodeError``; what was written until then stays. Records are as they were:
    ``reindex`` folds them again.
    """
    changed, size = list[int](), PageSize()
    history = configuration_history_of(chain)
    first = span.first
    while first <= span.last:
        part = HeightRange(first, min(first + size.blocks - 1, span.last))
        facts = pool.ask(partial(verified_page, chain, span=part, history=history, size=size))
        if facts is None:
            size.too_large()
            continue
        changed += _changed(facts)
        rewrite_window(facts)
        size.seen(blocks=len(facts.blocks), weight=facts.weight)
        first = part.last + 1
    return Refetched(len(span), changed)


def _changed(facts: WindowFacts) -> Sequence[int]:
    found = Block.objects.filter(chain_id=facts.chain_id, height__range=(facts.first, facts.last))
    stored = {each.height: bytes(each.rid) for each in found}
    heights = [(each.header.height, each.rid) for each in facts.blocks]
    return [height for height, rid in heights if stored.get(height, rid) != rid]
