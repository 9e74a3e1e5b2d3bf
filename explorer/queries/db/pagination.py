"""Pages of a list by a unique number, such as a position or a height: ranges, never a count of rows to skip.

So rows that come meanwhile shift nothing, and the last page costs what the first does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from explorer.queries.db import sql
from explorer.queries.db.errors import BadQuestion

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that is asked for: below ``before``, or above ``after``, or from an end where neither is given.

    Raises ``BadQuestion`` for both at once and for a limit that is not 1 to ``most``.
    """

    before: int | None
    after: int | None
    limit: int
    most: int
    oldest_first: bool = False

    def __post_init__(self) -> None:
        if self.before is not None and self.after is not None:
            raise BadQuestion("Give before or after, not both: a page goes one way.")
        if not 1 <= self.limit <= self.most:
            raise BadQuestion(f"A page holds 1 to {self.most} rows, not {self.limit}.")

    @property
    def is_downwards(self) -> bool:
        """Whether the page is read from higher to lower numbers."""
        return self.before is not None or (self.after is None and not self.oldest_first)

    def sql(self, listed: str, *, column: str) -> str:
        """``listed`` (SQL that ends within its WHERE) cut to one row more than the page holds."""
        bound = ""
        if self._key is not None:
            bound = f" AND {column} {'<' if self.after is None else '>'} %(key)s"
        order = "DESC" if self.is_downwards else "ASC"
        return f"{listed}{bound} ORDER BY {column} {order} LIMIT %(rows)s"

    def parameters(self) -> dict[str, Any]:
        """The parameters of ``sql``."""
        return {"key": self._key, "rows": self.limit + 1}

    def has_other_side(self, listed: str, parameters: Mapping[str, Any], *, column: str) -> bool:
        """Whether there is a row on the side from which the page was come to."""
        if self._key is None:
            return False
        side = f"{column} {'>=' if self.after is None else '<='} %(key)s"
        # The nearest one, not EXISTS: for that the planner reads the table from its beginning.
        nearest = f"ORDER BY {column} {'ASC' if self.after is None else 'DESC'} LIMIT 1"
        found = sql.row(f"{listed} AND {side} {nearest}", {**parameters, **self.parameters()})
        return found is not None

    @property
    def _key(self) -> int | None:
        """What bigint takes: beyond its ends there is no row anyway."""
        key = self.before if self.after is None else self.after
        return None if key is None else min(max(key, -(2**63)), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows as they are shown. ``newer`` and ``older`` are the numbers to go on from; None at an end."""

    rows: Sequence[Row]
    newer: int | None
    older: int | None


def page_of(
    asked: Asked, rows: Sequence[Row], *, number: Callable[[Row], int], has_other_side: bool
) -> Page[Row]:
    """The page in these rows: highest first, one more than it holds where there is another page."""
    is_more = len(rows) > asked.limit
    kept = rows[: asked.limit] if asked.is_downwards else rows[-asked.limit :]
    # An empty page goes on from where it was asked for.
    highest = number(kept[0]) if kept else (asked.before or 0) - 1
    lowest = number(kept[-1]) if kept else (asked.after or 0) + 1
    has_newer, has_older = (has_other_side, is_more) if asked.is_downwards else (is_more, has_other_side)
    return Page(
        rows=kept[::-1] if asked.oldest_first else kept,
        newer=highest if has_newer else None,
        older=lowest if has_older else None,
    )
