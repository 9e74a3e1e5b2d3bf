"""A block that a node says it has and does not give: withheld, or behind one address there are several nodes.

A load balancer asks one node for the height and another, some blocks behind, for the block. Both are honest.
"""

from indexer.node.client import NodeClient
from indexer.postchain.verify import Refusal, StatedBlock, Step

_TRIES = 3


def block_or_count(
    node: NodeClient, brid: bytes, height: int, *, transactions: bool = True
) -> StatedBlock | int:
    """The block; or how many blocks the node says that it has, where that one is not among them yet.

    It is asked again, after a wait and each time in another rhythm, so that a balancer that takes its nodes
    in turn does not give every question for the block to the same one. Raises ``Refusal`` where the node
    always says that it has the block, and never gives it.
    """
    for failed in range(1, _TRIES + 1):
        for _ in range(failed):
            block = node.block_at(brid, height, transactions=transactions)
            if block is not None:
                return block
        count = node.height(brid)
        if count <= height:
            return count
        if failed < _TRIES:
            node.pause(failed)
    why = f"the node says that it has {count} blocks, and gives none for this height"
    raise Refusal(Step.GAP, height=height, why=why)
