"""The dapp's rules and the digest read a second time, as plainly as they are written down.

Slow, with whole copies of the state, and with nothing of `indexer.dapp`: what the package is compared with.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tests.indexer.postchain import plain


@dataclass(frozen=True)
class Said:
    """An operation on the chain: its name and arguments, and who signed."""

    name: str
    arguments: Sequence[Any]
    signers: Sequence[bytes] = ()


@dataclass(frozen=True)
class Row:
    """A live record; texts are as they were signed."""

    prompt_id: int
    created_at: int
    uid: int
    seed: int
    model: str
    provider: str
    messages: str
    result: str


@dataclass(frozen=True)
class Change:
    """A revision: what one operation did to one record."""

    position: int
    prompt_id: int
    kind: str


@dataclass
class PlainChain:
    """Everything that a chain's operations did, block by block. `time` is the last block's."""

    brid: bytes
    owner: bytes | None
    time: int = 0
    last_id: int = 0
    rows: dict[int, Row] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    owners: list[tuple[int, bytes | None]] = field(default_factory=list)
    states: list[list[Row]] = field(default_factory=list)
    digests: dict[int, bytes] = field(default_factory=dict)
    digest: bytes = b""

    def __post_init__(self) -> None:
        self.digest = self.brid

    def block(self, calls: Sequence[Said], *, at: int) -> None:
        """The next block, at its time in ms."""
        height = len(self.states)
        before = len(self.changes)
        for ordinal, said in enumerate(calls):
            self._apply(height * 2**20 + ordinal, said)
        if len(self.changes) > before:
            self.digests[height] = self.digest
        self.states.append(newest_first(self.rows.values()))
        self.time = at

    def _apply(self, position: int, said: Said) -> None:
        read = _read(said)
        if read is None:
            self._apply_unread(position, said)
            return
        if self.owner is not None and self.owner not in said.signers:
            self.broken.append((position, "owner-signs", self.owner.hex().upper()))
        getattr(self, f"_{said.name}")(position, said, *read)

    def _apply_unread(self, position: int, said: Said) -> None:
        if said.name not in _TYPES:
            return
        self.broken.append((position, "arguments-not-known", said.name))
        if said.name == "add_prompt_history":
            self.last_id += 1
        if said.name == "change_owner" and self.owner is not None:
            self.owner = None
            self.owners.append((position, None))

    def _add_prompt_history(
        self,
        position: int,
        said: Said,
        uid: int,
        messages: str,
        result: str,
        seed: int,
        model: str,
        provider: str,
    ) -> None:
        self.last_id += 1
        row = Row(self.last_id, self.time, uid, seed, model, provider, messages, result)
        self.rows[self.last_id] = row
        self._changed(position, said.name, row, result)

    def _update_prompt_history(self, position: int, said: Said, prompt_id: int, result: str) -> None:
        if prompt_id not in self.rows:
            self.broken.append((position, "record-exists", said.name))
            return
        old = self.rows[prompt_id]
        new = Row(**{**vars(old), "result": result})
        self.rows[prompt_id] = new
        self._changed(position, said.name, new, result)

    def _delete_prompt_history(self, position: int, said: Said, prompt_id: int) -> None:
        if prompt_id not in self.rows:
            self.broken.append((position, "record-exists", said.name))
            return
        self._changed(position, said.name, self.rows.pop(prompt_id), None)

    def _batch_delete_prompt_histories(self, position: int, said: Said, start: int, end: int) -> None:
        found = [row for row in self.rows.values() if start < row.created_at < end]
        taken = newest_first(found)[:100]
        for row in sorted(taken, key=lambda each: each.prompt_id):
            self._changed(position, said.name, self.rows.pop(row.prompt_id), None)

    def _change_owner(self, position: int, said: Said, key: bytes) -> None:
        if key not in said.signers:
            self.broken.append((position, "next-owner-signs", key.hex().upper()))
        if key != self.owner:
            self.owners.append((position, key))
        self.owner = key

    def _changed(self, position: int, kind: str, row: Row, result: str | None) -> None:
        item = [
            kind,
            position,
            row.prompt_id,
            row.created_at,
            int(row.uid),
            int(row.seed),
            row.model,
            row.provider,
            sha256(row.messages.encode()).digest(),
            None if result is None else sha256(result.encode()).digest(),
        ]
        self.digest = sha256(self.digest + plain.encode(item)).digest()
        self.changes.append(Change(position, row.prompt_id, kind))


def newest_first(rows: Any) -> list[Row]:
    """By created_at descending, then prompt id ascending."""
    return sorted(rows, key=lambda row: (-row.created_at, row.prompt_id))


def latest_id(rows: Sequence[Row]) -> int:
    """What `latest_prompt_id` answers: the lowest id of the newest block with live records, 0 without any."""
    return rows[0].prompt_id if rows else 0


_TYPES = {
    "add_prompt_history": ("integer", "text", "text", "integer", "text", "text"),
    "update_prompt_history": ("integer", "text"),
    "delete_prompt_history": ("integer",),
    "batch_delete_prompt_histories": ("integer", "integer"),
    "change_owner": ("key",),
}


def _read(said: Said) -> list[Any] | None:
    """The arguments as the dapp takes them, or None where it does not."""
    types = _TYPES.get(said.name)
    if types is None or len(types) != len(said.arguments):
        return None
    read: list[Any] = []
    for kind, value in zip(types, said.arguments, strict=True):
        if kind == "integer" and isinstance(value, int) and -(2**63) <= value < 2**63:
            read.append(int(value))
        elif (kind == "text" and isinstance(value, str)) or (kind == "key" and isinstance(value, bytes)):
            read.append(value)
        elif kind == "key" and isinstance(value, str) and _is_hex(value):
            read.append(bytes.fromhex(value))
        else:
            return None
    return read


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(each in "0123456789abcdefABCDEF" for each in text)
