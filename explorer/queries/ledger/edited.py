"""What edits in a list changed, in short: one query for all of them, one for the gate, and for each chain one
more where results say more than words, or the words stayed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from explorer.diff.effort import Effort
from explorer.queries.chain.chains import ChainView
from explorer.queries.compare import comparison, edits
from explorer.queries.db import transaction_bytes
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.stored_text import value_of
from explorer.queries.db.texts import Snippet
from explorer.queries.ledger.ledger import ChangeRow
from explorer.queries.ledger.ledger_filter import Change
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.listing import Records
from explorer.queries.records import conversations, edit
from explorer.queries.records.between import OTHER
from explorer.queries.records.edit import Edit
from explorer.queries.records.noted import MOST_BYTES, Signed, index_of, result_of
from explorer.queries.records.parts import parts_of_completion, text_of
from explorer.queries.records.row import Place, RecordRow
from explorer.queries.records.rows import IS_NOTED
from explorer.queries.records.said import Completion
from explorer.queries.records.states import Status
from indexer.dapp.completion import completion_of, part_keys
from indexer.models import Revision
from indexer.store.suppression import Gate, gate

LONGEST = 10_000
"""Characters of an answer, above which a list does not tell what an edit changed of it."""

MOST_SIGNED = 24
"""Results that are read from their transactions, for one page of a list."""

_UPDATE = Revision.Kind.UPDATE.value

# What was said before an edit is what the newest edit before it wrote, else the add.
_EACH = f"""
    SELECT w.chain_id, w.position AS after, coalesce((
        SELECT v.position FROM indexer_revision v
        WHERE v.chain_id = w.chain_id AND v.generation = h.generation AND v.prompt_id = w.prompt_id
          AND v.kind > 1 AND v.kind = {_UPDATE} AND v.position < w.position
        ORDER BY v.position DESC LIMIT 1), r.position) AS before, w.position AS named, 1 AS edits,
        false AS came_back
    FROM unnest(%(chains)s, %(positions)s, %(ids)s)
        AS w (chain_id, position, prompt_id)
    JOIN indexer_chain h ON h.id = w.chain_id
    JOIN indexer_record r
        ON r.chain_id = w.chain_id AND r.generation = h.generation AND r.prompt_id = w.prompt_id
"""
# Where the first words came back, what was said in between is told.
_SINCE_FIRST = f"""
    SELECT chain_id, coalesce(other, revised) AS after, before, before AS named, edits,
           other IS NOT NULL AS came_back
    FROM (
        SELECT r.chain_id, r.position AS before, r.revised_position AS revised, r.revisions - 1 AS edits,
               CASE WHEN coalesce(o.said, o.answer) IS NOT DISTINCT FROM coalesce(r.said, r.answer)
                   THEN ({OTHER}) END AS other
        FROM unnest(%(chains)s, %(positions)s) AS w (chain_id, position)
        JOIN indexer_chain h ON h.id = w.chain_id
        JOIN indexer_record r
            ON r.chain_id = w.chain_id AND r.generation = h.generation AND r.position = w.position
        JOIN indexer_operation o ON o.chain_id = r.chain_id AND o.position = r.position
        OFFSET 0) f
"""
_STATEMENT = f"""
    WITH pairs AS MATERIALIZED ({{pairs}})
    SELECT p.chain_id, p.named, p.edits, p.came_back, q.position, s.is_after, q.transaction,
           {index_of("q")}, q.is_noted, q.answer, q.result_normal, q.said, t.rid, a.text, a.raw
    FROM pairs p CROSS JOIN LATERAL (VALUES (p.before, false), (p.after, true)) s (position, is_after)
    JOIN (SELECT *, {IS_NOTED} AS is_noted FROM indexer_operation) q
        ON q.chain_id = p.chain_id AND q.position = s.position
    JOIN indexer_transaction t
        ON t.chain_id = q.chain_id AND t.height = q.position >> 20 AND t.ordinal = q.transaction
    LEFT JOIN indexer_answer a ON a.hash = q.answer AND a.length <= {LONGEST}
"""
_PLACES = {"chains": "smallint[]", "positions": "bigint[]"}
_OF_EACH = Prepared(_STATEMENT.format(pairs=_EACH), {**_PLACES, "ids": "bigint[]"})
_OF_RECORDS = Prepared(_STATEMENT.format(pairs=_SINCE_FIRST), _PLACES)


@dataclass(frozen=True, slots=True)
class First:
    """What was said before an edit, empty where that is too long to be read; and what the edit changed, None
    where that is not told.
    """

    text: str
    edit: Edit | None

    @property
    def said(self) -> Snippet:
        """How what was said begins."""
        return conversations.line(self.text)


@dataclass(frozen=True, slots=True)
class _Said:
    """What an operation said, before the gate. ``is_noted``: whether that is more than its answer's text."""

    signed: Signed
    is_noted: bool
    answer: bytes
    normal: bytes | None
    own_key: bytes | None
    transaction: bytes
    text: str | None

    @property
    def key(self) -> bytes:
        """By which it is told whether another one says the same."""
        return self.own_key or self.answer


@dataclass(frozen=True, slots=True)
class _Pair:
    """What was said before an edit, and by it. ``edits`` and ``came_back`` are those of ``Edit``."""

    chain_id: int
    before: _Said
    after: _Said
    edits: int
    came_back: bool

    @property
    def sides(self) -> tuple[_Said, _Said]:
        return self.before, self.after

    @property
    def is_same(self) -> bool:
        return self.before.key == self.after.key

    @property
    def is_signed(self) -> bool:
        """Whether the results have to be read as they were signed."""
        return self.is_same or self.before.is_noted or self.after.is_noted


