"""A record to explain records by."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from explorer.queries import conversations, records
from explorer.queries.chains import ChainView
from explorer.queries.conversations import SNIPPET
from explorer.queries.records import RecordRow, Status
from explorer.queries.texts import Snippet, gate
from explorer.queries.values import octets

_LOOKED_AT = 10  # records, newest first

_FIRST = f"""
    SELECT o.answer, o.result_normal, t.rid, a.length, left(a.text, {4 * SNIPPET}) FROM indexer_operation o
    JOIN indexer_transaction t
        ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
    JOIN indexer_answer a ON a.hash = o.answer
    WHERE o.chain_id = %(chain)s AND o.position = %(position)s AND a.text IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A record. ``first`` begins as it did at first, where it was edited and that is other."""

    row: RecordRow
    first: Snippet | None


def example(chain: ChainView, latest: Iterable[RecordRow]) -> Example | None:
    """A record that says most: an edited one, else one of the ``latest``; none of which words are withheld.

    At most four queries. None where there is no such record.
    """
    edited = records.page(chain, status=Status.EDITED, limit=_LOOKED_AT).rows
    for row in (*edited, *latest):
        if row.prompt.text and row.answer.text:
            return Example(row, _first(chain, row) if row.status is Status.EDITED else None)
    return None


def _first(chain: ChainView, row: RecordRow) -> Snippet | None:
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, {"chain": chain.id, "position": row.position})
        found = cursor.fetchone()
    return None if found is None else _shown(row, *found)


def _shown(row: RecordRow, answer: bytes, result: Any, rid: bytes, length: int, head: str) -> Snippet | None:
    hold = gate(contents=[answer, octets(result)], transactions=[rid]).hold(
        bytes(answer), octets(result), transaction=bytes(rid)
    )
    said = conversations.line(head, more=length > len(head))
    return None if hold is not None or said == row.answer else said
