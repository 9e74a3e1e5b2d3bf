"""Records: the list, newest first or oldest first, and one record with all that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from explorer.queries.chains import ChainView
from explorer.queries.evidence import Evidence
from explorer.queries.texts import Message, Snippet, Text

LARGEST_PAGE = 100


class Status(Enum):
    """The same three words everywhere."""

    LIVE = "live"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record in a list. ``at`` is its ``created_at``, which is the time of the block before its own."""

    prompt_id: int
    position: int
    height: int
    at: datetime
    created_at: int  # ms
    scout: int
    seed: int
    model: str
    provider: str
    status: Status
    revisions: int
    prompt: Snippet
    answer: Snippet


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of a list. ``newer`` and ``older`` are the positions to go on from; None at an end."""

    rows: Sequence[RecordRow]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class Revision:
    """What one operation did to the record. ``answer`` and ``result`` are None for a deletion.

    ``number`` counts from 1, the add. ``result`` is the argument as signed, ``reason`` why the answer is the
    whole result and not its content string (a slug of ``indexer.dapp.rell_json``, empty where it is).
    """

    number: int
    kind: str  # the operation's name
    position: int
    height: int
    transaction_rid: bytes
    block_rid: bytes
    operation: int  # its index in its transaction
    at: datetime  # of its block
    signers: Sequence[bytes]
    evidence: Evidence
    answer: Text | None
    result: Text | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """A record that answers the same messages with the same seed. Answers that are equal share a letter.

    ``first`` is the letter of what was first written, ``now`` of what stands; None where it was deleted.
    A, B and C are the largest groups; an answer that no other record gives has a letter of its own.
    """

    prompt_id: int
    scout: int
    first: str
    now: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Texts are as of its newest revision that has any, so also of a record that was deleted.

    ``messages`` is the argument as signed; ``conversation`` its messages where it is a list of such, else
    None and the messages are shown as they are. ``state`` is the result as a node's query gives it, None
    where the record was deleted or its text is withheld. ``revisions`` are oldest first. ``peers`` holds at
    most 60, by prompt id, this record among them; ``peer_count`` counts all.
    """

    chain: ChainView
    row: RecordRow
    messages: Text
    conversation: Sequence[Message] | None
    state: str | None
    revisions: Sequence[Revision]
    peers: Sequence[Peer]
    peer_count: int
    writers: Sequence[bytes]  # keys that were owner when its revisions were written, first one first
    withheld: Sequence[Text]  # of what is shown here; a page with any is a 451

    @property
    def current(self) -> Revision:
        """The newest revision that says something."""
        return next(each for each in reversed(self.revisions) if each.result is not None)


def latest(chain: ChainView, *, count: int = 10) -> Sequence[RecordRow]:
    """The newest records, newest first."""
    raise NotImplementedError


def page(
    chain: ChainView,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
    oldest_first: bool = False,
    status: Status | None = None,
) -> RecordPage:
    """A page of records by position: below ``before``, or above ``after``, or from an end where neither is
    given. Whichever way was asked, rows come newest first unless ``oldest_first``. Raises ``BadQuestion`` for
    both at once and for a limit that is not 1 to ``LARGEST_PAGE``.
    """
    raise NotImplementedError


def newer_than(chain: ChainView, position: int) -> int:
    """How many records were written above a position, counted up to 1,000."""
    raise NotImplementedError


def record(chain: ChainView, prompt_id: int) -> Record:
    """One record with its texts, revisions and evidence. Raises ``NotHere``, which says the ids there are."""
    raise NotImplementedError