@dataclass(frozen=True, slots=True)
class _Results:
    """Results as they were signed, and as they are read where these say more than words, by place."""

    signed: Mapping[Place, str]
    read: Mapping[Place, Completion]

    def keys(self, chain_id: int, said: _Said) -> Sequence[bytes | None]:
        """The content keys by which it may be withheld."""
        read = self.read.get(Place(chain_id, said.signed.position))
        return [said.answer, said.normal, said.own_key, *(() if read is None else part_keys(read))]


def changes(rows: Sequence[ChangeRow], chains: Sequence[ChainView]) -> Sequence[ChangeRow]:
    """The same rows, each edit with what it changed; without that where it is withheld, too long, or was not
    compared in time.
    """
    ids = {each.brid: each.id for each in chains}
    edited = {
        Place(ids[each.chain], each.position): each.prompt_id or 0
        for each in rows
        if each.kind is Change.EDIT
    }
    told = _told(_OF_EACH, list(edited), ids=list(edited.values()))
    return [replace(each, edit=_edit_at(told, Place(ids[each.chain], each.position))) for each in rows]


def listed(found: Records, wanted: RecordFilter) -> Sequence[RecordRow]:
    """The rows of a list; where edited records alone are asked for, each with what became of it since it was
    first written, in the same way.
    """
    if wanted.status is not Status.EDITED:
        return found.rows
    told = since_first(found.rows, found.of)
    return [replace(each, edit=first.edit if first else None) for each, first in told]


def since_first(
    rows: Sequence[RecordRow], chains: Sequence[ChainView]
) -> Sequence[tuple[RecordRow, First | None]]:
    """The rows, each with what it said at first, where it was edited and that is told."""
    ids = {each.brid: each.id for each in chains}
    edited = [Place(ids[each.chain], each.position) for each in rows if each.status is Status.EDITED]
    told = _told(_OF_RECORDS, edited)
    return [(each, told.get(Place(ids[each.chain], each.position))) for each in rows]


def _edit_at(told: Mapping[Place, First], place: Place) -> Edit | None:
    return told[place].edit if place in told else None


def _told(texts: Prepared, places: Sequence[Place], **more: Sequence[int]) -> Mapping[Place, First]:
    if not places:
        return {}
    asked: dict[str, Any] = {
        "chains": [each.chain_id for each in places],
        "positions": [each.position for each in places],
        **more,
    }
    found = _pairs(texts.rows(asked))
    results = _results([found[each] for each in places if each in found])
    held = gate(
        contents=(
            key for each in found.values() for side in each.sides for key in results.keys(each.chain_id, side)
        ),
        transactions=(side.transaction for each in found.values() for side in each.sides),
    )
    with comparison.at_once(edits.LISTED_SECONDS) as effort:
        told = {each: _first(found[each], results, held, effort) for each in places if each in found}
    return {place: each for place, each in told.items() if each is not None}


def _pairs(rows: Sequence[Sequence[Any]]) -> Mapping[Place, _Pair]:
    sides: dict[Place, dict[bool, _Said]] = {}
    of_all: dict[Place, tuple[int, bool]] = {}
    for chain_id, named, count, came_back, position, is_after, *rest in rows:
        ordinal, index, is_noted, answer, normal, own_key, rid, text, raw = rest
        signed = Signed(position, ordinal, index)
        said = _Said(signed, is_noted, answer, normal, own_key, rid, value_of(text, raw))
        place = Place(chain_id, named)
        sides.setdefault(place, {})[is_after] = said
        of_all[place] = count, came_back
    return {
        place: _Pair(place.chain_id, of[False], of[True], *of_all[place])
        for place, of in sides.items()
        if len(of) == 2
    }


def _results(pairs: Sequence[_Pair]) -> _Results:
    """Those that have to be read as they were signed, so many as may be; a query for each chain."""
    wanted = [each for each in pairs if each.is_signed][: MOST_SIGNED // 2]
    signed: dict[Place, str] = {}
    for chain_id in dict.fromkeys(each.chain_id for each in wanted):
        said = [side.signed for each in wanted if each.chain_id == chain_id for side in each.sides]
        bytes_of = transaction_bytes.read(chain_id, (each.place for each in said), most=MOST_BYTES)
        found = {each.position: result_of(each, bytes_of[each.place]) for each in said}
        signed |= {Place(chain_id, at): result for at, result in found.items() if result is not None}
    read = {place: completion_of(result) for place, result in signed.items()}
    return _Results(signed, {place: each for place, each in read.items() if each is not None})


def _first(pair: _Pair, results: _Results, held: Gate, effort: Effort) -> First | None:
    """What was said before, and what an edit changed of it; None where either side is withheld."""
    for side in pair.sides:
        if held.hold(*results.keys(pair.chain_id, side), transaction=side.transaction) is not None:
            return None
    places = [Place(pair.chain_id, each.signed.position) for each in pair.sides]
    before, after = (_text(each, at, results) for each, at in zip(pair.sides, places, strict=True))
    said = before or ""
    if pair.is_same:
        stayed = edit.beside(*(results.signed.get(each) for each in places))
        return First(said, replace(stayed, edits=pair.edits))
    found = None if before is None or after is None else edit.between(before, after, effort)
    if found is None and pair.came_back:
        found = Edit(None)
    return First(said, found and replace(found, edits=pair.edits, came_back=pair.came_back))


def _text(said: _Said, at: Place, results: _Results) -> str | None:
    """All that it says; None where that is not here, or too long."""
    if not said.is_noted:
        return said.text
    read = results.read.get(at)
    text = None if read is None else text_of(parts_of_completion(read))
    return text if text is not None and len(text) <= LONGEST else None
