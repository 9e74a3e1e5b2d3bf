"""Numbers with their denominators, from rollups: none is counted while a reader waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from explorer.queries.chains import ChainView
from explorer.queries.rows import GENERATION
from indexer.models import Count, Mark

_FIRST_DAY = date(1970, 1, 1)

_FIGURES = f"""
    SELECT 'count', of, count, NULL FROM indexer_count
    WHERE chain_id = %(chain)s AND generation = {GENERATION}
    UNION ALL
    SELECT 'mark', name, height, at FROM indexer_mark
    WHERE chain_id = %(chain)s AND generation = {GENERATION}
    UNION ALL
    SELECT 'day', '', written, NULL FROM indexer_rollup
    WHERE chain_id = %(chain)s AND generation = {GENERATION} AND day = %(day)s
"""
_DAYS = f"""
    SELECT day, written, edits, deletions FROM indexer_rollup
    WHERE chain_id = %(chain)s AND generation = {GENERATION} AND day BETWEEN %(first)s AND %(last)s
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of the home page, as of ``at`` (when they were rolled up; None before the first time) and
    of the block at ``height`` (-1 before the first).
    """

    at: datetime | None
    height: int
    records: int  # ever written
    operations: int  # operations that were read
    not_understood: int
    edited: int
    deleted: int
    alike: int  # prompts (messages and seed) with two or more answers, all of them equal as first written
    shared: int  # prompts with two or more answers
    groups: int  # prompts (messages and seed)
    blocks: int
    unchecked: int  # blocks whose witness was not checked
    today: int  # records of the last day of the chart

    @property
    def changed(self) -> int:
        """Records that are not as they were first written."""
        return self.edited + self.deleted

    @property
    def checked(self) -> int:
        """Blocks whose witness was checked."""
        return self.blocks - self.unchecked


@dataclass(frozen=True, slots=True)
class Day:
    """What was written on one UTC day, by the time of its blocks."""

    day: date
    written: int
    edits: int
    deletions: int

    @property
    def changed(self) -> int:
        """Edits and deletions of that day."""
        return self.edits + self.deletions


def figures(chain: ChainView) -> Figures:
    """The numbers of a chain; one query."""
    day = _last_day(chain)
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"chain": chain.id, "day": day})
        rows = cursor.fetchall()
    counts = {name: number for kind, name, number, _ in rows if kind == "count"}
    marks = {name: (height, at) for kind, name, height, at in rows if kind == "mark"}
    height, at = marks.get(Mark.Of.ROLLUPS.value, (-1, None))
    return Figures(
        at=at,
        height=height,
        records=counts.get(Count.Of.RECORDS, 0),
        operations=counts.get(Count.Of.OPERATIONS, 0),
        not_understood=counts.get(Count.Of.NOT_UNDERSTOOD, 0),
        edited=counts.get(Count.Of.EDITED, 0),
        deleted=counts.get(Count.Of.DELETED, 0),
        alike=counts.get(Count.Of.ALIKE, 0),
        shared=counts.get(Count.Of.SHARED, 0),
        groups=counts.get(Count.Of.GROUPS, 0),
        blocks=height + 1,
        unchecked=counts.get(Count.Of.UNCHECKED, 0),
        today=next((written for kind, _, written, _ in rows if kind == "day"), 0),
    )


def days(chain: ChainView, *, count: int = 30) -> Sequence[Day]:
    """The last days up to the newest block's, oldest first, days without anything among them; one query.

    None where there is no block, and fewer than ``count`` at the calendar's beginning.
    """
    last = _last_day(chain)
    if last is None:
        return []
    first = max(last - count + 1, -(_FIRST_DAY - date.min).days)
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"chain": chain.id, "first": first, "last": last})
        found = {day: numbers for day, *numbers in cursor.fetchall()}
    return [
        Day(_FIRST_DAY + timedelta(days=day), *found.get(day, (0, 0, 0))) for day in range(first, last + 1)
    ]


def _last_day(chain: ChainView) -> int | None:
    """The day of the newest block, as days since 1970."""
    newest = chain.freshness.block_at
    return None if newest is None else (newest.date() - _FIRST_DAY).days
