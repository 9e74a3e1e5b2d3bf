"""A chain that runs: it takes transactions in, builds and signs blocks, and keeps them.

Blocks are closed when `close_block` is called; when that is due, `devnet.chain.pace` says. What the chain's
code does is its application's, whose state lives in memory: a chain that is opened again replays its blocks.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devnet.chain import validators
from devnet.chain.application import Application, Make
from devnet.chain.configurations import History
from devnet.chain.mempool import Mempool, Waiting
from devnet.chain.pace import MOST_BYTES, Pace
from devnet.chain.store import Store
from devnet.dapp.dapp import LastBlock, Rejected
from devnet.rest import submission
from devnet.rest.answers import Refusal
from indexer.postchain import gtx, secp256k1
from indexer.postchain.block import Header, WitnessSignature, encode_header, encode_witness, header_rid
from indexer.postchain.configuration import Configuration, decode
from indexer.postchain.gtx import Transaction
from indexer.postchain.merkle import root_of_hashes
from indexer.postchain.verify import StatedBlock, StatedTransaction

Clock = Callable[[], int]
"""Gives the time in ms since the epoch."""


class NotTheSame(ValueError):
    """A store whose blocks the chain's code would not build."""


class BadConfiguration(ValueError):
    """A configuration that cannot come into force where it should; the message says why."""


class TooEarly(ValueError):
    """A time for a block that is not after the last block's."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the next block is to hold."""

    timestamp: int
    transactions: Sequence[Transaction]
    datas: Sequence[bytes]


def now() -> int:
    """The time in ms since the epoch."""
    return time.time_ns() // 1_000_000


