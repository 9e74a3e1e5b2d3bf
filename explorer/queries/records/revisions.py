"""The revisions of one record: what each said and by whose hand, with the evidence for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from explorer.queries.chain.evidence import Evidence, evidence_of
from explorer.queries.db import sql
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.sql import GENERATION
from explorer.queries.db.texts import Text, text_of
from explorer.queries.db.values import keys_of
from explorer.queries.records import noted
from explorer.queries.records.edit import Edit
from explorer.queries.records.row import Facts
from explorer.queries.records.rows import COLUMNS, NAMES, OF_FACTS, facts_of
from explorer.queries.records.signed import (
    RESULTS,
    Asked,
    Found,
    Read,
    Sources,
    by_chain,
    said_keys,
    sources_of,
)
from indexer.dapp import completion, rell_json
from indexer.dapp.completion import Completion
from indexer.dapp.written import HALF
from indexer.models import Operation
from indexer.models import Revision as RevisionRow
from indexer.postchain.times import moment
from indexer.store.suppression import Hold

STRETCH = 49
"""Revisions that are given of one record beside the add: the newest, or those up to one that is asked for."""

_SKIPPED = f"(SELECT greatest(0, r.revisions - greatest({STRETCH + 1}, %(last)s)) FROM r)"

_LARGEST = 2**63 - 1
_ADD = RevisionRow.Kind.ADD.value
_MESSAGES = 1  # index of the argument in add_prompt_history

# In steps, each planned by itself: planning one join of all of it takes ten times as long as running it. The
# newest two are always there: one of them says something. The index of an operation in its transaction counts
# from the last operation of an earlier one.
_NEWEST = """
    SELECT w.position, w.kind, r.revisions + 1 - row_number() OVER (ORDER BY w.position DESC) FROM r
    JOIN indexer_revision w
        ON w.chain_id = r.chain_id AND w.generation = r.generation AND w.prompt_id = r.prompt_id
    WHERE w.kind > {add} ORDER BY w.position DESC LIMIT {most} OFFSET {skipped}
"""
_NUMBER = f"""
    SELECT CASE WHEN r.position = %(position)s THEN 1 ELSE (
        SELECT count(*) + 1 FROM indexer_revision w
        WHERE w.chain_id = r.chain_id AND w.generation = r.generation AND w.prompt_id = r.prompt_id
            AND w.kind > {_ADD} AND w.position <= %(position)s
        HAVING max(w.position) = %(position)s
    ) END
    FROM indexer_record r
    WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION} AND r.prompt_id = %(prompt_id)s
"""
_REVISIONS = Prepared(
    f"""
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
               {noted.index_of("o")} AS index,
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
""",
    {"chain": "smallint", "prompt_id": "bigint", "last": "bigint"},
)


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
    edit: Edit | None = None  # what it changed of the one before it, where that is told

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
    def others(self) -> Sequence[bytes]:
        """Keys that signed beside the one that the dapp let write."""
        return [each for each in self.signers if each != self.owner]

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


def history_of(chain_id: int, prompt_id: int, *, last: int | None = None) -> History | None:
    """A record's history; None where there is no such record. ``last`` is the number of the revision up to
    which they are given, where they are too many to give all. Four queries, five where texts were erased.
    """
    return histories_of([Asked(chain_id, prompt_id, last)])[0]


def histories_of(asked: Sequence[Asked]) -> Sequence[History | None]:
    """The same of several records, in their order: a query for each, two for each chain and one for the gate;
    one more where texts were erased.
    """
    reads = [_read(each) for each in asked]
    here = [each for each in reads if each is not None]
    sources = iter(sources_of(here))
    evidence = {
        chain_id: evidence_of(chain_id, (found.sealed for each in of for found in each.found))
        for chain_id, of in by_chain(here).items()
    }
    return [
        None if each is None else _history(each, next(sources), evidence[each.asked.chain_id])
        for each in reads
    ]


def number_at(chain_id: int, prompt_id: int, position: int) -> int | None:
    """The number of a record's revision by the position of its operation; None where that is none of its."""
    if not 0 <= position <= _LARGEST:
        return None
    asked = {"chain": chain_id, "prompt_id": prompt_id, "position": position}
    found = sql.row(_NUMBER, asked)
    return None if found is None or found[0] is None else int(found[0])


def _read(asked: Asked) -> Read | None:
    last = _LARGEST if asked.last is None else asked.last
    rows = _REVISIONS.rows({"chain": asked.chain_id, "prompt_id": asked.prompt_id, "last": last})
    if not rows:
        return None
    facts, (prompt_cut, answer_cut) = rows[0][:OF_FACTS], rows[0][OF_FACTS : OF_FACTS + 2]
    found = [_found(row[OF_FACTS + 2 :]) for row in rows]
    return Read(asked, facts_of(facts), found, bool(prompt_cut), bool(answer_cut))


def _history(read: Read, sources: Sources, evidence: Mapping[int, Evidence]) -> History:
    facts, found = read.facts, read.found
    hold = sources.gate.hold(facts.prompt, transaction=found[0].rid)
    return History(
        facts=facts,
        revisions=[_revision(each, evidence[each.height], sources) for each in found],
        messages=_messages(found[0], facts, hold, sources),
        kept=sources.kept_text(facts.prompt).value if hold is None else None,
        writers=list(dict.fromkeys(each.owner for each in found if each.owner is not None)),
        messages_unsearched=read.messages_unsearched,
        answers_unsearched=read.answers_unsearched,
    )


def _found(columns: Sequence[Any]) -> Found:
    position, kind, number, ordinal, index, messages, result, normal, answer, reason, *rest = columns
    said, owner, rid, signers, block_rid, timestamp, witness, unchecked = rest
    return Found(
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


def _messages(found: Found, facts: Facts, hold: Hold | None, sources: Sources) -> Text:
    return text_of(
        sources.argument(found, _MESSAGES),
        hash=found.messages or b"",
        hold=sources.absence(found, hold),
        length=sources.kept_text(facts.prompt).length,
    )


def _revision(found: Found, evidence: Evidence, sources: Sources) -> Revision:
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


def _texts(found: Found, sources: Sources) -> tuple[Text, Text]:
    """The answer of a revision and its result as signed."""
    key = found.answer or b""
    whole = sources.completions.get(found.position)
    hold = sources.gate.hold(*said_keys(found, whole), transaction=found.rid)
    signed = sources.argument(found, RESULTS[found.kind])
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
