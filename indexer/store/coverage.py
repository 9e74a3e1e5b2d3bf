"""Which heights are in: one row a finished window, gaps by ``range_agg``."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class HeightRange:
    """Heights from ``first`` to ``last``, both included."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


_COVERED = """
    SELECT lower(span), upper(span) - 1 FROM (
        SELECT unnest(range_agg(int8range(first, last, '[]'))) AS span FROM indexer_window WHERE chain_id = %s
    ) AS spans ORDER BY 1
"""
_COMPACT = """
    WITH gone AS (
        DELETE FROM indexer_window WHERE chain_id = %s AND last <= %s RETURNING *
    )
    INSERT INTO indexer_window (chain_id, first, last, transactions, operations, finished_at)
    SELECT chain_id, min(first), max(last), sum(transactions), sum(operations), max(finished_at)
    FROM gone GROUP BY chain_id
    ON CONFLICT (chain_id, first) DO UPDATE SET last = excluded.last
"""


def covered(chain_id: int) -> list[HeightRange]:
    """The spans that are in, lowest first, none touching another."""
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, [chain_id])
        return [HeightRange(first, last) for first, last in cursor.fetchall()]


def covered_to(chain_id: int, *, after: int) -> int:
    """The highest height up to which every height above ``after`` is in; ``after`` where none is."""
    for span in covered(chain_id):
        if span.first <= after + 1 <= span.last:
            return span.last
    return after


def gaps(chain_id: int, *, last: int) -> list[HeightRange]:
    """The spans from height 0 to ``last`` that are not in, lowest first."""
    return missing(covered(chain_id), last=last)


def missing(spans: Iterable[HeightRange], *, last: int) -> list[HeightRange]:
    """The spans from height 0 to ``last`` that are not in, lowest first; ``spans`` are as ``covered``."""
    found, expected = [], 0
    for span in spans:
        if span.first > last:
            break
        if span.first > expected:
            found.append(HeightRange(expected, span.first - 1))
        expected = max(expected, span.last + 1)
    if expected <= last:
        found.append(HeightRange(expected, last))
    return found


def compact(cursor: CursorWrapper, chain_id: int, *, below: int) -> None:
    """Make one row of the windows that end at or below a height, all of which are folded."""
    cursor.execute(_COMPACT, [chain_id, below])
