"""The revisions of one record: what each said and by whose hand, with the evidence for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Self, cast

from explorer.queries.chain.evidence import Evidence, Sealed, evidence_of
from explorer.queries.db import sql, stored_text, transaction_bytes
from explorer.queries.db.sql import GENERATION
from explorer.queries.db.stored_text import NOTHING, Kept
from explorer.queries.db.texts import Text, text_of
from explorer.queries.db.transaction_bytes import Place, TransactionBytes
from explorer.queries.db.values import keys_of
from explorer.queries.records.rows import COLUMNS, NAMES, Facts, facts_of
from indexer.dapp import completion, rell_json
from indexer.dapp.completion import Completion
from indexer.dapp.replay import height_of
from indexer.dapp.written import HALF
from indexer.models import Operation
from indexer.models import Revision as RevisionRow
from indexer.postchain import gtx
from indexer.postchain.times import moment
from indexer.store.suppression import Gate, Hold, Withheld, gate

STRETCH = 49
"""Revisions that are given of one record beside the add: the newest, or those up to one that is asked for."""

_SKIPPED = f"(SELECT greatest(0, r.revisions - greatest({STRETCH + 1}, %(last)s)) FROM r)"

_LARGEST = 2**63 - 1
_ADD = RevisionRow.Kind.ADD.value
_MESSAGES = 1  # index of the argument in add_prompt_history
_RESULTS = {_ADD: 2, RevisionRow.Kind.UPDATE.value: 1}  # and of the result, by kind

# In steps, each planned by itself: planning one join of all of it takes ten times as long as running it. The
# newest two are always there: one of them says something. The index of an operation in its transaction counts
# from the last operation of an earlier one.
_NEWEST = """
    SELECT w.position, w.kind, r.revisions + 1 - row_number() OVER (ORDER BY w.position DESC) FROM r
    JOIN indexer_revision w
        ON w.chain_id = r.chain_id AND w.generation = r.generation AND w.prompt_id = r.prompt_id
    WHERE w.kind > {add} ORDER BY w.position DESC LIMIT {most} OFFSET {skipped}
"""
_REVISIONS = f"""
    WITH r AS (
        SELECT * FROM indexer_record
        WHERE chain_id = %(chain)s AND generation = {GENERATION} AND prompt_id = %(prompt_id)s
    ), v AS (
        SELECT r.position, {_ADD}::int2 AS kind, 1::bigint AS number FROM r
        UNION
        ({_NEWEST.format(add=_ADD, most=2, skipped=0)})
        UNION
        ({_NEWEST.format(add=_ADD, most=STRETCH, skipped=_SKIPPED)})
    ), said AS MATERIALIZED (
        SELECT v.position, v.position >> 20 AS height, v.kind, v.number, o.transaction,
               v.position - 1 - coalesce((
                   SELECT p.position FROM indexer_operation p
                   WHERE p.chain_id = o.chain_id AND p.position < o.position
                     AND p.position >= (o.position >> 20) << 20 AND p.transaction < o.transaction
                   ORDER BY p.position DESC LIMIT 1), ((v.position >> 20) << 20) - 1) AS index,
               o.messages, o.result, o.result_normal, o.answer, o.answer_reason, o.said,
               (SELECT k.key FROM indexer_owner k
                WHERE k.chain_id = r.chain_id AND k.generation = r.generation AND k.position < v.position
                ORDER BY k.position DESC LIMIT 1) AS owner
        FROM r CROSS JOIN v JOIN indexer_operation o ON o.chain_id = r.chain_id AND o.position = v.position
    ), added AS MATERIALIZED (
        SELECT {COLUMNS}, u.prompt_cut, u.answer_cut FROM r {NAMES}
        LEFT JOIN indexer_searchrecord s
            ON s.chain_id = r.chain_id AND s.generation = r.generation AND s.position = r.position
        LEFT JOIN indexer_searchunit u ON u.id = s.ever
    )
    SELECT added.*, said.position, said.kind, said.number, said.transaction, said.index, said.messages,
           said.result, said.result_normal, said.answer, said.answer_reason, said.said, said.owner,
           t.rid, s.raw, b.rid, b.timestamp, y.witness, x.why
    FROM added CROSS JOIN said
    JOIN indexer_transaction t
        ON t.chain_id = %(chain)s AND t.height = said.height AND t.ordinal = said.transaction
    JOIN indexer_name s ON s.id = t.signers_id
    JOIN indexer_block b ON b.chain_id = %(chain)s AND b.height = said.height
    LEFT JOIN indexer_blockbody y ON y.chain_id = %(chain)s AND y.height = said.height
    LEFT JOIN indexer_uncheckedwitness x ON x.chain_id = %(chain)s AND x.height = said.height
    ORDER BY said.position
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """What one operation did to the record. ``answer`` and ``result`` are None for a deletion.

    ``number`` counts from 1, the add. ``result`` is the argument as signed, ``reason`` why the answer is the
    whole result and not its content string (a slug of ``indexer.dapp.rell_json``, empty where it is).

    ``completion`` is the result as it is read, None where it is no completion or must not be shown; ``said``
    the key of what was said, None where it is no completion, or is not known for its bytes are not there.
    """

    number: int
    kind: str  # the operation's name
    position: int
    height: int
    transaction_rid: bytes
    block_rid: bytes
    operation: int  # its index in its transaction
    at: datetime  # of its block
    timestamp: int  # ms, the same as its builder stated it
    signers: Sequence[bytes]
    owner: bytes | None  # the key that the dapp let write then; None where it is not known
    evidence: Evidence
    answer: Text | None
    result: Text | None
    reason: str = ""
    completion: Completion | None = None
    said: bytes | None = None

    def says_as(self, other: Self) -> bool:
        """Whether both say the same."""
        return self.key is not None and self.key == other.key

    @property
    def key(self) -> bytes | None:
        """By which it is told whether others say the same: of what was said, else the answer's."""
        return self.said or (None if self.answer is None else self.answer.hash)

    @property
    def measure(self) -> str:
        """How much it says, in words."""
        if self.completion is not None:
            return ", ".join(self.completion.measures)
        length = 0 if self.answer is None else self.answer.length
        return f"{length:,} character{'' if length == 1 else 's'}"

    @property
    def is_by_another(self) -> bool:
        """Whether the key that the dapp let write then is known, and did not sign it."""
        return self.owner is not None and self.owner not in self.signers


