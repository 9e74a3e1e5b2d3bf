"""A recorded chain as its node showed it, and that node: it runs no other chain and takes no transactions.

What only the node could know, such as answers to queries, is refused with a plain sentence.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from devnet.chain import proofs
from devnet.recorded.recording import Block, Recording, Transaction
from devnet.rest import asked
from devnet.rest.answers import Refusal
from devnet.rest.view import Chain
from indexer.postchain import gtv, gtx
from indexer.postchain.block import decode_header


class RecordedChain:
    """A chain and its node, from a recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def chain(self, name: str) -> Chain:
        """The one chain; raises Refusal for another name."""
        spelling = self._recording.spelling
        if name not in (spelling.brid, f"iid_{spelling.iid}"):
            raise asked.unknown_chain(name)
        return self

    @property
    def brid(self) -> str:
        return self._recording.spelling.brid

    @property
    def next_height(self) -> int:
        return self._recording.next_height

    def check_live(self) -> None:
        return

    def block_at(self, height: int) -> Block | None:
        return self._recording.blocks[height] if 0 <= height < self.next_height else None

    def block_by_rid(self, rid: str) -> Block | None:
        return self._recording.blocks_by_rid.get(rid)

    def newest_blocks(
        self, limit: int, *, before_height: int | None, before_time: int | None
    ) -> Sequence[Block]:
        blocks = self._recording.blocks
        end = len(blocks) if before_height is None else max(0, before_height)
        newest = islice(reversed(blocks), max(0, len(blocks) - end), None)
        found = (block for block in newest if before_time is None or block.timestamp < before_time)
        return list(islice(found, limit))

    def transaction(self, rid: str) -> Transaction | None:
        return self._recording.transactions.get(rid)

    def newest_transactions(
        self, limit: int, *, before_time: int | None, signer: bytes | None
    ) -> Sequence[Transaction]:
        newest: Iterable[Transaction] = reversed(self._recording.transactions.values())
        found = (tx for tx in newest if before_time is None or tx.block.timestamp < before_time)
        signed = (tx for tx in found if signer is None or _is_signed_by(tx, signer))
        return list(islice(signed, limit))

    def transaction_count(self) -> int:
        return len(self._recording.transactions)

    def status(self, rid: str) -> Mapping[str, str]:
        return {"status": "confirmed" if rid in self._recording.transactions else "unknown"}

    def proof(self, transaction: Transaction) -> str:
        recorded = self._recording.proofs.get(transaction.rid)
        return recorded or proofs.of(transaction).hex().upper()

    def signature(self, block: Block) -> Mapping[str, bytes] | None:
        raise _unrecorded("the node's own signature of a block")

    def configuration(self, height: int) -> bytes | None:
        return self._recording.configurations.get(height)

    def running_configuration(self) -> bytes | None:
        heights = [height for height in self._recording.configurations if height <= self.next_height]
        return self._recording.configurations[max(heights)] if heights else None

    def next_configuration_height(self, after: int) -> int | None:
        return min((height for height in self._recording.configurations if height > after), default=None)

    def submit(self, data: bytes) -> None:
        posted = data.hex().upper()
        if any(posted == tx.data for tx in self._recording.transactions.values()):
            raise Refusal(409, "Transaction already in database")
        raise Refusal(503, "This is a recording of a node: it takes no transactions")

    def query(self, name: str, arguments: Mapping[str, gtv.Gtv]) -> gtv.Encodable:
        raise _unrecorded("this query with these arguments")

    def query_untyped(self, name: str, arguments: Mapping[str, str]) -> gtv.Encodable:
        raise _unrecorded("this query with these arguments")

    def state(self) -> str:
        return "RUNNING_READ_ONLY"

    def own_status(self) -> Mapping[str, Any]:
        raise _unrecorded("how its node builds blocks")

    def peer_statuses(self) -> Sequence[Mapping[str, Any]]:
        raise _unrecorded("how its node builds blocks")


def _unrecorded(what: str) -> Refusal:
    return Refusal(400, f"This is a recording of a node, and {what} was not recorded")


def _is_signed_by(transaction: Transaction, signer: bytes) -> bool:
    version = decode_header(bytes.fromhex(transaction.block.stated["header"])).merkle_version
    return signer in gtx.decode(bytes.fromhex(transaction.data), version=version).signers
