"""A record to explain records by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.texts import Snippet
from explorer.queries.records import conversations
from explorer.queries.records.conversations import SNIPPET
from explorer.queries.records.rows import IS_NOTED, RecordRow
from indexer.store.suppression import gate

_ADDED = f"""
    SELECT o.position, o.answer, o.result_normal, t.rid, a.length, left(a.text, {4 * SNIPPET})
    FROM (SELECT *, {IS_NOTED} AS is_noted FROM indexer_operation) o
    JOIN indexer_transaction t
        ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
    JOIN indexer_answer a ON a.hash = o.answer
    WHERE o.chain_id = %(chain)s AND o.position = ANY(%(positions)s) AND a.text <> ''
      AND o.is_noted IS NOT TRUE
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A record. ``first`` begins as it did at first, where it was edited and that is other."""

    row: RecordRow
    first: Snippet | None


@dataclass(frozen=True, slots=True)
class _Added:
    """What a record said at first: its content keys, its transaction, and its beginning."""

    answer: bytes
    result: bytes | None
    rid: bytes
    said: Snippet


def example(chain: ChainView, latest: Iterable[RecordRow], edited: Iterable[RecordRow]) -> Example | None:
    """A record that says most: of those that were edited last one that said something else at first, else any
    of these and of the newest.

    Of none are words withheld. At most two queries. None where there is no such record.
    """
    edited = _shown(edited)
    first = _first(chain, edited)
    for row in edited:
        said = first.get(row.position)
        if said is not None and said != row.answer:
            return Example(row, said)
    return next((Example(row, None) for row in (*edited, *_shown(latest))), None)


def _shown(rows: Iterable[RecordRow]) -> Sequence[RecordRow]:
    """Those whose words can be shown; edits that left them the same explain nothing."""
    return [each for each in rows if each.prompt.text and each.answer.text and not each.same_words]


def _first(chain: ChainView, rows: Sequence[RecordRow]) -> Mapping[int, Snippet]:
    """What records said at first, by position, where it is words alone and may be shown."""
    if not rows:
        return {}
    parameters = {"chain": chain.id, "positions": [each.position for each in rows]}
    found = {row[0]: _added(*row[1:]) for row in sql.rows(_ADDED, parameters)}
    keys = (key for each in found.values() for key in (each.answer, each.result))
    asked = gate(contents=keys, transactions=(each.rid for each in found.values()))
    return {
        position: each.said
        for position, each in found.items()
        if asked.hold(each.answer, each.result, transaction=each.rid) is None
    }


def _added(answer: bytes, result: bytes | None, rid: bytes, length: int, head: str) -> _Added:
    said = conversations.line(head, more=length > len(head))
    return _Added(answer, result, rid, said)
