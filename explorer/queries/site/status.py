"""How the index of a chain stands, as readers see it.

What nodes and chains say of themselves is foreign text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from explorer.queries.chain.chains import ChainView
from explorer.queries.site.verdict import Verdict, verdict
from indexer.store.coverage import HeightRange
from indexer.trust import index_status
from indexer.trust.index_status import Incident, IndexStatus, Lag, Node, Reconciliation, UnknownOperation

__all__ = [
    "HeightRange",
    "Incident",
    "Lag",
    "Node",
    "Reconciliation",
    "Status",
    "UnknownOperation",
    "Verdict",
    "compared",
    "nodes",
    "status",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(IndexStatus):
    """One chain's status."""

    chain: ChainView

    @property
    def verdict(self) -> Verdict:
        """How it stands in a sentence, and what to do."""
        return verdict(self, self.chain.freshness)


def status(chain: ChainView) -> Status:
    """How a chain's index stands; five queries."""
    found = index_status.index_status(chain.id)
    return Status(chain=chain, **{each.name: getattr(found, each.name) for each in fields(found)})


def compared(chain: ChainView) -> Sequence[Reconciliation]:
    """What came of the last comparison with each node; one query."""
    return index_status.reconciliations_of(chain.id)


def nodes(chain: ChainView) -> Sequence[Node]:
    """The nodes that are asked about a chain; one query."""
    return index_status.nodes_of(chain.id)
