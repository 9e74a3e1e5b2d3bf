"""The fold: operations in chain order become records and revisions.

Rules (dapp.md, "What replay must get right"): ids count the adds; ``created_at`` is the previous block's
time; a batch deletion takes at most 100 live records, newest block first, lowest id first within a block. A
transaction that fails is never in a block, so validity is not judged here: an operation that breaks a rule is
a ``Breach``. One whose arguments cannot be read did something all the same: an add gave out an id.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from indexer.dapp import operations
from indexer.dapp.operations import AddPrompt, BatchDelete, ChangeOwner, DeletePrompt, Effect, UpdatePrompt
from indexer.postchain import gtv

RULES = 5
"""Version of these rules: another one may give other records or another digest for the same facts.

Since 3 answers are told apart by what was said (``indexer.dapp.completion``), not by their first content.
Since 4 operations keep where there is reasoning beside an answer, and half a character in messages.
Since 5 images and files are known however they are written, and a choice that a filter emptied is one.
"""

SAID_SINCE = 3
"""The first of these rules by which answers are told apart so."""

BATCH_DELETE_LIMIT = 100
POSITIONS_A_BLOCK = 1 << 20


def position_of(height: int, ordinal: int) -> int:
    """Position of the operation with that ordinal (0-based) in the block at that height."""
    return height * POSITIONS_A_BLOCK + ordinal


def height_of(position: int) -> int:
    """Height of the block that holds the operation at ``position``."""
    return position // POSITIONS_A_BLOCK


class Placed(Struct, frozen=True, gc=False):
    """An operation at its place in the chain, with the keys that signed its transaction."""

    position: int
    signers: Sequence[bytes]
    effect: Effect


class Record(Struct, frozen=True, gc=False):
    """A live record. ``messages`` is SHA-256 of the argument as signed."""

    prompt_id: int
    position: int
    created_at: int
    uid: int
    seed: int
    model: str
    provider: str
    messages: bytes
    revised_position: int
    revisions: int


class Revision(Struct, frozen=True, gc=False):
    """What one operation did to one record: ``record`` is as it stands afterwards (or stood, if deleted)."""

    position: int
    kind: str
    record: Record
    result: bytes | None
    supersedes: int | None


class Breach(Struct, frozen=True, gc=False):
    """An operation that is on chain and breaks a rule as we know them.

    ``subject`` is the key or the operation's name that it is about: breaches of one rule and subject are one
    and the same story, and ``why`` tells it in the same clause.
    """

    position: int
    rule: str
    subject: str
    why: str


class Ledger(Protocol):
    """The live records, wherever they are kept."""

    def get(self, prompt_id: int) -> Record | None:
        """The live record with that id."""

    def between(self, start: int, end: int, limit: int) -> Sequence[Record]:
        """Live records with start < created_at < end, by created_at descending, then prompt_id."""

    def put(self, record: Record) -> None:
        """A new record, or a new state of one."""

    def remove(self, record: Record) -> None:
        """The record is live no more."""


@dataclass(slots=True)
class Replay:
    """State of the fold between operations. ``owner`` is None where it is unknown.

    ``last_prompt_id`` counts every add; one whose arguments cannot be read leaves no record behind.
    """

    ledger: Ledger
    last_prompt_id: int
    owner: bytes | None
    digest: bytes

    def apply(self, placed: Placed, *, created_at: int) -> Iterator[Revision | Breach]:
        """Apply one operation; ``created_at`` is the previous block's time in ms (0 in block 0).

        Revisions come in prompt id order, and the digest has moved over each when it is given.
        """
        effect = placed.effect
        if isinstance(effect, operations.Unknown):
            if effect.known_name:
                yield self._not_known(placed.position, effect.name)
            return
        if not isinstance(effect, operations.NoEffect):
            yield from self._owner_signed(placed)
        for outcome in self._effect(placed, effect, created_at):
            if isinstance(outcome, Revision):
                self.digest = next_digest(self.digest, outcome)
            yield outcome

    def _not_known(self, position: int, name: str) -> Breach:
        """What follows for certain from an operation whose arguments cannot be read."""
        if name == operations.ADD:
            self.last_prompt_id += 1
        elif name == operations.CHANGE_OWNER:
            self.owner = None
        why = f"the arguments of {name} are not those known here"
        return Breach(position, "arguments-not-known", name, why)

    def _owner_signed(self, placed: Placed) -> Iterator[Breach]:
        if self.owner is not None and self.owner not in placed.signers:
            owner = self.owner.hex().upper()
            why = f"the owner {owner} is not among the signers"
            yield Breach(placed.position, "owner-signs", owner, why)

    def _effect(self, placed: Placed, effect: Effect, created_at: int) -> Iterator[Revision | Breach]:
        if isinstance(effect, AddPrompt):
            yield self._add(placed.position, effect, created_at)
        elif isinstance(effect, UpdatePrompt):
            yield self._update(placed.position, effect)
        elif isinstance(effect, DeletePrompt):
            yield self._delete(placed.position, effect.prompt_id)
        elif isinstance(effect, BatchDelete):
            yield from self._batch_delete(placed.position, effect)
        elif isinstance(effect, ChangeOwner):
            yield from self._change_owner(placed, effect.key)

    def _add(self, position: int, effect: AddPrompt, created_at: int) -> Revision:
        self.last_prompt_id += 1
        record = Record(
            prompt_id=self.last_prompt_id,
            position=position,
            created_at=created_at,
            uid=effect.uid,
            seed=effect.seed,
            model=effect.model,
            provider=effect.provider,
            messages=effect.messages,
            revised_position=position,
            revisions=1,
        )
        self.ledger.put(record)
        return Revision(position, operations.ADD, record, effect.result, supersedes=None)

    def _update(self, position: int, effect: UpdatePrompt) -> Revision | Breach:
        record = self.ledger.get(effect.prompt_id)
        if record is None:
            return _record_missing(position, operations.UPDATE)
        revised = replace(record, revised_position=position, revisions=record.revisions + 1)
        self.ledger.put(revised)
        return Revision(position, operations.UPDATE, revised, effect.result, record.revised_position)

    def _delete(self, position: int, prompt_id: int) -> Revision | Breach:
        record = self.ledger.get(prompt_id)
        if record is None:
            return _record_missing(position, operations.DELETE)
        return self._remove(position, operations.DELETE, record)

    def _batch_delete(self, position: int, effect: BatchDelete) -> Iterator[Revision]:
        found = self.ledger.between(effect.start, effect.end, BATCH_DELETE_LIMIT)
        for record in sorted(found, key=lambda each: each.prompt_id):
            yield self._remove(position, operations.BATCH_DELETE, record)

    def _remove(self, position: int, kind: str, record: Record) -> Revision:
        gone = replace(record, revised_position=position, revisions=record.revisions + 1)
        self.ledger.remove(gone)
        return Revision(position, kind, gone, None, record.revised_position)

    def _change_owner(self, placed: Placed, key: bytes) -> Iterator[Breach]:
        if key not in placed.signers:
            owner = key.hex().upper()
            why = f"the next owner {owner} is not among the signers"
            yield Breach(placed.position, "next-owner-signs", owner, why)
        self.owner = key


def _record_missing(position: int, name: str) -> Breach:
    return Breach(position, "record-exists", name, f"{name} names a record that is not live")


def next_digest(digest: bytes, revision: Revision) -> bytes:
    """SHA-256 of the digest so far and the canonical GTV of the revision (design, "Digest")."""
    record = revision.record
    item = gtv.encode(
        [
            revision.kind,
            revision.position,
            record.prompt_id,
            record.created_at,
            record.uid,
            record.seed,
            record.model,
            record.provider,
            record.messages,
            revision.result,
        ]
    )
    return sha256(digest + item).digest()
