"""Rows of a ledger, by day, and those of one transaction that stand together gathered under it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from explorer.queries.ledger.ledger import ChangeRow


@dataclass(frozen=True, slots=True)
class Act:
    """Rows of one transaction that follow each other, or one row that none did."""

    rows: Sequence[ChangeRow]

    @property
    def first(self) -> ChangeRow:
        """That which has what all have: the transaction, and who signed it."""
        return self.rows[0]

    @property
    def is_single(self) -> bool:
        """Whether there is nothing to gather."""
        return len(self.rows) == 1


@dataclass(frozen=True, slots=True)
class Day:
    """What stands under the heading of one UTC day."""

    at: datetime
    acts: Sequence[Act]


def days_of(rows: Sequence[ChangeRow]) -> Sequence[Day]:
    """The rows as they come, by the day of their blocks."""
    days = groupby(rows, key=lambda row: row.at.astimezone(UTC).date())
    return [_day(list(of_day)) for _, of_day in days]


def _day(rows: Sequence[ChangeRow]) -> Day:
    acts = groupby(enumerate(rows), key=lambda each: _named(*each))
    return Day(rows[0].at, [Act([row for _, row in of_act]) for _, of_act in acts])


def _named(number: int, row: ChangeRow) -> tuple[bytes, bytes | int]:
    """What rows of one act have in common, and no other row has."""
    return row.chain, number if row.transaction is None else row.transaction
