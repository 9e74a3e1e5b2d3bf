"""What a chain of the devnet keeps: blocks, transactions and configurations in one SQLite file.

One process has a file at a time. A block is there wholly or not at all, also after a `kill -9`.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.postchain.verify import StatedBlock, StatedTransaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS configurations (height INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (
    height INTEGER PRIMARY KEY,
    rid BLOB NOT NULL UNIQUE,
    previous_rid BLOB NOT NULL,
    timestamp INTEGER NOT NULL,
    header BLOB NOT NULL,
    witness BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS transactions (
    number INTEGER PRIMARY KEY,
    rid BLOB NOT NULL UNIQUE,
    hash BLOB NOT NULL,
    data BLOB NOT NULL,
    height INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS transactions_by_height ON transactions (height);
CREATE TABLE IF NOT EXISTS signers (
    key BLOB NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)
) WITHOUT ROWID;
"""
_BLOCK = "SELECT height, rid, previous_rid, timestamp, header, witness FROM blocks"
_PLACED = "SELECT t.rid, t.height FROM transactions t"
_LOCK_SECONDS = 1.0


class Unusable(OSError):
    """A file that cannot be used, with what to do about it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The RID of a transaction and the height of its block."""

    rid: bytes
    height: int


class Store:
    """A chain's file; `path` None keeps everything in memory. Callers see to it that one thread at a time is
    here. Raises Unusable.
    """

    def __init__(self, path: Path | None) -> None:
        where = ":memory:" if path is None else str(path)
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _opened(where)
        except (sqlite3.Error, OSError) as error:
            raise Unusable(
                f"{where} cannot be used ({error}): another devnet may be running there; "
                "stop that one, or give another state folder"
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def configurations(self) -> dict[int, bytes]:
        """Configurations by the height at which they are set, lowest first."""
        return dict(self._connection.execute("SELECT height, raw FROM configurations ORDER BY height"))

    def set_configuration(self, height: int, raw: bytes) -> None:
        """Set a configuration, in place of one that was set at that height."""
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO configurations VALUES (?, ?)", (height, raw))

    def append(self, block: StatedBlock, *, signers: Sequence[Sequence[bytes]]) -> None:
        """Add a block; `signers` are the keys of each of its transactions."""
        head = (block.height, block.rid, block.previous_rid, block.timestamp, block.header, block.witness)
        with self._connection:
            self._connection.execute("INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?)", head)
            for tx, keys in zip(block.transactions, signers, strict=True):
                number = self._connection.execute(
                    "INSERT INTO transactions (rid, hash, data, height) VALUES (?, ?, ?, ?)",
                    (tx.rid, tx.hash, tx.data, block.height),
                ).lastrowid
                self._connection.executemany(
                    "INSERT OR IGNORE INTO signers VALUES (?, ?)", [(key, number) for key in keys]
                )

    def blocks(self) -> Iterator[StatedBlock]:
        """All blocks, from the first."""
        height = 0
        while (found := self.block(height)) is not None:
            yield found
            height += 1

    def last_block(self) -> StatedBlock | None:
        """The block with the greatest height."""
        return self._one(f"{_BLOCK} ORDER BY height DESC LIMIT 1")

    def block(self, height: int) -> StatedBlock | None:
        """The block at a height."""
        return self._one(f"{_BLOCK} WHERE height = ?", height)

    def block_by_rid(self, rid: bytes) -> StatedBlock | None:
        """The block with a RID."""
        return self._one(f"{_BLOCK} WHERE rid = ?", rid)

    def newest_heights(self, limit: int, *, before_height: int | None, before_time: int | None) -> list[int]:
        """Heights of blocks, greatest first, below a height or a time (ms)."""
        rows = self._connection.execute(
            "SELECT height FROM blocks WHERE (?1 IS NULL OR height < ?1) AND (?2 IS NULL OR timestamp < ?2)"
            " ORDER BY height DESC LIMIT ?3",
            (before_height, before_time, limit),
        )
        return [height for (height,) in rows]

    def placed(self, rid: bytes) -> Placed | None:
        """Where a transaction is."""
        row = self._connection.execute(f"{_PLACED} WHERE t.rid = ?", (rid,)).fetchone()
        return row and Placed(*row)

    def newest_placed(self, limit: int, *, before_time: int | None, signer: bytes | None) -> list[Placed]:
        """Transactions, newest first, of blocks before a time (ms), signed by a key."""
        sql = f"{_PLACED} WHERE t.height < ?"
        where: list[int | bytes] = [self._height_at(before_time)]
        if signer is not None:
            sql = f"{_PLACED} JOIN signers s ON s.number = t.number WHERE t.height < ? AND s.key = ?"
            where.append(signer)
        rows = self._connection.execute(f"{sql} ORDER BY t.number DESC LIMIT ?", [*where, limit])
        return [Placed(*row) for row in rows]

    def transaction_count(self) -> int:
        """How many transactions there are."""
        (count,) = self._connection.execute("SELECT COALESCE(MAX(number), 0) FROM transactions").fetchone()
        return int(count)

    def _height_at(self, time: int | None) -> int:
        """The height of the first block that is not before this time."""
        row = self._connection.execute(
            "SELECT COALESCE(MAX(height), -1) FROM blocks WHERE ?1 IS NULL OR timestamp < ?1", (time,)
        ).fetchone()
        return int(row[0]) + 1

    def _one(self, sql: str, *arguments: object) -> StatedBlock | None:
        row = self._connection.execute(sql, arguments).fetchone()
        if row is None:
            return None
        height, rid, previous_rid, timestamp, header, witness = row
        transactions = self._connection.execute(
            "SELECT rid, hash, data FROM transactions WHERE height = ? ORDER BY number", (height,)
        )
        return StatedBlock(
            rid=rid,
            previous_rid=previous_rid,
            header=header,
            height=height,
            timestamp=timestamp,
            transactions=tuple(StatedTransaction(*tx) for tx in transactions),
            witness=witness,
        )


def _opened(where: str) -> sqlite3.Connection:
    connection = sqlite3.connect(where, timeout=_LOCK_SECONDS, check_same_thread=False)
    try:
        connection.executescript(
            "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;"
        )
    except sqlite3.Error:
        connection.close()
        raise
    return connection
