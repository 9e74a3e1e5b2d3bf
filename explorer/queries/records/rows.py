"""Records as rows of a list: one query for the rows and one for the gate, whatever their number; one more
where the ends of long messages do not say what is asked, and for each chain one where an answer says more
than words, two where the bytes of such a one were erased, and one where a question holds half a character.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from explorer.queries.db import stored_text
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.sql import name_of
from explorer.queries.db.stored_text import Kept
from explorer.queries.db.texts import Snippet
from explorer.queries.records import conversations, noted
from explorer.queries.records.challenged import OF_RECORD, Tally
from explorer.queries.records.conversations import SNIPPET, WHOLE
from explorer.queries.records.ends import Ends, beginning, is_unknown, question, withheld
from explorer.queries.records.noted import Noted, Signed
from explorer.queries.records.row import MOST_ANSWERS, Agreement, Facts, Place, RecordRow
from explorer.queries.records.said import Completion
from explorer.queries.records.states import DELETED, EDITED, STATUSES
from indexer.dapp.completion import part_keys
from indexer.models import DerivationCheckpoint, Revision
from indexer.store.suppression import Gate, gate

_UPDATE = Revision.Kind.UPDATE.value


COLUMNS = f"""r.prompt_id, r.position, r.created_at, r.scout, r.seed, r.status, r.revisions, r.prompt,
    {OF_RECORD} AS challenges,
    m.text AS model, m.raw AS model_raw, n.text AS provider, n.raw AS provider_raw"""
OF_FACTS = 13
"""How many columns these are."""

NAMES = """
    JOIN indexer_name m ON m.id = r.model_id
    JOIN indexer_name n ON n.id = r.provider_id
