"""How far words are indexed: by them nothing is found of what was said later."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from indexer.models import DerivationCheckpoint

_REACHED = f"""
    SELECT h.id, d.height FROM indexer_chain h JOIN indexer_derivationcheckpoint d
        ON d.chain_id = h.id AND d.generation = h.generation
    WHERE h.id = ANY(%(chains)s) AND d.name = '{DerivationCheckpoint.Of.SEARCH.value}'
"""


@dataclass(frozen=True, slots=True)
class WordsTo:
    """A chain whose words are indexed to the block at this height, not to its last; -1 before the first. To
    the last one where it ``withdraws``: some records are found by no word then.
    """

    chain: ChainView
    height: int


def behind(chains: Sequence[ChainView]) -> Sequence[WordsTo]:
    """Those chains whose words are not all indexed, or not as they are. One query, a row for each chain."""
    rows = sql.rows(_REACHED, {"chains": [each.id for each in chains]})
    reached: dict[int, int] = dict(rows)
    found = [WordsTo(each, reached.get(each.id, -1)) for each in chains]
    return [each for each in found if each.height < each.chain.freshness.height or each.chain.withdraws]
