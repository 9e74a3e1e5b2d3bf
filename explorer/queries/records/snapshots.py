"""What is known of a record at a moment, to be kept: hashes, numbers and offsets, and no word of it.

It is what a challenge was filed on. Numbers that may be large are strings, so that it has one canonical JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Self

import rfc8785

from explorer.queries.chain.evidence import ProofStatus
from explorer.queries.records.checks import Checked, Result, Told
from explorer.queries.records.record import Record
from explorer.queries.records.revisions import Revision


@dataclass(frozen=True, slots=True)
class KeptRevision:
    """A revision, with hashes in upper-case hex: ``result_sha256`` of the result as signed, empty of a
    deletion.
    """

    number: int
    kind: str
    position: str
    height: int
    timestamp: str  # ms
    transaction_rid: str
    block_rid: str
    proof: str
    result_sha256: str
    answer_key: str


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """What a check said; ``values`` are numbers and hashes, as text. ``reads_texts`` is whether it says what
    it says by words of the record.
    """

    check: str
    version: int
    result: str
    reason: str
    values: Mapping[str, str]
    reads_texts: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A record as of the block at ``height``; checks as of that at ``checked_to``, -1 where none was made.

    ``revisions`` are the first and the newest ones; ``revision_count`` counts all.
    """

    height: int
    checked_to: int
    prompt_id: int
    status: str
    revision_count: int
    scout: str
    seed: str
    messages_sha256: str
    prompt_key: str
    revisions: Sequence[KeptRevision]
    checks: Sequence[KeptCheck]

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    def sha256_hex(self) -> str:
        """The hash of its canonical JSON."""
        return sha256(rfc8785.dumps(self.as_json())).hexdigest().upper()

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """What was kept."""
        revisions = [KeptRevision(**each) for each in kept["revisions"]]
        checks = [KeptCheck(**each) for each in kept["checks"]]
        return cls(**{**kept, "revisions": revisions, "checks": checks})

    def check(self, name: str) -> KeptCheck | None:
        """What the check of that name said; None where it was not made."""
        return next((each for each in self.checks if each.check == name), None)

    @property
    def current(self) -> KeptRevision:
        """The newest revision that says something."""
        return next(each for each in reversed(self.revisions) if each.result_sha256)

    @property
    def is_witnessed(self) -> bool:
        """Whether the witness was checked of every block that holds one of the revisions."""
        return all(each.proof != ProofStatus.WITNESS_NOT_CHECKED.value for each in self.revisions)

    def finds(self, name: str) -> bool:
        """Whether a check of that name found what it looks for."""
        said = self.check(name)
        return said is not None and said.result == Result.FAIL.value


def snapshot_of(found: Record, checked: Checked) -> Snapshot:
    """A record as it is now."""
    row = found.row
    return Snapshot(
        height=found.chain.freshness.height,
        checked_to=checked.height,
        prompt_id=row.prompt_id,
        status=row.status.value,
        revision_count=row.revisions,
        scout=str(row.scout),
        seed=str(row.seed),
        messages_sha256=_hex(found.messages.hash),
        prompt_key=_hex(found.prompt),
        revisions=[_revision(each) for each in found.revisions],
        checks=[_check(each) for each in checked.told],
    )


def _revision(found: Revision) -> KeptRevision:
    return KeptRevision(
        number=found.number,
        kind=found.kind,
        position=str(found.position),
        height=found.height,
        timestamp=str(found.timestamp),
        transaction_rid=_hex(found.transaction_rid),
        block_rid=_hex(found.block_rid),
        proof=found.evidence.standing.value,
        result_sha256="" if found.result is None else _hex(found.result.hash),
        answer_key="" if found.answer is None else _hex(found.answer.hash),
    )


def _check(told: Told) -> KeptCheck:
    return KeptCheck(
        check=told.check.name,
        version=told.check.version,
        result=told.outcome.result.value,
        reason=told.outcome.reason,
        values={name: str(value) for name, value in told.values.items()},
        reads_texts=told.check.reads_texts,
    )


def _hex(value: bytes) -> str:
    return value.hex().upper()
