"""The sides of a comparison: what a record said, as one of its revisions or as it stands, or a text that was
sent. Whatever cannot be compared says why.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.kinds import LARGEST, Misread
from explorer.queries.db.sql import GENERATION
from explorer.queries.db.texts import Message, Text, Withheld
from explorer.queries.records import conversations
from explorer.queries.records.parts import Part, parts_of, text_of
from explorer.queries.records.record import why_not_here
from explorer.queries.records.revisions import History, Revision, histories_of
from explorer.queries.records.row import Facts
from explorer.queries.records.signed import Asked
from explorer.queries.records.states import Status
from indexer.models import Revision as RevisionRow

LONGEST = 200
"""Characters of what names a record."""

_NAME = re.compile(
    r"([0-9A-Fa-f]{64}):(0*[1-9][0-9]{0,18})(?:[.#](0*[1-9][0-9]{0,18})|@([0-9]{1,19}))?", re.ASCII
)
_ADDRESS = re.compile(
    r"\S*/chains/([0-9A-Fa-f]{64})/records/([1-9][0-9]{0,18})(?:\?(?:\S*&)?revision=([1-9][0-9]{0,18})\S*|[?#]\S*)?",
    re.ASCII,
)
_RULE = (
    "names a record as BRID:id, or pinned as BRID:id.revision or BRID:id@height: the blockchain RID in "
    "64 hex digits, a colon and the number of the record; the address of its page will do too"
)

# The add is revision 1; of an operation below the end of the block all have happened.
_STOOD = f"""
    SELECT r.position >> 20, CASE WHEN r.position < %(end)s THEN 1 + (
        SELECT count(*) FROM indexer_revision w
        WHERE w.chain_id = r.chain_id AND w.generation = r.generation AND w.prompt_id = r.prompt_id
          AND w.kind > {RevisionRow.Kind.ADD.value} AND w.position < %(end)s) ELSE 0 END
    FROM indexer_record r
    WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION} AND r.prompt_id = %(prompt_id)s
"""


@dataclass(frozen=True, slots=True)
class Reference:
    """A record; as the revision with that number, or as what stood after the block at that height, or else
    as it stands today.
    """

    brid: bytes
    prompt_id: int
    revision: int | None = None
    height: int | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """What names a record. Raises ``Misread``."""
        named = text.strip()
        found = _NAME.fullmatch(named) or _ADDRESS.fullmatch(named)
        if len(named) > LONGEST or found is None:
            raise Misread("not-a-record", _RULE)
        brid, prompt_id, *pins = found.groups()
        numbers = [None if each is None else int(each) for each in (*pins, None)]
        if max(int(prompt_id), *(each or 0 for each in numbers)) > LARGEST:
            raise Misread("not-a-record", _RULE)
        return cls(bytes.fromhex(brid), int(prompt_id), *numbers[:2])

    def __str__(self) -> str:
        pinned = f".{self.revision}" if self.revision is not None else ""
        as_of = f"@{self.height}" if self.height is not None else ""
        return f"{self.brid.hex().upper()}:{self.prompt_id}{pinned}{as_of}"

    @property
    def is_pinned(self) -> bool:
        """Whether it names the same words for ever."""
        return self.revision is not None or self.height is not None


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared. ``parts`` are what it says, None where that cannot be compared, and ``why`` says why.
    ``withheld`` are texts that the operator withholds. Of a text that was sent ``reference`` and all of the
    record are None.
    """

    reference: Reference | None
    chain: ChainView | None = None
    facts: Facts | None = None
    revision: Revision | None = None
    messages: Text | None = None
    parts: Sequence[Part] | None = None
    why: str = ""
    withheld: Sequence[Text] = ()

    @property
    def is_here(self) -> bool:
        """Whether it is a text that was sent, or a record that there is, as it is asked for."""
        return self.reference is None or self.revision is not None

    @property
    def is_deleted(self) -> bool:
        """Whether it is a record that was deleted, whatever of it is compared."""
        return self.facts is not None and self.facts.status is Status.DELETED

    @property
    def pin(self) -> Reference | None:
        """What names just these words for ever; None of a text that was sent, or where nothing is there."""
        if self.reference is None or self.revision is None:
            return None
        return Reference(self.reference.brid, self.reference.prompt_id, self.revision.number)

    @property
    def text(self) -> str:
        """All that it says."""
        return text_of(self.parts or ())

    @property
    def result(self) -> str | None:
        """The result as it was signed; None where there is none that may be shown."""
        return None if self.revision is None or self.revision.result is None else self.revision.result.value

    @property
    def conversation(self) -> str | None:
        """Its messages as one text; None where there are none that may be shown."""
        if self.messages is None or self.messages.value is None:
            return None
        talk = conversations.conversation(self.messages.value)
        return self.messages.value if talk is None else "\n\n".join(map(_spoken, talk))

    @property
    def why_no_messages(self) -> str:
        """Why its messages may not be shown; empty where they may, and where there are none."""
        return "" if self.messages is None else _why_not("its messages", self.messages)


