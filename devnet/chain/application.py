"""What a chain runs: its code and state, as the chain needs it. `devnet.dapp.dapp` is one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from devnet.dapp.dapp import LastBlock
from indexer.postchain import gtv
from indexer.postchain.configuration import Configuration
from indexer.postchain.gtx import Operation, Transaction


class Application(Protocol):
    """Code and state from block 0 on."""

    def adopt(self, configuration: Configuration) -> None:
        """Run another configuration's code from now on; the state stays."""

    def check_all(self, operations: Sequence[Operation]) -> None:
        """Raise `Refused` for operations of a transaction that the code does not take."""

    def execute(self, transaction: Transaction, *, height: int, last_block_time: int) -> None:
        """Apply a transaction wholly in the block at this height, or raise `Rejected`."""

    def query(
        self, name: str, arguments: Mapping[str, gtv.Gtv], *, last_block: LastBlock | None
    ) -> gtv.Encodable:
        """Answer a query. Raises `QueryRefused`."""

    def query_untyped(
        self, name: str, arguments: Mapping[str, str], *, last_block: LastBlock | None
    ) -> gtv.Encodable:
        """Answer a query whose arguments are text. Raises `QueryRefused`."""


Make = Callable[[Configuration], Application]
"""Makes an application from the first configuration of its chain."""
