"""In which texts of a record the words of a query were found, with a line around each.

What is read is bounded, however many rows and however long their texts: what lies beyond is not looked at
here. Every text asks the gate.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from explorer.queries.db import sql
from explorer.queries.lists.search.asked import said_of
from explorer.queries.records import conversations, noted
from explorer.queries.records.match import Match
from explorer.queries.records.noted import Noted, Signed
from explorer.queries.records.row import Place
from explorer.queries.records.rows import IS_NOTED
from explorer.queries.records.said import Completion
from explorer.search.hits import line_of, sought
from explorer.search.tree import Node, Said, Side, Text
from indexer.dapp import texts
from indexer.dapp.completion import part_keys
from indexer.models import Revision
from indexer.store.suppression import Gate, gate
from indexer.words.private import masked

MOST_VERSIONS = 10
"""Versions of a record that are looked at beside the first: the newest."""

MOST_MATCHES = 3
"""Of a record."""

LONGEST = 1 << 18
"""Characters of an answer that are looked at, and of messages that are not too long."""

MOST_READ = 1 << 21
"""Characters that are read for a page."""

_UPDATE = Revision.Kind.UPDATE.value

# One by one, by their indexes. The index of an operation in its transaction counts those before it.
_VERSIONS = f"""
    WITH r AS MATERIALIZED (
        SELECT w.rank, r.chain_id, r.generation, r.position, r.prompt_id, r.prompt, r.revisions
        FROM unnest(%(chains)s::smallint[], %(positions)s::bigint[])
            WITH ORDINALITY AS w (chain_id, position, rank)
        JOIN indexer_chain h ON h.id = w.chain_id
        CROSS JOIN LATERAL (
            SELECT * FROM indexer_record r
            WHERE r.chain_id = h.id AND r.generation = h.generation AND r.position = w.position OFFSET 0) r
    ), v AS (
        SELECT r.*, 1::bigint AS number, r.position AS at FROM r
        UNION ALL
        SELECT r.*, v.number, v.position FROM r CROSS JOIN LATERAL (
            SELECT position, kind, r.revisions + 1 - row_number() OVER (ORDER BY position DESC) AS number
            FROM indexer_revision
            WHERE chain_id = r.chain_id AND generation = r.generation AND prompt_id = r.prompt_id AND kind > 1
            ORDER BY position DESC LIMIT {MOST_VERSIONS}) v
        WHERE r.revisions > 1 AND v.kind = {_UPDATE}
    )
    SELECT v.chain_id, v.position, v.number, v.at, v.prompt, c.length, o.answer, a.length, o.answer_reason,
           o.result_normal, o.said, t.rid, o.transaction,
           o.is_noted, v.number = 1 AND o.halved IS TRUE,
           CASE WHEN o.is_noted OR o.halved THEN {noted.index_of("o")} END
    FROM v
    CROSS JOIN LATERAL (
        SELECT *, {IS_NOTED} AS is_noted FROM indexer_operation
        WHERE chain_id = v.chain_id AND position = v.at OFFSET 0) o
    JOIN indexer_transaction t
        ON t.chain_id = v.chain_id AND t.height = v.at >> 20 AND t.ordinal = o.transaction
    LEFT JOIN indexer_prompt c ON c.hash = v.prompt
    LEFT JOIN indexer_answer a ON a.hash = o.answer
    ORDER BY v.rank, v.number
"""
_TEXTS = f"""
    SELECT hash, text, raw FROM indexer_prompt WHERE hash = ANY(%(prompts)s)
    UNION ALL
    SELECT hash, left(text, {LONGEST}), substr(raw, 1, {LONGEST}) FROM indexer_answer
    WHERE hash = ANY(%(answers)s)
"""


@dataclass(frozen=True, slots=True)
class _Version:
    """What one operation said, before the gate."""

    at: Place
    number: int
    position: int
    prompt: bytes
    prompt_length: int | None
    answer: bytes
    answer_length: int | None
    reason: int
    result: bytes | None
    said: bytes | None
    rid: bytes
    ordinal: int
    is_noted: bool
    is_halved: bool
    index: int | None

    @property
    def noted(self) -> Noted | None:
        """Where its result is, where that says more than its answer's text."""
        if self.index is None or not self.is_noted:
            return None
        return Noted(self.position, self.ordinal, self.index, self.answer, self.reason)

    @property
    def halved(self) -> Signed | None:
        """Where its messages are, where they hold half a character, for which their text has a question
        mark.
        """
        if self.index is None or not self.is_halved:
            return None
        return Signed(self.position, self.ordinal, self.index)


_Results = Mapping[tuple[int, int], Completion | None]


def matches(places: Iterable[Place], tree: Node) -> Mapping[Place, Sequence[Match]]:
    """Where the words of the tree stand in these records; of what cannot be read here, nothing. Five queries
    at most, and two more for each further chain.
    """
    terms, asked = list(sought(tree)), list(places)
    if not terms or not asked:
        return {}
    of = {"chains": [each.chain_id for each in asked], "positions": [each.position for each in asked]}
    versions: dict[Place, list[_Version]] = defaultdict(list)
    for chain_id, position, *row in sql.rows(_VERSIONS, of):
        at = Place(chain_id, position)
        versions[at].append(_Version(at, *row))
    reader = _Reader([each for found in versions.values() for each in found], terms)
    said = said_of(tree)
    return {at: list(reader.matches(found, said))[:MOST_MATCHES] for at, found in versions.items()}


