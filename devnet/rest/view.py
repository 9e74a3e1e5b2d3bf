"""A chain as its node shows it: what every answer is composed from, for recorded chains and for those that
run here.

RIDs, keys, headers, witnesses and transactions are in uppercase hex, as nodes state them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from devnet.rest.exchange import to_json
from indexer.postchain import gtv


@dataclass(frozen=True, slots=True)
class Block:
    """A block as its node states it: `stated` has its JSON fields with transactions' data, in the order of
    the node.
    """

    height: int
    rid: str
    timestamp: int
    stated: Mapping[str, Any]

    @classmethod
    def read(cls, stated: Mapping[str, Any]) -> Self:
        """The block in these JSON fields."""
        return cls(stated["height"], stated["rid"].upper(), stated["timestamp"], stated)

    @property
    def json(self) -> bytes:
        """The text in which it is served with the transactions' data."""
        return to_json(self.stated)

    @property
    def json_without_data(self) -> bytes:
        """The text in which it is served without them."""
        bare = [{key: tx[key] for key in tx if key != "data"} for tx in self.stated["transactions"]]
        return to_json({**self.stated, "transactions": bare})


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction and its block; RID, hash and data in uppercase hex."""

    rid: str
    hash: str
    data: str
    block: Block


class Chain(Protocol):
    """What can be asked of one chain. Each method raises `Refusal` for what its node would refuse."""

    @property
    def brid(self) -> str:
        """The chain's RID."""

    @property
    def next_height(self) -> int:
        """The height of the block after the last."""

    def check_live(self) -> None:
        """Refuse with 503 while the chain is changing its configuration."""

    def block_at(self, height: int) -> Block | None:
        """The block at this height."""

    def block_by_rid(self, rid: str) -> Block | None:
        """The block with this RID."""

    def newest_blocks(
        self, limit: int, *, before_height: int | None, before_time: int | None
    ) -> Sequence[Block]:
        """Blocks newest first, below a height or a time (ms) where one is given."""

    def transaction(self, rid: str) -> Transaction | None:
        """The confirmed transaction with this RID."""

    def newest_transactions(
        self, limit: int, *, before_time: int | None, signer: bytes | None
    ) -> Sequence[Transaction]:
        """Confirmed transactions newest first, of blocks before a time (ms), signed by a key."""

    def transaction_count(self) -> int:
        """How many are confirmed."""

    def status(self, rid: str) -> Mapping[str, str]:
        """`status`, and `rejectReason` where there is one, of any transaction."""

    def proof(self, transaction: Transaction) -> str:
        """Its confirmation proof (GTV)."""

    def signature(self, block: Block) -> Mapping[str, bytes] | None:
        """The node's own signature of a block: `subjectID` and `data`."""

    def configuration(self, height: int) -> bytes | None:
        """The configuration (GTV) that was set at exactly this height."""

    def running_configuration(self) -> bytes | None:
        """The one in force."""

    def next_configuration_height(self, after: int) -> int | None:
        """The lowest height above this one at which a configuration is set."""

    def submit(self, data: bytes) -> None:
        """Take a transaction in."""

    def query(self, name: str, arguments: Mapping[str, gtv.Gtv]) -> gtv.Encodable:
        """Answer a query of the dapp."""

    def query_untyped(self, name: str, arguments: Mapping[str, str]) -> gtv.Encodable:
        """Answer a query whose arguments are text."""

    def state(self) -> str:
        """What the node does for the chain, as `RUNNING_VALIDATOR`."""

    def own_status(self) -> Mapping[str, Any]:
        """Where the node is in building blocks."""

    def peer_statuses(self) -> Sequence[Mapping[str, Any]]:
        """Where its peers are."""


class Node(Protocol):
    """A node, which runs chains."""

    def chain(self, name: str) -> Chain:
        """The chain of this name, a RID in hex or a number as `iid_1`. Raises `Refusal`."""
