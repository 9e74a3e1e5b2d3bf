"""A record as a row of a list: its shape, and where it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from explorer.queries.db.texts import Snippet
from explorer.queries.records.challenged import NONE, Tally
from explorer.queries.records.edit import Edit
from explorer.queries.records.match import Match
from explorer.queries.records.states import Status
from indexer.dapp.replay import height_of
from indexer.postchain.times import moment

MOST_ANSWERS = 100
"""Different answers of a group among which the one that is given most often is looked for."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the live records of a group agree, which answer the same messages with the same seed: ``same`` of
    ``live`` say what this one says, None where it was deleted; ``most`` say what is said most often, None
    where more than ``MOST_ANSWERS`` different things are.
    """

    live: int
    same: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record in a list. ``at`` is its ``created_at``, which is the time of the block before its own;
    ``block_at`` is that of its own, ``changed_at`` that of its newest revision's. ``agreement`` is None where
    nothing else answers the same, groups are not derived that far, and outside of lists. ``same_words`` is
    whether it was edited and said the same all the time.
    """

    prompt_id: int
    position: int
    height: int
    at: datetime
    block_at: datetime
    created_at: int  # ms
    scout: int
    seed: int
    model: str
    provider: str
    status: Status
    revisions: int
    prompt: Snippet
    answer: Snippet
    chain: bytes = b""  # its blockchain RID
    prompt_key: bytes = b""
    changed_at: datetime | None = None
    agreement: Agreement | None = None
    same_words: bool = False
    matches: Sequence[Match] = ()  # where the words that were asked for stand
    challenges: Tally = NONE
    edit: Edit | None = None  # what became of it since it was first written, where that is told

    @property
    def rid(self) -> str:
        """The blockchain RID in upper-case hex, as addresses have it."""
        return self.chain.hex().upper()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record's row says beside its texts. ``prompt`` is the content key of its messages."""

    prompt_id: int
    position: int
    created_at: int
    scout: int
    seed: int
    status: Status
    revisions: int
    prompt: bytes
    challenges: Tally
    model: str
    provider: str

    def row(
        self,
        *,
        chain: bytes,
        timestamp: int,
        changed: int,
        prompt: Snippet,
        answer: Snippet,
        agreement: Agreement | None = None,
        same_words: bool = False,
    ) -> RecordRow:
        """The row for a list. ``timestamp`` (ms) is its block's, ``changed`` its newest revision's."""
        return RecordRow(
            prompt_id=self.prompt_id,
            position=self.position,
            height=height_of(self.position),
            at=moment(self.created_at),
            block_at=moment(timestamp),
            created_at=self.created_at,
            scout=self.scout,
            seed=self.seed,
            model=self.model,
            provider=self.provider,
            status=self.status,
            revisions=self.revisions,
            prompt=prompt,
            answer=answer,
            chain=chain,
            prompt_key=self.prompt,
            changed_at=moment(changed),
            agreement=agreement,
            same_words=same_words,
            challenges=self.challenges,
        )


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a record is: the chain's id, and the position of its add."""

    chain_id: int
    position: int