class _Reader:
    """The texts of a page, past the gate. Peers say the same: what is said is looked through once."""

    def __init__(self, versions: Sequence[_Version], terms: Sequence[Text]) -> None:
        self._asked = [each for each in terms if each.side is not Side.ANSWER]
        self._answered = [each for each in terms if each.side is not Side.PROMPT]
        self._results = _results(versions) if self._answered else {}
        self._signed = _signed(versions) if self._asked else {}
        self._gate = _gate(versions, self._results)
        self._kept = self._read(versions)
        self._in_messages = cache(lambda text: line_of(map(masked, texts.of_messages(text)), self._asked))
        self._in_answer = cache(lambda said: line_of(map(masked, said), self._answered))

    def matches(self, versions: Sequence[_Version], said: Said) -> Iterator[Match]:
        """Those of one record: of its messages, then of its versions, the present one first."""
        first, now = versions[0], versions[-1]
        asked = self._messages(first) if self._asked else None
        if asked is not None and (line := self._in_messages(asked)) is not None:
            yield Match(Side.PROMPT, 1, line)
        counted = {Said.EVER: versions, Said.FIRST: [first], Said.NOW: [now]}[said]
        for each in reversed(counted) if self._answered else ():
            line = self._in_answer(self._answer(each))
            if line is not None:
                yield Match(Side.ANSWER, each.number, line, each is first, each is now)

    def _messages(self, version: _Version) -> str | None:
        if self._gate.hold(version.prompt, transaction=version.rid) is not None:
            return None
        return self._signed.get(version.at, self._kept.get(version.prompt))

    def _answer(self, version: _Version) -> tuple[str, ...]:
        return () if self._is_held(version) else tuple(self._texts(version))

    def _texts(self, version: _Version) -> Iterable[str]:
        text, is_whole = self._kept.get(version.answer), bool(version.reason)
        if version.noted is not None:
            read = self._results.get((version.at.chain_id, version.position))
            if read is not None:
                return texts.of_completion(read)
            if not is_whole or (version.at.chain_id, version.position) not in self._results:
                return ()
        if text is None:
            return ()
        return texts.of_whole(text) if is_whole else (text,)

    def _is_held(self, version: _Version) -> bool:
        return self._gate.hold(*_keys(version, self._results), transaction=version.rid) is not None

    def _read(self, versions: Sequence[_Version]) -> Mapping[bytes, str]:
        """Kept texts by content key, those of the first rows first, where all is too much."""
        prompts, answers, room = set(), set(), MOST_READ
        for each in versions:
            length = each.prompt_length or 0
            if self._asked and each.prompt not in prompts and length <= min(LONGEST, room):
                prompts.add(each.prompt)
                room -= length
            length = min(each.answer_length or 0, LONGEST)
            if self._answered and each.answer not in answers and length <= room:
                answers.add(each.answer)
                room -= length
        rows = sql.rows(_TEXTS, {"prompts": list(prompts), "answers": list(answers)})
        return {key: _text(text, raw) for key, text, raw in rows if text is not None or raw is not None}


def _results(versions: Sequence[_Version]) -> _Results:
    """Results that say more than an answer's text, by chain and position."""
    found: dict[tuple[int, int], Completion | None] = {}
    for chain_id in dict.fromkeys(each.at.chain_id for each in versions):
        asked = [each.noted for each in versions if each.at.chain_id == chain_id and each.noted is not None]
        read = noted.read(chain_id, asked) if asked else {}
        found |= {(chain_id, position): result for position, result in read.items()}
    return found


def _signed(versions: Sequence[_Version]) -> Mapping[Place, str]:
    """Messages in which half a character stands, in their normal form but that this is marked."""
    signed = {
        Place(chain_id, position): read
        for chain_id in dict.fromkeys(each.at.chain_id for each in versions)
        for position, read in noted.messages(
            chain_id, [each.halved for each in versions if each.halved and each.at.chain_id == chain_id]
        ).items()
    }
    read = {at: conversations.marked(each) for at, each in signed.items()}
    return {at: each for at, each in read.items() if each is not None}


def _gate(versions: Sequence[_Version], results: _Results) -> Gate:
    return gate(
        contents=(key for each in versions for key in (each.prompt, *_keys(each, results))),
        transactions=(each.rid for each in versions),
    )


def _keys(version: _Version, results: _Results) -> Sequence[bytes | None]:
    """The content keys by which what it says may be withheld."""
    read = results.get((version.at.chain_id, version.position))
    parts = part_keys(read) if read is not None else ()
    return [version.answer, version.result, version.said, *parts]


def _text(text: str | None, raw: Any) -> str:
    return bytes(raw).decode("utf-8", "replace") if text is None else text
