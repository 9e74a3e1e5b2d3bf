"""What operations said that wrote records: their texts, where they come from and what keeps them back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import cast

from explorer.queries.chain.evidence import Sealed
from explorer.queries.db import stored_text, transaction_bytes
from explorer.queries.db.stored_text import NOTHING, Kept
from explorer.queries.db.transaction_bytes import Place, TransactionBytes
from explorer.queries.records.row import Facts
from indexer.dapp import completion
from indexer.dapp.completion import Completion
from indexer.dapp.replay import height_of
from indexer.models import Revision
from indexer.postchain import gtx
from indexer.store.suppression import Gate, Hold, Withheld, gate

RESULTS = {Revision.Kind.ADD.value: 2, Revision.Kind.UPDATE.value: 1}
"""Which argument of an operation its result is, by the kind of revision that it made."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A record; and the revision up to which they are given, where these are too many to give all."""

    chain_id: int
    prompt_id: int
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A revision's facts before the gate."""

    position: int
    kind: int
    number: int
    ordinal: int
    index: int
    messages: bytes | None
    result: bytes | None
    result_normal: bytes | None
    answer: bytes | None
    answer_reason: int | None
    said: bytes | None
    rid: bytes
    signers: Sequence[bytes]
    block_rid: bytes
    timestamp: int
    witness: bytes | None
    unchecked: str | None
    owner: bytes | None

    @property
    def height(self) -> int:
        return height_of(self.position)

    @property
    def place(self) -> Place:
        return Place(self.height, self.ordinal)

    @property
    def has_text(self) -> bool:
        return self.kind in RESULTS

    @property
    def sealed(self) -> Sealed:
        return Sealed(self.height, self.witness, self.unchecked)


@dataclass(frozen=True, slots=True)
class Read:
    """A record's facts before the gate."""

    asked: Asked
    facts: Facts
    found: Sequence[Found]
    messages_unsearched: bool
    answers_unsearched: bool

    @property
    def with_text(self) -> Sequence[Found]:
        """The revisions that say something."""
        return [each for each in self.found if each.has_text]

    @property
    def first_places(self) -> Sequence[Place]:
        """What is asked for and what stands: these come first, where all is too much."""
        asked_for = [each for each in self.with_text if each.number == self.asked.last]
        return [each.place for each in (*asked_for, self.with_text[-1])]

    @property
    def places(self) -> Sequence[Place]:
        """All, the first one first."""
        return [each.place for each in self.with_text]

    def erased(self, said: Mapping[Place, TransactionBytes]) -> Sequence[bytes]:
        """The keys of what has to be had otherwise than from transactions."""
        gone = [each for each in self.with_text if said[each.place].data is None]
        answers = [each.answer for each in gone if each.answer]
        return [*answers, self.facts.prompt] if self.found[0] in gone else answers


@dataclass(frozen=True, slots=True)
class Sources:
    """Where texts come from, and what keeps them back."""

    gate: Gate
    said: Mapping[Place, TransactionBytes]
    operations: Mapping[int, gtx.Operation]  # by position; none where the bytes are not there
    completions: Mapping[int, Completion]  # by position, of results that are such
    kept: Mapping[bytes, Kept]

    def argument(self, found: Found, argument: int) -> str | None:
        """An argument as signed; None where its bytes are not there."""
        operation = self.operations.get(found.position)
        return None if operation is None else cast(str, operation.arguments[argument])

    def absence(self, found: Found, hold: Hold | None) -> Hold | None:
        """Why an argument is not there, where it is not."""
        transaction = self.said[found.place]
        if hold is not None or transaction.data is not None:
            return hold
        if transaction.fault:
            return Hold(Withheld.UNREADABLE, transaction.fault)
        return Hold(Withheld.ERASED, "Its transaction was erased: another text in it must not be kept.")

    def kept_text(self, key: bytes) -> Kept:
        return self.kept.get(key, NOTHING)


def sources_of(reads: Sequence[Read]) -> Sequence[Sources]:
    """Those of each."""
    said = {
        chain_id: transaction_bytes.read(
            chain_id,
            [place for part in ("first_places", "places") for each in of for place in getattr(each, part)],
        )
        for chain_id, of in by_chain(reads).items()
    }
    kept = stored_text.read(key for each in reads for key in each.erased(said[each.asked.chain_id]))
    operations = [dict(_operations(each.with_text, said[each.asked.chain_id])) for each in reads]
    completions = [
        dict(_completions(each.with_text, own, kept)) for each, own in zip(reads, operations, strict=True)
    ]
    asked = gate(
        contents=(
            key
            for each, read in zip(reads, completions, strict=True)
            for keys in ([each.facts.prompt], *(said_keys(one, read.get(one.position)) for one in each.found))
            for key in keys
        ),
        transactions=(one.rid for each in reads for one in each.found),
    )
    return [
        Sources(asked, said[each.asked.chain_id], own, read, kept)
        for each, own, read in zip(reads, operations, completions, strict=True)
    ]


def _completions(
    found: Iterable[Found], operations: Mapping[int, gtx.Operation], kept: Mapping[bytes, Kept]
) -> Iterator[tuple[int, Completion]]:
    """Results as they are read, from their bytes, else from the text that is kept of all of a result."""
    for each in found:
        result: str | None = None
        if each.position in operations:
            result = cast(str, operations[each.position].arguments[RESULTS[each.kind]])
        elif each.answer_reason:
            result = kept.get(each.answer or b"", NOTHING).value
        if result is not None and (read := completion.completion_of(result)) is not None:
            yield each.position, read


def said_keys(found: Found, read: Completion | None) -> Sequence[bytes | None]:
    """What the gate is asked for a result: as a whole, as an answer, what it says, and each text in it."""
    parts = [] if read is None else [completion.said_key(read), *completion.part_keys(read)]
    return [found.answer, found.result_normal, found.said, *parts]


def _operations(
    found: Iterable[Found], transactions: Mapping[Place, TransactionBytes]
) -> Iterator[tuple[int, gtx.Operation]]:
    """What each of them said, by position, in whose order they come: each transaction is decoded once."""
    for place, revisions in groupby(found, key=attrgetter("place")):
        operations = transactions[place].operations()
        for each in revisions if operations else ():
            yield each.position, operations[each.index]


def by_chain(reads: Sequence[Read]) -> Mapping[int, Sequence[Read]]:
    found: dict[int, list[Read]] = {}
    for each in reads:
        found.setdefault(each.asked.chain_id, []).append(each)
    return found