@dataclass(frozen=True, slots=True)
class History:
    """A record's facts and revisions, oldest first. ``kept`` is its messages in Rell-normal form, read where
    they cannot be had as signed, and None where they must not be shown. ``messages_unsearched`` and
    ``answers_unsearched`` are whether the end of these is not searched, for they are too long.
    """

    facts: Facts
    revisions: Sequence[Revision]
    messages: Text
    kept: str | None
    writers: Sequence[bytes]
    messages_unsearched: bool
    answers_unsearched: bool


@dataclass(frozen=True, slots=True)
class _Found:
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
        return self.kind in _RESULTS


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where texts come from, and what keeps them back."""

    gate: Gate
    said: Mapping[Place, TransactionBytes]
    operations: Mapping[int, gtx.Operation]  # by position; none where the bytes are not there
    completions: Mapping[int, Completion]  # by position, of results that are such
    kept: Mapping[bytes, Kept]

    def argument(self, found: _Found, argument: int) -> str | None:
        """An argument as signed; None where its bytes are not there."""
        operation = self.operations.get(found.position)
        return None if operation is None else cast(str, operation.arguments[argument])

    def absence(self, found: _Found, hold: Hold | None) -> Hold | None:
        """Why an argument is not there, where it is not."""
        transaction = self.said[found.place]
        if hold is not None or transaction.data is not None:
            return hold
        if transaction.fault:
            return Hold(Withheld.UNREADABLE, transaction.fault)
        return Hold(Withheld.ERASED, "Its transaction was erased: another text in it must not be kept.")

    def kept_text(self, key: bytes) -> Kept:
        return self.kept.get(key, NOTHING)


def history_of(chain_id: int, prompt_id: int, *, last: int | None = None) -> History | None:
    """A record's history; None where there is no such record. ``last`` is the number of the revision up to
    which they are given, where they are too many to give all. Four queries, five where texts were erased.
    """
    asked = {"chain": chain_id, "prompt_id": prompt_id, "last": _LARGEST if last is None else last}
    rows = sql.rows(_REVISIONS, asked)
    if not rows:
        return None
    facts = facts_of(rows[0][:12])
    found = [_found(row[14:]) for row in rows]
    sources = _sources(chain_id, facts, found, last=last)
    evidence = evidence_of(chain_id, (Sealed(each.height, each.witness, each.unchecked) for each in found))
    hold = sources.gate.hold(facts.prompt, transaction=found[0].rid)
    return History(
        facts=facts,
        revisions=[_revision(each, evidence[each.height], sources) for each in found],
        messages=_messages(found[0], facts, hold, sources),
        kept=sources.kept_text(facts.prompt).value if hold is None else None,
        writers=list(dict.fromkeys(each.owner for each in found if each.owner is not None)),
        messages_unsearched=bool(rows[0][12]),
        answers_unsearched=bool(rows[0][13]),
    )


def _found(columns: Sequence[Any]) -> _Found:
    position, kind, number, ordinal, index, messages, result, normal, answer, reason, *rest = columns
    said, owner, rid, signers, block_rid, timestamp, witness, unchecked = rest
    return _Found(
        position=position,
        kind=kind,
        number=number,
        ordinal=ordinal,
        index=index,
        messages=messages,
        result=result,
        result_normal=normal,
        answer=answer,
        answer_reason=reason,
        said=said,
        rid=rid,
        signers=keys_of(signers),
        block_rid=block_rid,
        timestamp=timestamp,
        witness=witness,
        unchecked=unchecked,
        owner=owner,
    )


def _sources(chain_id: int, facts: Facts, found: Sequence[_Found], *, last: int | None) -> _Sources:
    with_text = [each for each in found if each.has_text]
    # What is asked for, what stands and what was first written come first, where all is too much.
    asked_for = [each for each in with_text if each.number == last]
    transactions = transaction_bytes.read(
        chain_id, (each.place for each in (*asked_for, with_text[-1], *with_text))
    )
    erased = [each for each in with_text if transactions[each.place].data is None]
    wanted = [each.answer for each in erased if each.answer] + ([facts.prompt] if found[0] in erased else [])
    operations = dict(_operations(with_text, transactions))
    kept = stored_text.read(wanted)
    completions = dict(_completions(with_text, operations, kept))
    keys = [key for each in found for key in _keys(each, completions.get(each.position))]
    asked = gate(contents=[facts.prompt, *keys], transactions=[each.rid for each in found])
    return _Sources(asked, transactions, operations, completions, kept)


def _completions(
    found: Iterable[_Found], operations: Mapping[int, gtx.Operation], kept: Mapping[bytes, Kept]
) -> Iterator[tuple[int, Completion]]:
    """Results as they are read, from their bytes, else from the text that is kept of all of a result."""
    for each in found:
        result: str | None = None
        if each.position in operations:
            result = cast(str, operations[each.position].arguments[_RESULTS[each.kind]])
        elif each.answer_reason:
            result = kept.get(each.answer or b"", NOTHING).value
        if result is not None and (read := completion.completion_of(result)) is not None:
            yield each.position, read


def _keys(found: _Found, read: Completion | None) -> Sequence[bytes | None]:
    """What the gate is asked for a result: as a whole, as an answer, what it says, and each text in it."""
    parts = [] if read is None else [completion.said_key(read), *completion.part_keys(read)]
    return [found.answer, found.result_normal, found.said, *parts]


def _operations(
    found: Iterable[_Found], transactions: Mapping[Place, TransactionBytes]
) -> Iterator[tuple[int, gtx.Operation]]:
    """What each of them said, by position, in whose order they come: each transaction is decoded once."""
    for place, revisions in groupby(found, key=attrgetter("place")):
        operations = transactions[place].operations()
        for each in revisions if operations else ():
            yield each.position, operations[each.index]


def _messages(found: _Found, facts: Facts, hold: Hold | None, sources: _Sources) -> Text:
    return text_of(
        sources.argument(found, _MESSAGES),
        hash=found.messages or b"",
        hold=sources.absence(found, hold),
        length=sources.kept_text(facts.prompt).length,
    )


def _revision(found: _Found, evidence: Evidence, sources: _Sources) -> Revision:
    answer, result = _texts(found, sources) if found.has_text else (None, None)
    read = sources.completions.get(found.position)
    is_shown = answer is not None and answer.value is not None
    return Revision(
        number=found.number,
        kind=RevisionRow.Kind(found.kind).label,
        position=found.position,
        height=found.height,
        transaction_rid=found.rid,
        block_rid=found.block_rid,
        operation=found.index,
        at=moment(found.timestamp),
        timestamp=found.timestamp,
        signers=found.signers,
        owner=found.owner,
        evidence=evidence,
        answer=answer,
        result=result,
        reason=Operation.AnswerReason(found.answer_reason).label if found.answer_reason else "",
        completion=read if is_shown else None,
        said=found.said if read is None else completion.said_key(read),
    )


def _texts(found: _Found, sources: _Sources) -> tuple[Text, Text]:
    """The answer of a revision and its result as signed."""
    key = found.answer or b""
    whole = sources.completions.get(found.position)
    hold = sources.gate.hold(*_keys(found, whole), transaction=found.rid)
    signed = sources.argument(found, _RESULTS[found.kind])
    result = text_of(signed, hash=found.result or b"", hold=sources.absence(found, hold))
    kept = sources.kept_text(key)
    if signed is not None:
        return text_of(_answer(signed, whole), hash=key, hold=hold), result
    if hold is None and kept.value is None:
        hold = sources.absence(found, None)
    return text_of(kept.value, hash=key, hold=hold, length=kept.length), result


def _answer(signed: str, whole: Completion | None) -> str:
    """The content of the first choice, half characters in it marked; the whole where there is none."""
    read = rell_json.content_of(signed)
    if read.content is None:
        return read.normal
    text = whole.choices[0].text if whole is not None else ""
    return text if text.replace(HALF, "?") == read.content else read.content
