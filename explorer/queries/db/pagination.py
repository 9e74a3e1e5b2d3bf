"""Pages of a list by what sorts it, such as a position: ranges, never a count of rows to skip.

So rows that come meanwhile shift nothing, and the last page costs what the first does.
"""

import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Generic, TypeVar

from explorer.queries.db import sql
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.kinds import LARGEST, Misread

PAGE = 50
"""Rows of a page, where no limit is given."""

LARGEST_PAGE = 100
"""Rows of a page at most."""

NEWEST, OLDEST, CHANGED = "newest", "oldest", "changed"
"""The orders of a list by when its rows were written, and by when they were changed."""

BEST = "best"
"""The order by how well rows match."""

BELOW_ALL = -1
"""What ``after`` is where the lowest row, which may be number 0, is to come too."""

_VERSION = 1
_MARK = 8  # bytes of a cursor that name its list
_SUM = 4  # bytes of its checksum
_TEXT = re.compile(r"[A-Za-z0-9_-]{1,4000}")
_SMALLEST = -LARGEST - 1

Key = tuple[int, ...]
"""What names a row, the most significant number first: ``(position,)``, or (time, chain, position, …)."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: ``columns`` that together name a row, the most significant first.

    ``of`` names the list and all that it is filtered by: a cursor goes on with nothing else. A list by one
    column goes on by that number. A list of several parts has a place in ``each`` of them, whose numbers
    follow those of ``columns``, part by part: which parts there are, a cursor says itself.
    """

    columns: Sequence[str]
    of: str = ""
    each: Sequence[str] = ()

    @property
    def has_cursor(self) -> bool:
        """Whether one goes on by more than a number."""
        return bool(self.each) or len(self.columns) > 1

    def is_of(self, key: Key) -> bool:
        """Whether a key has the numbers that it must have."""
        more = len(key) - len(self.columns)
        return more > 0 and more % len(self.each) == 0 if self.each else more == 0

    def parts(self, key: Key) -> Mapping[int, Key]:
        """The place in each part, by the part's number, which is the first of its numbers."""
        begun, size = len(self.columns), len(self.each)
        return {key[at]: key[at + 1 : at + size] for at in range(begun, len(key), size)}

    def mark(self, *, order: str) -> bytes:
        """What cursors of this list, sorted this way, have in common."""
        named = "\0".join((self.of, *self.columns, *self.each, order))
        return sha256(named.encode("utf-8", "surrogatepass")).digest()[:_MARK]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a list by several columns goes on: on which side of a row, and of which list (``Order.mark``).

    Its text is opaque to those who are given it. It holds nothing that must not be known or altered: what is
    checked is that it is whole, and of this list.
    """

    mark: bytes
    key: Key
    is_downwards: bool

    def __str__(self) -> str:
        """In base64url: version, direction, mark, key and checksum."""
        numbers = b"".join(each.to_bytes(8, "big", signed=True) for each in self.key)
        said = bytes((_VERSION, self.is_downwards)) + self.mark + numbers
        return urlsafe_b64encode(said + _checksum(said)).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """The cursor that was written so. Raises ``Misread``."""
        said = _decoded(text)
        numbers = said[2 + _MARK : -_SUM]
        if len(said) < 2 + _MARK + _SUM or len(numbers) % 8 or said[-_SUM:] != _checksum(said[:-_SUM]):
            raise Misread("not-a-cursor", "is what a page of this list gave to go on with, all of it")
        if said[0] != _VERSION or said[1] > 1:
            raise Misread("not-a-cursor", "is what a page of this list gave lately: begin at the first page")
        key = (numbers[at : at + 8] for at in range(0, len(numbers), 8))
        return cls(
            said[2 : 2 + _MARK],
            tuple(int.from_bytes(each, "big", signed=True) for each in key),
            bool(said[1]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A page that is asked for: below ``before``, or above ``after``, or from ``cursor`` on, or from an end
    where none is given. Whichever way, its rows come newest first unless ``oldest_first``; where
    ``changed_first`` by their newest change, where ``best_first`` by how well they match, or ``sorted_by``
    what its list calls so. Where not ``both_ways``, the page says only how to go on in the direction in which
    it is read.

    Raises ``BadQuestion`` for more than one of them and for a limit that is not 1 to ``LARGEST_PAGE``.
    """

    before: int | None = None
    after: int | None = None
    cursor: Cursor | None = None
    limit: int = PAGE
    oldest_first: bool = False
    changed_first: bool = False
    best_first: bool = False
    sorted_by: str = ""
    both_ways: bool = True

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.before, self.after, self.cursor)) > 1:
            raise BadQuestion("Give before or after, not both: a page goes one way.")
        if not 1 <= self.limit <= LARGEST_PAGE:
            raise BadQuestion(f"A page holds 1 to {LARGEST_PAGE} rows, not {self.limit}.")

    @property
    def is_downwards(self) -> bool:
        """Whether the page is read from higher to lower keys."""
        if self.cursor is not None:
            return self.cursor.is_downwards
        return self.before is not None or (self.after is None and not self.oldest_first)

    @property
    def order(self) -> str:
        """Which way its rows come, in a word."""
        if self.sorted_by:
            return self.sorted_by
        if self.best_first:
            return BEST
        return CHANGED if self.changed_first else OLDEST if self.oldest_first else NEWEST

    def in_order(self, order: str) -> "PageRequest":
        """The same list from its end on, in that order."""
        return replace(
            self.from_the_start(),
            oldest_first=order == OLDEST,
            changed_first=order == CHANGED,
            best_first=order == BEST,
        )

    @property
    def words(self) -> Mapping[str, str]:
        """Where it begins, as a query says it."""
        begin = {"before": self.before, "after": self.after, "cursor": self.cursor}
        return {name: str(value) for name, value in begin.items() if value is not None}

    def from_the_start(self) -> "PageRequest":
        """The same list from its end on."""
        return replace(self, before=None, after=None, cursor=None)

    def going_on(self, key: Key, *, by: Order, is_downwards: bool) -> "PageRequest":
        """The same of the rows on one side of a key."""
        start = self.from_the_start()
        if by.has_cursor:
            kept = tuple(within(each) for each in key)
            return replace(start, cursor=Cursor(by.mark(order=self.order), kept, is_downwards))
        if is_downwards:
            return replace(start, before=min(key[0], LARGEST))
        return replace(start, after=max(key[0], BELOW_ALL))

    def key(self, by: Order) -> Key | None:
        """The key at which it begins; None at an end. Raises ``BadQuestion`` for that of another list."""
        if self.cursor is None:
            number = self.before if self.after is None else self.after
            found: Key | None = None if number is None else (number,)
        elif self.cursor.mark == by.mark(order=self.order):
            found = self.cursor.key
        else:
            raise BadQuestion("This cursor is of another list, filter or order: begin at the first page.")
        if found is not None and not by.is_of(found):
            raise BadQuestion("This list goes on by what its pages give: begin at the first page.")
        return found


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows as they are shown. ``newer`` and ``older`` are the pages to go on with; None at an end."""

    rows: Sequence[Row]
    newer: PageRequest | None
    older: PageRequest | None


def read(
    request: PageRequest,
    listed: str,
    parameters: Mapping[str, Any],
    *,
    by: Order,
    rows: Callable[[str, Mapping[str, Any]], Sequence[Row]],
    key: Callable[[Row], Key],
) -> Page[Row]:
    """The page of a list: one query for its rows, and one for whether there are any on the other side.

    ``listed`` is SQL that ends within its WHERE. ``rows`` reads a statement, in any order; ``key`` gives the
    values of the columns ``by`` which the list is sorted.
    """
    asked = {**parameters, **_parameters(request, by)}
    found = sorted(rows(_statement(request, listed, by), asked), key=key, reverse=True)
    other = request.both_ways and _has_other_side(request, listed, asked, by)
    return page_of(request, found, by=by, key=key, has_other_side=other)


def page_of(
    request: PageRequest, rows: Sequence[Row], *, by: Order, key: Callable[[Row], Key], has_other_side: bool
) -> Page[Row]:
    """The page in these rows: highest first, one more than it holds where there is another page."""
    is_more = len(rows) > request.limit
    kept = rows[: request.limit] if request.is_downwards else rows[-request.limit :]
    # An empty page goes on from where it was asked for.
    begun = request.key(by) or (0,) * len(by.columns)
    highest = key(kept[0]) if kept else (*begun[:-1], begun[-1] - 1)
    lowest = key(kept[-1]) if kept else (*begun[:-1], begun[-1] + 1)
    has_newer, has_older = (has_other_side, is_more) if request.is_downwards else (is_more, has_other_side)
    return Page(
        rows=kept[::-1] if request.oldest_first else kept,
        newer=request.going_on(highest, by=by, is_downwards=False) if has_newer else None,
        older=request.going_on(lowest, by=by, is_downwards=True) if has_older else None,
    )


def _statement(request: PageRequest, listed: str, by: Order) -> str:
    """``listed`` cut to one row more than the page holds."""
    bound = ""
    if request.key(by) is not None:
        bound = f" AND {_beyond(by, '<' if request.is_downwards else '>')}"
    return f"{listed}{bound} ORDER BY {_sorted(by, is_downwards=request.is_downwards)} LIMIT %(page_rows)s"


def _has_other_side(request: PageRequest, listed: str, parameters: Mapping[str, Any], by: Order) -> bool:
    """Whether there is a row on the side from which the page was come to."""
    if request.key(by) is None:
        return False
    side = _beyond(by, ">=" if request.is_downwards else "<=")
    # The nearest one, not EXISTS: for that the planner reads the table from its beginning.
    nearest = f"ORDER BY {_sorted(by, is_downwards=not request.is_downwards)} LIMIT 1"
    return sql.row(f"SELECT true FROM ({listed} AND {side} {nearest}) AS nearest", parameters) is not None


def _beyond(by: Order, comparison: str) -> str:
    """The rows on one side of the key, as one comparison, which an index of these columns answers."""
    key = ", ".join(f"CAST(%(page_key_{number})s AS bigint)" for number in range(len(by.columns)))
    return f"({', '.join(by.columns)}) {comparison} ({key})"


def _sorted(by: Order, *, is_downwards: bool) -> str:
    return ", ".join(f"{column} {'DESC' if is_downwards else 'ASC'}" for column in by.columns)


def _parameters(request: PageRequest, by: Order) -> dict[str, int]:
    numbers = {f"page_key_{at}": within(each) for at, each in enumerate(request.key(by) or ())}
    return {"page_rows": request.limit + 1, **numbers}


def within(number: int) -> int:
    """What bigint takes: beyond its ends there is no row anyway."""
    return min(max(number, _SMALLEST), LARGEST)


def _decoded(text: str) -> bytes:
    """The bytes of a text in base64url; none where it is not written as we write it."""
    if not _TEXT.fullmatch(text) or len(text) % 4 == 1:
        return b""
    found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return found if urlsafe_b64encode(found).rstrip(b"=").decode() == text else b""


def _checksum(said: bytes) -> bytes:
    return zlib.crc32(said).to_bytes(_SUM, "big")