class Chain:
    """A chain over its store, which must hold the configuration of height 0. Safe for several threads.

    After a configuration has come into force the chain is not live for `pause` seconds. `block_time`, ms from
    an empty block to the next, takes the place of its configuration's where it is set. Raises NotTheSame.
    """

    def __init__(self, store: Store, *, make: Make, clock: Clock = now, pause: float = 0.0) -> None:
        self.lock = threading.RLock()
        self.store = store
        self.history = History(store.configurations())
        first = self.history.in_force(0)
        self.brid = first.hash
        self.mempool = Mempool()
        self.block_time: int | None = None
        self.last: LastBlock | None
        self.application: Application
        self.pace: Pace
        self._make = make
        self._clock = clock
        self.pause = pause
        self._live_from = time.monotonic()
        self._replay()

    @property
    def next_height(self) -> int:
        """The height of the block that is built next."""
        return 0 if self.last is None else self.last.height + 1

    @property
    def configuration(self) -> Configuration:
        """The one in force in the next block."""
        return self.history.in_force(self.next_height)

    @property
    def is_live(self) -> bool:
        """Whether it is not changing its configuration."""
        return time.monotonic() >= self._live_from

    def close(self) -> None:
        """Let go of the store."""
        with self.lock:
            self.store.close()

    def submit(self, data: bytes) -> bytes:
        """Take a transaction in; gives its RID. Raises Refusal."""
        with self.lock:
            transaction = self._read(data)
            if self.store.placed(transaction.rid) is not None:
                raise Refusal(409, "Transaction already in database")
            self.mempool.add(Waiting(transaction, data, self._clock()))
            return transaction.rid

    def is_block_due(self) -> bool:
        """Whether the pace wants a block now."""
        with self.lock:
            if not self.is_live:
                return False
            last_at = 0 if self.last is None else self.last.timestamp
            pace = self.pace if self.block_time is None else self.pace.within(self.block_time)
            return pace.is_due(
                self._clock(), last_at=last_at, waiting=len(self.mempool), since=self.mempool.since
            )

    def close_block(
        self,
        *,
        at: int | None = None,
        signers: Sequence[bytes] | None = None,
        special: Sequence[bytes] = (),
    ) -> StatedBlock:
        """Build, sign and keep the next block from what waits, after transactions of the chain's own.

        `at` is its time (ms), now unless given; `signers` are the validators that sign, in this order. Raises
        TooEarly, and sqlite3.Error where it cannot be kept: then nothing has changed.
        """
        with self.lock:
            timestamp = self._timestamp(at)
            draft = self._draft(timestamp, special)
            block = self._sealed(draft, signers)
            self._keep(block, draft)
            for each in draft.transactions:
                self.mempool.remove(each.rid)
            self._advance(block)
            if self.history.at(self.next_height) is not None:
                self._adopt()
            return block

    def set_configuration(self, height: int, raw: bytes) -> None:
        """Set a configuration (GTV) that is in force from this height on. Raises BadConfiguration, or what
        reading it or knowing its signers' keys raises.
        """
        configuration = decode(raw)
        validators.check_known(configuration.signers)
        with self.lock:
            if height < max(1, self.next_height):
                raise BadConfiguration(
                    f"block {self.next_height} is next: a configuration can be set for it or a later one, "
                    f"not for {height}"
                )
            if configuration.merkle_version < self.configuration.merkle_version:
                raise BadConfiguration("the version of the merkle hash cannot fall")
            self.store.set_configuration(height, raw)
            self.history.set(height, configuration)
            if height == self.next_height:
                self._adopt()

    def _read(self, data: bytes) -> Transaction:
        return submission.read(
            data,
            brid=self.brid,
            version=self.configuration.merkle_version,
            check=self.application.check_all,
        )

    def _timestamp(self, at: int | None) -> int:
        earliest = 0 if self.last is None else self.last.timestamp + 1
        if at is not None and at < earliest:
            raise TooEarly(
                f"block {self.next_height} cannot be of {at} ms: the last one's time is {earliest - 1}"
            )
        return max(self._clock(), earliest) if at is None else at

    def _draft(self, timestamp: int, special: Sequence[bytes]) -> _Draft:
        """What goes into the next block; what fails in it is rejected."""
        version = self.configuration.merkle_version
        transactions = [gtx.decode(data, version=version) for data in special]
        for each in transactions:
            self._execute(each)
        datas = list(special)
        for waiting in self.mempool.first(count=self.pace.transactions, size=MOST_BYTES):
            try:
                self._execute(waiting.transaction)
            except Rejected as error:
                self.mempool.reject(waiting.transaction.rid, str(error))
                continue
            transactions.append(waiting.transaction)
            datas.append(waiting.data)
        return _Draft(timestamp, transactions, datas)

    def _execute(self, transaction: Transaction) -> None:
        last_block_time = -1 if self.last is None else self.last.timestamp
        self.application.execute(transaction, height=self.next_height, last_block_time=last_block_time)

    def _sealed(self, draft: _Draft, signers: Sequence[bytes] | None) -> StatedBlock:
        header = self._header(draft)
        rid = header_rid(header)
        signing = validators.chosen(self.configuration.signers, seed=rid) if signers is None else signers
        signatures = [
            WitnessSignature(key, secp256k1.sign(rid, private_key=validators.KEYS[key])) for key in signing
        ]
        return StatedBlock(
            rid=rid,
            previous_rid=header.previous_rid,
            header=encode_header(header),
            height=header.height,
            timestamp=header.timestamp,
            transactions=tuple(
                StatedTransaction(each.rid, each.hash, data)
                for each, data in zip(draft.transactions, draft.datas, strict=True)
            ),
            witness=encode_witness(signatures),
            witnesses=tuple(signing),
        )

    def _header(self, draft: _Draft) -> Header:
        configuration = self.configuration
        version = configuration.merkle_version
        extra: dict[str, bytes | int] = {}
        if configuration.names_itself_in_headers:
            extra["config_hash"] = configuration.hash
        if version > 1:
            extra["merkle_hash_version"] = version
        return Header(
            brid=self.brid,
            previous_rid=self.brid if self.last is None else self.last.rid,
            transactions_root=root_of_hashes([each.hash for each in draft.transactions], version=version),
            timestamp=draft.timestamp,
            height=self.next_height,
            extra=dict(extra),
        )

    def _keep(self, block: StatedBlock, draft: _Draft) -> None:
        try:
            self.store.append(block, signers=[each.signers for each in draft.transactions])
        except sqlite3.Error:
            self._replay()  # or the application would be a block ahead of what is kept
            raise

    def _advance(self, block: StatedBlock) -> None:
        self.last = LastBlock(height=block.height, timestamp=block.timestamp, rid=block.rid)

    def _adopt(self) -> None:
        """Go over to the configuration of the next block: what was rejected is forgotten, what waits is
        looked at again.
        """
        self._run(self.configuration)
        for waiting in self.mempool.empty():
            try:
                transaction = self._read(waiting.data)
            except Refusal:
                continue
            self.mempool.add(Waiting(transaction, waiting.data, waiting.at))
        self._live_from = time.monotonic() + self.pause

    def _run(self, configuration: Configuration) -> None:
        self.application.adopt(configuration)
        self.pace = Pace.of(configuration.raw)

    def _replay(self) -> None:
        """Bring a new application to where the stored blocks end."""
        first = self.history.in_force(0)
        self.application = self._make(first)
        self.pace = Pace.of(first.raw)
        self.last = None
        for block in self.store.blocks():
            version = self.configuration.merkle_version
            for stated in block.transactions:
                try:
                    self._execute(gtx.decode(stated.data, version=version))
                except Rejected as error:
                    raise NotTheSame(
                        f"block {block.height} holds a transaction that is refused now ({error}): "
                        "it was built by other code, so take another state folder"
                    ) from error
            self._advance(block)
            if self.history.at(self.next_height) is not None:
                self._run(self.configuration)


def begin(store: Store, configuration: bytes) -> None:
    """Make the store that of a new chain with this configuration at height 0, unless it has one."""
    if not store.configurations():
        validators.check_known(decode(configuration).signers)
        store.set_configuration(0, configuration)
