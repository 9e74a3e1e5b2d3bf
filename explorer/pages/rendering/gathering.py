"""Rows of a list of records, by day, and those of one prompt that stand together gathered under it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from explorer.queries.db.pagination import BEST
from explorer.queries.records.rows import Agreement, RecordRow

_MOST_SEEDS = 3


@dataclass(frozen=True, slots=True)
class Agreed:
    """How the records of a prompt and a seed agree; ``seed`` is None where all rows have the same."""

    seed: int | None
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Gathering:
    """Rows of one prompt that follow each other; the first one has its words."""

    rows: Sequence[RecordRow]

    @property
    def first(self) -> RecordRow:
        """That of the prompt's words."""
        return self.rows[0]

    @property
    def is_single(self) -> bool:
        """Whether there is nothing to gather."""
        return len(self.rows) == 1

    @property
    def agreed(self) -> Sequence[Agreed]:
        """How those of each seed agree."""
        by_seed = {each.seed: each.agreement for each in self.rows if each.agreement is not None}
        is_one = len({each.seed for each in self.rows}) == 1
        found = [Agreed(None if is_one else seed, agreement) for seed, agreement in by_seed.items()]
        return found[:_MOST_SEEDS]


@dataclass(frozen=True, slots=True)
class Day:
    """What stands under the heading of one UTC day; under none where ``at`` is None."""

    at: datetime | None
    gatherings: Sequence[Gathering]


def days_of(rows: Sequence[RecordRow], *, order: str = "newest") -> Sequence[Day]:
    """The rows as they come, by the day on which they were written, or last ``changed``; of those that come
    by how well they match, all without a heading.
    """
    if order == BEST:
        return [Day(None, list(_gathered(rows)))] if rows else []
    return list(_days(rows, changed=order == "changed"))


def _days(rows: Sequence[RecordRow], *, changed: bool) -> Iterator[Day]:
    def at(row: RecordRow) -> datetime:
        when = row.changed_at if changed and row.changed_at is not None else row.block_at
        return when.astimezone(UTC)

    for _, of_day in groupby(rows, key=lambda row: at(row).date()):
        kept = list(of_day)
        yield Day(at(kept[0]), list(_gathered(kept)))


def _gathered(rows: Sequence[RecordRow]) -> Iterator[Gathering]:
    for _, alike in groupby(rows, key=lambda row: (row.chain, row.prompt_key)):
        yield Gathering(list(alike))