@dataclass(frozen=True, slots=True)
class _Begun:
    """What is asked for: the revision with that number, None for the newest that says anything; or ``why``
    there is none.
    """

    named: Reference
    chain: ChainView | None
    number: int | None
    why: str

    @property
    def asked(self) -> Asked | None:
        """What is read; None where there is nothing."""
        if self.chain is None or self.why:
            return None
        return Asked(self.chain.id, self.named.prompt_id, self.number)


def sent(text: str) -> Side:
    """A text that somebody sent, which is kept nowhere."""
    return Side(None, parts=[Part("answer", text)])


def named_in(text: str) -> Reference | None:
    """The record that a text names; None of an empty one. Raises ``Misread``."""
    return Reference.read(text) if text.strip() else None


def sides(chains: Sequence[ChainView], given: Sequence[Reference | str]) -> Sequence[Side]:
    """Records as they are asked for, and texts that somebody sent. A query for each record, one more where a
    height is asked for, and a few for all of them: see ``histories_of``.
    """
    begun = [each if isinstance(each, str) else _begun(chains, each) for each in given]
    asked = [each.asked for each in begun if isinstance(each, _Begun) and each.asked is not None]
    found = dict(zip(asked, histories_of(asked), strict=True))
    return [
        sent(each)
        if isinstance(each, str)
        else _side(each, None if each.asked is None else found[each.asked])
        for each in begun
    ]


def _begun(chains: Sequence[ChainView], named: Reference) -> _Begun:
    chain = next((each for each in chains if each.brid == named.brid), None)
    if chain is None:
        return _Begun(named, None, None, f"Chain {named.brid.hex().upper()} is not indexed here.")
    return _Begun(named, chain, *_number(chain, named))


def _side(begun: _Begun, found: History | None) -> Side:
    named, chain, number = begun.named, begun.chain, begun.number
    if chain is None or found is None:
        return Side(named, chain, why=begun.why or _why_not_here(begun))
    if number is not None and number > found.facts.revisions:
        have = f"it has {found.facts.revisions:,} in all"
        return Side(named, chain, why=f"Record {named.prompt_id} has no revision {number:,}: {have}.")
    return _of(named, chain, found, number)


def _why_not_here(begun: _Begun) -> str:
    return "" if begun.chain is None else why_not_here(begun.chain, begun.named.prompt_id)


def _number(chain: ChainView, named: Reference) -> tuple[int | None, str]:
    """The revision that is asked for, None for the newest that says anything; or why there is none."""
    if named.height is None:
        return named.revision, ""
    if named.height > chain.freshness.height:
        return None, f"Block {named.height:,} is not indexed yet: the index is at {chain.freshness.height:,}."
    end = (named.height + 1) << 20
    rows = sql.rows(_STOOD, {"chain": chain.id, "prompt_id": named.prompt_id, "end": min(end, LARGEST)})
    if not rows:
        return None, why_not_here(chain, named.prompt_id)
    ((written, number),) = rows
    if number:
        return number, ""
    when = f"after block {named.height:,}: block {written:,} wrote it"
    return None, f"Record {named.prompt_id} was not there yet {when}."


def _of(named: Reference, chain: ChainView, found: History, number: int | None) -> Side:
    said = [each for each in reversed(found.revisions) if each.result is not None]
    read = said[0] if number is None else next(each for each in found.revisions if each.number == number)
    texts = [each for each in (found.messages, read.answer, read.result) if each is not None]
    held = [each for each in texts if each.withheld not in (None, Withheld.UNREADABLE)]
    why = _silence(read)
    return Side(
        named,
        chain,
        found.facts,
        read,
        messages=found.messages,
        parts=None if why else parts_of(read),
        why=why,
        withheld=list({each.hash: each for each in held}.values()),
    )


def _silence(read: Revision) -> str:
    """Why a revision says nothing that could be compared; empty where it does."""
    if read.answer is None or read.result is None:
        return f"Revision {read.number:,} is its deletion, which says nothing."
    gone = next((each for each in (read.answer, read.result) if each.value is None), None)
    return "" if gone is None else _why_not("what it says", gone)


def _why_not(what: str, text: Text) -> str:
    """Why a text is not here; empty where it is."""
    if text.value is not None:
        return ""
    is_damaged = text.withheld is Withheld.UNREADABLE
    told = text.reason if is_damaged else f"The operator of this site withholds {what}: {text.reason}"
    return told if told.endswith((".", "!", "?")) else f"{told}."


def _spoken(message: Message) -> str:
    return "\n".join(filter(None, [f"{message.role}:", message.content, *message.calls, message.beside]))
