"""The beginnings of answers, by where they were given: one query for any number of them and one for the gate,
and for each chain one more where an answer says more than words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.queries.db.prepared import Prepared
from explorer.queries.db.texts import Snippet
from explorer.queries.records import conversations, noted
from explorer.queries.records.conversations import SNIPPET
from explorer.queries.records.ends import Ends, beginning, withheld
from explorer.queries.records.noted import Noted
from explorer.queries.records.row import Place
from explorer.queries.records.rows import IS_NOTED
from explorer.queries.records.said import Completion
from indexer.dapp.completion import part_keys
from indexer.store.suppression import Gate, gate

_ANSWERS = Prepared(
    f"""
    SELECT q.chain_id, q.position, q.transaction, q.is_noted,
           CASE WHEN q.is_noted THEN {noted.index_of("q")} END,
           q.answer, q.answer_reason, q.result_normal, q.said, t.rid,
           a.length, left(a.text, {SNIPPET * 4}), substr(a.raw, 1, {SNIPPET * 4})
    FROM unnest(%(chains)s, %(positions)s) AS w (chain_id, position)
    JOIN (SELECT *, {IS_NOTED} AS is_noted FROM indexer_operation) q
        ON q.chain_id = w.chain_id AND q.position = w.position
    JOIN indexer_transaction t
        ON t.chain_id = q.chain_id AND t.height = q.position >> 20 AND t.ordinal = q.transaction
    LEFT JOIN indexer_answer a ON a.hash = q.answer
""",
    {"chains": "smallint[]", "positions": "bigint[]"},
)


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer before the gate. ``noted`` is where its result is, where that says more than its text."""

    place: Place
    noted: Noted | None
    keys: Sequence[bytes | None]
    transaction: bytes
    said: Ends


def answers_at(places: Sequence[Place]) -> Mapping[Place, Snippet]:
    """What the operations at these places answered, each as a list shows it."""
    if not places:
        return {}
    asked = {
        "chains": [each.chain_id for each in places],
        "positions": [each.position for each in places],
    }
    found = [_given(row) for row in _ANSWERS.rows(asked)]
    read = _read(found)
    held = gate(
        contents=(key for each in found for key in _keys(each, read)),
        transactions=(each.transaction for each in found),
    )
    return {each.place: _snippet(each, read, held) for each in found}


def _given(row: Sequence[Any]) -> _Given:
    chain_id, position, ordinal, is_noted, index, answer, reason, result, said, rid, *rest = row
    length, head, raw = rest
    return _Given(
        Place(chain_id, position),
        Noted(position, ordinal, index, answer, reason) if is_noted else None,
        (answer, result, said),
        rid,
        Ends(length, head, None, raw),
    )


def _read(found: Sequence[_Given]) -> Mapping[Place, Completion | None]:
    """The results of those that say more than words; those that are not here, or too much, are left out."""
    return {
        Place(chain_id, position): said
        for chain_id in dict.fromkeys(each.place.chain_id for each in found)
        for position, said in noted.read(
            chain_id, [each.noted for each in found if each.noted and each.place.chain_id == chain_id]
        ).items()
    }


def _keys(given: _Given, read: Mapping[Place, Completion | None]) -> Sequence[bytes | None]:
    """The content keys by which it may be withheld."""
    said = read.get(given.place)
    return [*given.keys, *(() if said is None else part_keys(said))]


def _snippet(given: _Given, read: Mapping[Place, Completion | None], held: Gate) -> Snippet:
    hold = held.hold(*_keys(given, read), transaction=given.transaction)
    said = read.get(given.place)
    if hold is None and said is not None:
        return conversations.answered(said)
    if hold is None and given.noted is not None and given.noted.is_whole and given.place not in read:
        return Snippet("", cut=True, note="more than is read for a list")
    return withheld(given.said, hold) or beginning(given.said)
