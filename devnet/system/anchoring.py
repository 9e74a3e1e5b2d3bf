"""Anchoring chains: their blocks hold headers of other chains' blocks (directory chain,
`anchoring_chain_common`).

`__anchor_block_header(block_rid, header, witness)` is an operation that only the node itself makes, in a
transaction without signers. A block of a chain is anchored at one height once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from devnet.chain.chain import Chain
from devnet.dapp.parameters import BYTE_ARRAY, INTEGER, Parameter
from devnet.system.code import Query, SystemCode
from indexer.postchain import gtv
from indexer.postchain.configuration import Configuration
from indexer.postchain.gtx import Operation, Transaction, build
from indexer.postchain.gtx import encode as encode_transaction

ANCHOR = "__anchor_block_header"
_MOST_IN_ONE = 500


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A block as it was anchored, and where."""

    brid: bytes
    height: int
    rid: bytes
    header: bytes
    witness: bytes
    transaction: Transaction
    operation: int

    def shown(self) -> gtv.Encodable:
        """The block as the queries give it."""
        return {
            "blockchain_rid": self.brid,
            "block_height": self.height,
            "block_rid": self.rid,
            "block_header": self.header,
            "witness": self.witness,
            "anchoring_tx_op_index": self.operation,
        }


class AnchoringCode(SystemCode):
    """The code of an anchoring chain, and what is anchored on it."""

    def __init__(self, configuration: Configuration) -> None:
        chain, block = Parameter("blockchain_rid", BYTE_ARRAY), Parameter("block_rid", BYTE_ARRAY)
        super().__init__(
            {
                "get_anchoring_transaction_for_block_rid": Query((chain, block), self._transaction),
                "is_block_anchored": Query((chain, block), self._is_anchored),
                "get_last_anchored_block": Query((chain,), self._last),
                "get_anchored_block_at_height": Query((chain, Parameter("height", INTEGER)), self._at_height),
            }
        )
        self._by_chain: dict[bytes, dict[int, _Anchored]] = {}
        self._by_rid: dict[bytes, _Anchored] = {}

    def execute(self, transaction: Transaction, *, height: int, last_block_time: int) -> None:
        """Remember the headers in a transaction of the node's own."""
        for index, operation in enumerate(transaction.operations):
            rid, header, witness = operation.arguments
            assert isinstance(rid, bytes)
            assert isinstance(header, list)
            assert isinstance(witness, bytes)
            brid, at = header[0], header[4]
            assert isinstance(brid, bytes)
            assert isinstance(at, int)
            anchored = _Anchored(brid, at, rid, gtv.encode(header), witness, transaction, index)
            self._by_chain.setdefault(brid, {})[at] = anchored
            self._by_rid[rid] = anchored

    def next_height(self, brid: bytes) -> int:
        """The height of the first block of a chain that is not anchored."""
        return len(self._by_chain.get(brid, ()))

    def _transaction(self, brid: bytes, rid: bytes) -> gtv.Encodable:
        found = self._found(brid, rid)
        if found is None:
            return None
        sent = found.transaction
        return {
            "tx_rid": sent.rid,
            "tx_data": encode_transaction(sent),
            "tx_op_index": found.operation,
        }

    def _is_anchored(self, brid: bytes, rid: bytes) -> gtv.Encodable:
        return int(self._found(brid, rid) is not None)

    def _last(self, brid: bytes) -> gtv.Encodable:
        return self._at_height(brid, self.next_height(brid) - 1)

    def _at_height(self, brid: bytes, height: int) -> gtv.Encodable:
        found = self._by_chain.get(brid, {}).get(height)
        return None if found is None else found.shown()

    def _found(self, brid: bytes, rid: bytes) -> _Anchored | None:
        found = self._by_rid.get(rid)
        return found if found is not None and found.brid == brid else None


def anchor(anchoring: Chain, chains: Sequence[Chain]) -> None:
    """Close a block of an anchoring chain over the blocks of these chains that it does not have; none where
    it has all.
    """
    code = anchoring.application
    assert isinstance(code, AnchoringCode)
    operations = [each for chain in chains for each in _headers(chain, code.next_height(chain.brid))]
    special = [
        build(
            brid=anchoring.brid,
            operations=operations[start : start + _MOST_IN_ONE],
            private_keys=(),
            version=anchoring.configuration.merkle_version,
        )
        for start in range(0, len(operations), _MOST_IN_ONE)
    ]
    if special:
        anchoring.close_block(special=special)


def _headers(chain: Chain, height: int) -> list[Operation]:
    found = []
    with chain.lock:
        while (block := chain.store.block(height)) is not None:
            found.append(Operation(ANCHOR, (block.rid, gtv.decode(block.header), block.witness)))
            height += 1
    return found
