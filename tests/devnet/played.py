"""A scenario played on a chain of which only the dapp is there; a block closes every three seconds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from devnet.dapp.dapp import Dapp
from devnet.dapp.sources import modules, sources
from devnet.scenarios import Pause, Post, begin
from indexer.postchain import configuration, gtv, gtx, secp256k1
from indexer.postchain.configuration import Configuration
from indexer.postchain.gtx import Transaction

BRID = b"\x0b" * 32
FIRST_AT_MS = 1_728_600_000_000
BLOCK_MS = 3_000


def configured(*, upgraded: bool = False, owner: bytes = b"\x01" * 32) -> Configuration:
    """The devnet's configuration, as far as the dapp reads it; `owner` is a private key."""
    rell: gtv.Encodable = {
        "modules": modules(upgraded=upgraded),
        "sources": sources(owner=secp256k1.public_key(owner), upgraded=upgraded),
    }
    return configuration.decode(gtv.encode({"gtx": {"rell": rell}, "signers": []}))


@dataclass(slots=True)
class Played:
    """A chain in the making. Everything posted is checked, and executed when its block closes."""

    dapp: Dapp
    elapsed_ms: int = 0
    height: int = 1
    waiting: list[Transaction] = field(default_factory=list)
    posted: list[bytes] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)

    def play(self, name: str, *, seed: int, steps: int) -> None:
        """So many steps of a scenario, or all of them, and one block after."""
        begun = begin(name, seed=seed, dapp=self.dapp, now=lambda: (FIRST_AT_MS + self.elapsed_ms) / 1_000)
        for step in islice(begun, steps):
            if isinstance(step, Pause):
                self._wait(int(step.seconds * 1_000))
            else:
                self._post(step)
        self._wait(BLOCK_MS)

    def _post(self, post: Post) -> None:
        data = post.data(brid=BRID, version=1)
        transaction = gtx.decode(data, version=1)
        assert gtx.first_bad_signature(transaction) is None
        self.dapp.check_all(transaction.operations)
        self.waiting.append(transaction)
        self.posted.append(data)

    def _wait(self, pause_ms: int) -> None:
        ends = self.elapsed_ms + pause_ms
        while self.height * BLOCK_MS <= ends:
            self.elapsed_ms = max(self.elapsed_ms, self.height * BLOCK_MS)
            self._close()
        self.elapsed_ms = ends

    def _close(self) -> None:
        before = FIRST_AT_MS + (self.height - 1) * BLOCK_MS
        for transaction in self.waiting:
            self.dapp.execute(transaction, height=self.height, last_block_time=before)
        self.blocks.append(len(self.waiting))
        self.waiting.clear()
        self.height += 1

    def transactions(self) -> Iterator[Transaction]:
        """Everything that was posted."""
        return (gtx.decode(data, version=1) for data in self.posted)


def played(name: str, *, seed: int = 1, steps: int = 100_000) -> Played:
    """A scenario on a new chain."""
    chain = Played(Dapp(configured()))
    chain.play(name, seed=seed, steps=steps)
    return chain