"""

LONGEST = 1 << 18
"""Characters of messages that are read for a snippet, if need be whole; longer ones are too long."""

MOST_READ = 16 * LONGEST
"""Characters that a list reads whole in all, where the ends of messages do not hold the question."""

_PAGES = 100  # different ones that are kept: two for each chain, and few more


def revision_number(of: str, position: str) -> str:
    """SQL: which revision of a record the operation at a position made, counted from 1, which is the add.
    ``of`` names a row with ``chain_id``, ``generation`` and ``prompt_id``.
    """
    return f"""(SELECT 1 + count(*) FROM indexer_revision e
        WHERE e.chain_id = {of}.chain_id AND e.generation = {of}.generation
          AND e.prompt_id = {of}.prompt_id AND e.kind > 1 AND e.position <= {position})"""


IS_NOTED = """coalesce(noted, answer_reason <> 0 AND EXISTS (
    SELECT FROM indexer_chain WHERE id = chain_id AND heard_to IS NOT NULL))"""
"""SQL: whether an operation's result may say more than its answer's text. Where that was not read of all of
an index yet, what is a whole result may.
"""

# Texts are cut where they are: a page of them may weigh megabytes. Of messages, the last is wanted.
_ROWS = f"""
    SELECT {COLUMNS}, r.answer,
           c.length, CASE WHEN c.length <= {WHOLE} THEN c.text ELSE left(c.text, {WHOLE // 4}) END,
           CASE WHEN c.length > {WHOLE} AND c.length <= {LONGEST} THEN right(c.text, {WHOLE // 4}) END,
           substr(c.raw, 1, {WHOLE}),
           a.length, left(a.text, {SNIPPET * 4}), substr(a.raw, 1, {SNIPPET * 4}),
           q.is_noted, q.position, q.transaction, CASE WHEN q.is_noted THEN {noted.index_of("q")} END,
           q.answer_reason, t.rid, u.rid, q.result_normal, q.said, coalesce(b.timestamp, r.created_at),
           coalesce(e.timestamp, r.created_at), r.chain_id, h.brid, g.live, g.same, g.most,
           o.transaction, CASE WHEN o.halved THEN {noted.index_of("o")} END,
           CASE WHEN r.status = {EDITED} THEN
               coalesce(o.said, o.answer) IS NOT DISTINCT FROM coalesce(r.said, r.answer) AND NOT EXISTS (
                   SELECT FROM indexer_revision v CROSS JOIN LATERAL (
                       SELECT coalesce(said, answer) AS words FROM indexer_operation
                       WHERE chain_id = v.chain_id AND position = v.position OFFSET 0) w
                   WHERE v.chain_id = r.chain_id AND v.generation = r.generation
                     AND v.prompt_id = r.prompt_id AND v.kind = {_UPDATE}
                     AND w.words IS DISTINCT FROM coalesce(r.said, r.answer))
           ELSE false END
    FROM ({{page}}) r {NAMES}
    JOIN indexer_chain h ON h.id = r.chain_id
    LEFT JOIN indexer_block e ON e.chain_id = r.chain_id AND e.height = r.revised_position >> 20
    LEFT JOIN LATERAL (
        SELECT g.live, (
                   SELECT a.now FROM indexer_groupanswer a
                   WHERE a.chain_id = g.chain_id AND a.generation = g.generation AND a.number = g.number
                     AND a.answer = coalesce(r.said, r.answer) AND r.status <> {DELETED}) AS same,
               CASE WHEN g.answers_now <= {MOST_ANSWERS} THEN (
                   SELECT max(a.now) FROM indexer_groupanswer a
                   WHERE a.chain_id = g.chain_id AND a.generation = g.generation
                     AND a.number = g.number) END AS most
        FROM indexer_group g
        WHERE g.chain_id = r.chain_id AND g.generation = r.generation AND g.prompt = r.prompt
          AND g.seed = r.seed AND g.records > 1 AND EXISTS (
              SELECT FROM indexer_checkpoint c JOIN indexer_derivationcheckpoint d
                  ON d.chain_id = c.chain_id AND d.generation = c.generation AND d.height >= c.height
              WHERE c.chain_id = r.chain_id AND c.generation = r.generation
                AND d.name = '{DerivationCheckpoint.Of.GROUPS.value}')
    ) g ON true
    LEFT JOIN indexer_block b ON b.chain_id = r.chain_id AND b.height = r.position >> 20
    LEFT JOIN indexer_prompt c ON c.hash = r.prompt
    LEFT JOIN indexer_answer a ON a.hash = r.answer
    LEFT JOIN indexer_operation o ON o.chain_id = r.chain_id AND o.position = r.position
    LEFT JOIN indexer_transaction t
        ON t.chain_id = r.chain_id AND t.height = r.position >> 20 AND t.ordinal = o.transaction
    LEFT JOIN (SELECT *, {IS_NOTED} AS is_noted FROM indexer_operation) q
        ON q.chain_id = r.chain_id AND q.position = CASE
        WHEN r.status <> {DELETED} THEN r.revised_position
        ELSE coalesce((SELECT max(v.position) FROM indexer_revision v
                       WHERE v.chain_id = r.chain_id AND v.generation = r.generation
                         AND v.prompt_id = r.prompt_id AND v.kind = {_UPDATE}), r.position) END
    LEFT JOIN indexer_transaction u
        ON u.chain_id = r.chain_id AND u.height = q.position >> 20 AND u.ordinal = q.transaction
"""
_PLACED = """
    SELECT r.* FROM unnest(%(chains)s::smallint[], %(positions)s::bigint[]) AS w (chain_id, position)
    JOIN indexer_chain h ON h.id = w.chain_id
    JOIN indexer_record r
        ON r.chain_id = h.id AND r.generation = h.generation AND r.position = w.position
"""


_Said = Mapping[Place, Completion | None]
"""See ``noted.read``: by the chain's id and the position of the operation that says it."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A row before the gate, with the hashes that the gate is asked for. ``noted`` is where its result is,
    where that says more than its answer's text; ``halved`` where its messages are, where they hold half a
    character.
    """

    facts: Facts
    answer: bytes
    asked: Ends
    said: Ends
    noted: Noted | None
    added_by: bytes | None
    said_by: bytes | None
    result: bytes | None
    key: bytes | None  # of what it says, where that is not the answer's
    timestamp: int
    changed: int
    chain_id: int
    chain: bytes
    agreement: Agreement | None
    halved: Signed | None
    same_words: bool

    @property
    def place(self) -> Place:
        return Place(self.chain_id, self.facts.position)

    def said_at(self, noted: Noted) -> Place:
        """Where its result is."""
        return Place(self.chain_id, noted.position)

    def read(self, said: _Said) -> Completion | None:
        """Its result as it is read, if that says more than its answer's text."""
        return None if self.noted is None else said.get(self.said_at(self.noted))

    def is_unread(self, said: _Said) -> bool:
        """Whether its answer is a whole result of which is not known what it says."""
        return self.noted is not None and self.noted.is_whole and self.said_at(self.noted) not in said

    def keys(self, said: _Said) -> Sequence[bytes | None]:
        """The content keys by which what it says may be withheld."""
        read = self.read(said)
        return [self.answer, self.result, self.key, *(part_keys(read) if read is not None else ())]


def facts_of(columns: Sequence[Any]) -> Facts:
    """The facts in ``COLUMNS``."""
    prompt_id, position, created_at, scout, seed, status, revisions, prompt, challenges, *names = columns
    return Facts(
        prompt_id,
        position,
        created_at,
        scout,
        seed,
        STATUSES[status],
        revisions,
        prompt,
        Tally(*challenges),
        name_of(*names[:2]),
        name_of(*names[2:]),
    )


def read_rows(places: Sequence[Place]) -> Sequence[RecordRow]:
    """The rows of these records, in their order."""
    if not places:
        return []
    asked = {
        "chains": [each.chain_id for each in places],
        "positions": [each.position for each in places],
    }
    rows = _read(_PLACED, asked)
    return [rows[each] for each in places if each in rows]


def read_those(page: str, parameters: Mapping[str, Any]) -> Sequence[RecordRow]:
    """The rows of ``indexer_record`` that this SQL gives, in no order."""
    return list(_read(page, parameters).values())


def _read(page: str, parameters: Mapping[str, Any]) -> Mapping[Place, RecordRow]:
    rows = _prepared(page, *parameters).rows(parameters)
    found = sorted(map(_found, rows), key=attrgetter("place"), reverse=True)
    said = _said(found)
    asked = gate(
        contents=(key for each in found for key in (each.facts.prompt, *each.keys(said))),
        transactions=(rid for each in found for rid in (each.added_by, each.said_by)),
    )
    texts = _Texts(found, asked, said)
    return {each.place: _row(each, asked, texts) for each in found}


@lru_cache(maxsize=_PAGES)
def _prepared(page: str, *parameters: str) -> Prepared:
    """The statement of a page, which says itself of what type its parameters are."""
    return Prepared(_ROWS.format(page=page), dict.fromkeys(parameters, "unknown"))


def _said(found: Sequence[_Found]) -> _Said:
    """What those say that say more than words; a query for each of their chains."""
    return {
        Place(chain_id, position): read
        for chain_id in dict.fromkeys(each.chain_id for each in found)
        for position, read in noted.read(
            chain_id, [each.noted for each in found if each.noted and each.chain_id == chain_id]
        ).items()
    }


def _halved(found: Sequence[_Found]) -> Mapping[Place, str]:
    """Messages in which half a character is to be marked, as they were signed; a query for each chain."""
    return {
        Place(chain_id, position): read
        for chain_id in dict.fromkeys(each.chain_id for each in found)
        for position, read in noted.messages(
            chain_id, [each.halved for each in found if each.halved and each.chain_id == chain_id]
        ).items()
    }


def _found(row: Sequence[Any]) -> _Found:
    answer, length, head, tail, raw, said_length, said, said_raw, is_noted, *rest = row[OF_FACTS:]
    position, ordinal, index, reason, added_by, said_by, result, key, timestamp, changed, *rest = rest
    chain_id, brid, live, same, most, asked_in, asked_at, same_words = rest
    return _Found(
        facts_of(row[:OF_FACTS]),
        answer,
        Ends(length, head, tail, raw),
        Ends(said_length, said, None, said_raw),
        Noted(position, ordinal, index, answer, reason) if is_noted else None,
        added_by,
        said_by,
        result,
        key,
        timestamp,
        changed,
        chain_id,
        brid,
        None if live is None else Agreement(live, same, most),
        None if asked_at is None else Signed(row[1], asked_in, asked_at),
        same_words,
    )


def _whole_messages(found: Sequence[_Found], asked: Gate) -> Mapping[bytes, Kept]:
    """Messages that must be read whole to know what they ask, by content key: of the newest so many as may
    be. What is withheld is not among them.
    """
    wanted: set[bytes] = set()
    room = MOST_READ
    for each in found:
        key, length = each.facts.prompt, each.asked.length or 0
        is_held = asked.hold(key, transaction=each.added_by) is not None
        if key in wanted or is_held or length > min(room, LONGEST):
            continue
        if is_unknown(each.asked):
            wanted.add(key)
            room -= length
    return stored_text.read(wanted)


class _Texts:
    """What the texts of a page show in a list. Of peers who were asked, or say, the same it is read once."""

    def __init__(self, found: Sequence[_Found], asked: Gate, said: _Said) -> None:
        self._said = said
        self._whole = _whole_messages(found, asked)
        self._halved = _halved(found)
        self._question = cache(question)
        self._beginning = cache(beginning)

    def keys(self, found: _Found) -> Sequence[bytes | None]:
        """The content keys by which what it says may be withheld."""
        return found.keys(self._said)

    def asked(self, found: _Found) -> Snippet:
        """What its messages ask."""
        kept = self._whole.get(found.facts.prompt)
        return self._question(found.asked, kept.value if kept else None, self._halved.get(found.place))

    def answered(self, found: _Found) -> Snippet:
        """The beginning of its answer's text."""
        return self._beginning(found.said)

    def more(self, found: _Found) -> Snippet | None:
        """What its result says; None where that is the answer's text."""
        if (read := found.read(self._said)) is not None:
            return conversations.answered(read)
        if found.is_unread(self._said):
            return Snippet("", cut=True, note="more than is read for a list")
        return None


def _row(found: _Found, asked: Gate, texts: _Texts) -> RecordRow:
    prompt_hold = asked.hold(found.facts.prompt, transaction=found.added_by)
    answer_hold = asked.hold(*texts.keys(found), transaction=found.said_by)
    more = texts.more(found) if answer_hold is None else None
    return found.facts.row(
        chain=found.chain,
        timestamp=found.timestamp,
        changed=found.changed,
        agreement=found.agreement,
        same_words=found.same_words,
        prompt=withheld(found.asked, prompt_hold) or texts.asked(found),
        answer=more or withheld(found.said, answer_hold) or texts.answered(found),
    )
