"""A running chain as its node shows it."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from devnet.chain import proofs, validators
from devnet.chain.chain import Chain, now
from devnet.dapp.dapp import QueryRefused
from devnet.rest.answers import Refusal
from devnet.rest.view import Block, Transaction
from indexer.postchain import gtv, secp256k1
from indexer.postchain.block import decode_witness
from indexer.postchain.verify import StatedBlock

_SERIAL_EPOCH_MS = 1_518_000_000_000


class ShownChain:
    """What a node's routes ask of a running chain (`devnet.rest.view.Chain`). The node is the first of its
    signers.
    """

    def __init__(self, running: Chain) -> None:
        self.running = running

    @property
    def brid(self) -> str:
        return _hex(self.running.brid)

    @property
    def next_height(self) -> int:
        return self.running.next_height

    def check_live(self) -> None:
        if not self.running.is_live:
            raise Refusal(503, "Blockchain is unavailable")

    def block_at(self, height: int) -> Block | None:
        with self.running.lock:
            found = self.running.store.block(height)
        return None if found is None else _shown(found)

    def block_by_rid(self, rid: str) -> Block | None:
        with self.running.lock:
            found = self.running.store.block_by_rid(bytes.fromhex(rid))
        return None if found is None else _shown(found)

    def newest_blocks(
        self, limit: int, *, before_height: int | None, before_time: int | None
    ) -> Sequence[Block]:
        with self.running.lock:
            heights = self.running.store.newest_heights(
                limit, before_height=before_height, before_time=before_time
            )
        return [block for height in heights if (block := self.block_at(height)) is not None]

    def transaction(self, rid: str) -> Transaction | None:
        with self.running.lock:
            placed = self.running.store.placed(bytes.fromhex(rid))
        block = None if placed is None else self.block_at(placed.height)
        return None if block is None else _transactions(block)[rid]

    def newest_transactions(
        self, limit: int, *, before_time: int | None, signer: bytes | None
    ) -> Sequence[Transaction]:
        with self.running.lock:
            placed = self.running.store.newest_placed(limit, before_time=before_time, signer=signer)
        found = []
        for height, group in groupby(placed, key=lambda each: each.height):
            block = self.block_at(height)
            if block is not None:
                transactions = _transactions(block)
                found += [transactions[_hex(each.rid)] for each in group]
        return found

    def transaction_count(self) -> int:
        with self.running.lock:
            return self.running.store.transaction_count()

    def status(self, rid: str) -> Mapping[str, str]:
        key = bytes.fromhex(rid)
        with self.running.lock:
            if key in self.running.mempool:
                return {"status": "waiting"}
            if self.running.store.placed(key) is not None:
                return {"status": "confirmed"}
            reason = self.running.mempool.reason(key)
        return {"status": "unknown"} if reason is None else {"status": "rejected", "rejectReason": reason}

    def proof(self, transaction: Transaction) -> str:
        return _hex(proofs.of(transaction))

    def signature(self, block: Block) -> Mapping[str, bytes] | None:
        key = self._signers(block.height)[0]
        signed = secp256k1.sign(bytes.fromhex(block.rid), private_key=validators.KEYS[key])
        return {"subjectID": key, "data": signed}

    def configuration(self, height: int) -> bytes | None:
        found = self.running.history.at(height)
        return None if found is None else found.raw

    def running_configuration(self) -> bytes | None:
        return self.running.configuration.raw

    def next_configuration_height(self, after: int) -> int | None:
        return self.running.history.next_height(after)

    def submit(self, data: bytes) -> None:
        self.running.submit(data)

    def query(self, name: str, arguments: Mapping[str, gtv.Gtv]) -> gtv.Encodable:
        return self._answer(
            lambda: self.running.application.query(name, arguments, last_block=self.running.last)
        )

    def query_untyped(self, name: str, arguments: Mapping[str, str]) -> gtv.Encodable:
        return self._answer(
            lambda: self.running.application.query_untyped(name, arguments, last_block=self.running.last)
        )

    def state(self) -> str:
        return "RUNNING_VALIDATOR"

    def own_status(self) -> Mapping[str, Any]:
        return {**self._status(self._signers(self.next_height)[0]), "error": "[]"}

    def peer_statuses(self) -> Sequence[Mapping[str, Any]]:
        others = self._signers(self.next_height)[1:]
        return [{**self._status(key), "error": "null"} for key in others]

    def _answer(self, ask: Callable[[], gtv.Encodable]) -> gtv.Encodable:
        """The answer of the code as it stands after one block."""
        with self.running.lock:
            try:
                return ask()
            except QueryRefused as error:
                raise Refusal(error.status, error.text) from None

    def _signers(self, height: int) -> Sequence[bytes]:
        return self.running.history.in_force(height).signers

    def _status(self, key: bytes) -> dict[str, Any]:
        return {
            "pubKey": _hex(key),
            "type": "NODE_TYPE_VALIDATOR",
            "state": "WaitBlock",
            "height": self.next_height,
            "serial": now() - _SERIAL_EPOCH_MS,
            "round": 0,
            "revolting": False,
        }


def _shown(block: StatedBlock) -> Block:
    """The block in a node's JSON fields, in a node's order."""
    return Block.read(
        {
            "rid": _hex(block.rid),
            "prevBlockRID": _hex(block.previous_rid),
            "header": _hex(block.header),
            "height": block.height,
            "transactions": [
                {"rid": _hex(tx.rid), "hash": _hex(tx.hash), "data": _hex(tx.data)}
                for tx in block.transactions
            ],
            "witness": _hex(block.witness),
            "witnesses": [_hex(each.subject) for each in decode_witness(block.witness)],
            "timestamp": block.timestamp,
        }
    )


def _transactions(block: Block) -> dict[str, Transaction]:
    return {
        tx["rid"]: Transaction(tx["rid"], tx["hash"], tx["data"], block)
        for tx in block.stated["transactions"]
    }


def _hex(data: bytes) -> str:
    return data.hex().upper()
