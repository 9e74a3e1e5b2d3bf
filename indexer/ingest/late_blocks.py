"""A block that a node says it has and does not give: withheld, or behind one address there are several nodes.

A load balancer asks one node for the height and another, some blocks behind, for the block. Both are honest.
It may take its nodes in turn for each question, or for each connection. A node says `null` of a block that it
does not have; what stands in front of one may say 404.
"""

from indexer.node.client import NodeClient
from indexer.node.errors import Refused
from indexer.postchain.verify import Refusal, StatedBlock, Step

_TRIES = 3
_NOT_FOUND = 404


def block_if_there(node: NodeClient, brid: bytes, height: int) -> StatedBlock | None:
    """The block; None where the node says that it has none, in whichever way."""
    found = _asked(node, brid, height, transactions=True)
    return None if isinstance(found, Refused) else found


def block_or_count(
    node: NodeClient, brid: bytes, height: int, *, transactions: bool = True
) -> StatedBlock | int:
    """The block; or how many blocks the node says that it has, where that one is not among them yet.

    It is asked again over another connection; and where the node says that it has the block, after a wait and
    each time in another rhythm, so that a balancer that takes its nodes in turn does not give every question
    for the block to the same one. Raises ``Refusal`` where the node goes on saying that it has the block, and
    never gives it; where it only ever refused to, that is no lie, and its refusal is raised.
    """
    counts: list[int] = []
    refusals: list[Refused | None] = []
    for failed in range(1, _TRIES + 1):
        for _ in range(failed):
            found = _asked(node, brid, height, transactions=transactions)
            if isinstance(found, StatedBlock):
                return found
            refusals.append(found)
        counts.append(node.height(brid))
        node.ask_anew()
        if counts[-1] > height and failed < _TRIES:
            node.pause(failed)
    if min(counts) <= height:
        return max(each for each in counts if each <= height)
    if None not in refusals and refusals[-1] is not None:
        raise refusals[-1]
    why = f"the node says that it has {counts[-1]} blocks, and gives none for this height"
    raise Refusal(Step.GAP, height=height, why=why)


def _asked(node: NodeClient, brid: bytes, height: int, *, transactions: bool) -> StatedBlock | Refused | None:
    try:
        return node.block_at(brid, height, transactions=transactions)
    except Refused as refusal:
        if refusal.status != _NOT_FOUND:
            raise
        return refusal
