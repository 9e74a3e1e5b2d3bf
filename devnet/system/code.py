"""What the chains of the system have in common: nobody posts to them, and they answer queries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from devnet.dapp.dapp import LastBlock, QueryRefused, UnknownOperation
from devnet.dapp.parameters import Misfit, Parameter, read_all
from devnet.dapp.queries import untyped
from indexer.postchain import gtv
from indexer.postchain.configuration import Configuration
from indexer.postchain.gtx import Operation, Transaction


class NotFound(Exception):
    """What a query asks about is not there; the text is said in the refusal."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query: its parameters, and what answers it with their values."""

    parameters: tuple[Parameter, ...]
    answer: Callable[..., gtv.Encodable]


class SystemCode:
    """An application (`devnet.chain.application`) of queries by their names."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = queries

    def adopt(self, configuration: Configuration) -> None:
        """Nothing depends on it."""

    def check_all(self, operations: Sequence[Operation]) -> None:
        """Raise UnknownOperation: only the node itself writes here."""
        name = operations[0].name if operations else "nop"
        raise UnknownOperation(f"Unknown operation: {name}")

    def execute(self, transaction: Transaction, *, height: int, last_block_time: int) -> None:
        """Nothing is written."""

    def query(
        self, name: str, arguments: Mapping[str, gtv.Gtv], *, last_block: LastBlock | None
    ) -> gtv.Encodable:
        """Answer a query. Raises QueryRefused."""
        if name == "last_block_info" and last_block is not None:
            return {
                "height": last_block.height,
                "timestamp": last_block.timestamp,
                "blockRID": last_block.rid,
            }
        found = self._queries.get(name)
        if found is None:
            raise QueryRefused(400, f"Unknown query: {name}")
        try:
            return found.answer(*read_all(found.parameters, arguments))
        except (Misfit, NotFound) as error:
            raise QueryRefused(400, f"Query '{name}' failed: {error}") from None

    def query_untyped(
        self, name: str, arguments: Mapping[str, str], *, last_block: LastBlock | None
    ) -> gtv.Encodable:
        """Answer a query whose arguments are text. Raises QueryRefused."""
        return self.query(name, untyped(arguments), last_block=last_block)
