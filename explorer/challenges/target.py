"""The record that is questioned: what a form or an address calls it, and what is known of it.

It is looked up in the index, never at a node. Nothing here is kept but what a snapshot holds.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

from explorer.queries.chain.chains import ChainView, chain_with
from explorer.queries.db.errors import NotHere
from explorer.queries.lists import listing
from explorer.queries.records import checks
from explorer.queries.records.checks import Checked
from explorer.queries.records.record import Record, record
from explorer.queries.records.snapshots import Snapshot, snapshot_of

_NAMED = re.compile(r"([0-9A-Fa-f]{64}):([1-9][0-9]{0,17})(?:\.([1-9][0-9]{0,8}))?")
_IN_ADDRESS = re.compile(r"/chains/([0-9A-Fa-f]{64})/records/([1-9][0-9]{0,17})")
_REVISION = re.compile(r"[?&]revision=([1-9][0-9]{0,8})(?:&|#|$)")
RULE = "names a record as its chain's RID, a colon and its number, or is the address of its page"


@dataclass(frozen=True, slots=True)
class Target:
    """A record by its names. ``revision`` is the one that is questioned, None for the newest."""

    brid: bytes
    prompt_id: int
    revision: int | None = None

    def __str__(self) -> str:
        """As addresses name it."""
        revision = "" if self.revision is None else f".{self.revision}"
        return f"{self.brid.hex().upper()}:{self.prompt_id}{revision}"


@dataclass(frozen=True, slots=True)
class Questioned:
    """A record that is questioned, with all that is known of it as it is read."""

    target: Target
    record: Record
    checked: Checked

    @property
    def chain(self) -> ChainView:
        """Where it is."""
        return self.record.chain

    @property
    def position(self) -> int:
        """Of the operation that is questioned."""
        number = self.target.revision
        chosen = (each for each in self.record.revisions if each.number == number)
        return next(chosen, self.record.revisions[-1]).position

    @property
    def model_sha256(self) -> bytes:
        """The hash of the model's name."""
        return name_sha256(self.record.row.model)

    @property
    def provider_sha256(self) -> bytes:
        """The hash of the provider's name."""
        return name_sha256(self.record.row.provider)

    def snapshot(self) -> Snapshot:
        """What is kept of it."""
        return snapshot_of(self.record, self.checked)


def name_sha256(name: str) -> bytes:
    """The hash of a name on the chain, which may be long and is kept nowhere here."""
    return sha256(name.encode("utf-8", "surrogatepass")).digest()


def target_named(text: str) -> Target | None:
    """The record that is called so, or whose page has that address; None where it is none."""
    text = text.strip()
    if (found := _NAMED.fullmatch(text)) is not None:
        brid, prompt_id, revision_number = found.groups()
        return _target(brid, prompt_id, revision_number)
    if (found := _IN_ADDRESS.search(text)) is not None:
        revision = _REVISION.search(text)
        return _target(found[1], found[2], None if revision is None else revision[1])
    return None


def questioned(target: Target) -> Questioned:
    """That record as it is now. Raises NotHere."""
    found = record(chain_with(target.brid), target.prompt_id, revision=target.revision)
    return Questioned(target, found, checks.of_record(found))


def is_here(target: Target) -> bool:
    """Whether there is such a record, with the revision that is named."""
    try:
        chain = chain_with(target.brid)
    except NotHere:
        return False
    row = listing.named([(chain, target.prompt_id)]).get((chain.brid, target.prompt_id))
    return row is not None and (target.revision or 1) <= row.revisions


def _target(brid: str, prompt_id: str, revision: str | None) -> Target:
    return Target(bytes.fromhex(brid), int(prompt_id), None if revision is None else int(revision))
