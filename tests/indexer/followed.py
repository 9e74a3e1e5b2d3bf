"""Chains that are followed through one node, for the tests of tasks."""

from collections.abc import Iterator
from contextlib import contextmanager

from indexer.models import Chain, Node
from tests.indexer.made import MadeChain, add
from tests.indexer.serving import AlteredNode, serving
from tests.indexer.writing import row_of


def made(blocks: int) -> MadeChain:
    found = MadeChain()
    for _ in range(blocks):
        found.block(add())
    return found


@contextmanager
def followed(chain: MadeChain) -> Iterator[tuple[Chain, AlteredNode]]:
    """A chain's row, and the node that is known of it."""
    node = AlteredNode(chain.recording())
    with serving(node) as url:
        row = row_of(chain)
        Node.objects.create(chain=row, url=url)
        yield row, node
