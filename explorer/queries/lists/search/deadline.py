"""Time that is left, and statements that are given no more than it."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, transaction
from psycopg.errors import QueryCanceled

from explorer.queries.db import sql
from explorer.queries.db.sql import Row

_LEAST = 0.005
"""Seconds: with less left nothing is begun, and no statement is given less."""

_NEARLY = 0.9

_TRIED = 5

_BEFORE = """SELECT current_setting('statement_timeout'), current_setting('enable_seqscan'),
    set_config('enable_seqscan', 'off', true)"""
_LIMIT = "SELECT set_config('statement_timeout', %(timeout)s, true)"
_AFTER = """SELECT set_config('statement_timeout', %(timeout)s, true),
    set_config('enable_seqscan', %(seqscan)s, true)"""


class OutOfTime(Exception):
    """A statement was given all the time that it could be."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment until which may be worked; by the clock, which counts seconds. Who has found something works
    until ``soon`` at most.
    """

    at: float
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    soon: float = math.inf

    @classmethod
    def within(
        cls, seconds: float, clock: Callable[[], float] = time.monotonic, *, soon: float = math.inf
    ) -> "Deadline":
        """So many seconds from now, and ``soon`` after so many."""
        now = clock()
        return cls(now + seconds, clock, now + soon)

    def share(self, parts: float) -> "Deadline":
        """One of so many equal parts of what is left."""
        now = self.clock()
        return Deadline(now + (self.at - now) / parts, self.clock, now + (self.soon - now) / parts)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.at - self.clock()

    @property
    def by_soon(self) -> "Deadline":
        """The same for who has found something."""
        return Deadline(min(self.at, self.soon), self.clock)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is begun."""
        return self.left < _LEAST


@dataclass(slots=True)
class _Limit:
    """How long the next statement may take. What is nearly that is left as it is: each change is a statement
    too.
    """

    seconds: float = math.inf

    def be(self, seconds: float) -> None:
        """Let it be about so many."""
        if not _NEARLY * seconds <= self.seconds <= seconds / _NEARLY:
            sql.row(_LIMIT, {"timeout": f"{int(seconds * 1000)}ms"})
            self.seconds = seconds


@dataclass(slots=True)
class Bounded:
    """Statements that are given no more time than there is. What takes longer is taken back to ``point``, and
    the transaction goes on.
    """

    until: Deadline
    point: str
    limit: "_Limit"

    def share(self, parts: float) -> "Bounded":
        """The same with one of so many equal parts of the time that is left."""
        return Bounded(self.until.share(parts), self.point, self.limit)

    @property
    def by_soon(self) -> "Bounded":
        """The same for who has found something."""
        return Bounded(self.until.by_soon, self.point, self.limit)

    def rows(self, statement: str, parameters: Mapping[str, Any], *, share: float = 1.0) -> list[Row]:
        """The rows of a statement, which is given this share of the time that is left.

        Raises ``OutOfTime``.
        """
        with self.limited(share):
            return sql.rows(statement, parameters)

    @contextmanager
    def limited(self, share: float = 1.0) -> Iterator[None]:
        """What is asked within it, each statement, is given this share of the time that is left now.

        Raises ``OutOfTime``.
        """
        if self.until.is_over:
            raise OutOfTime
        try:
            self.limit.be(max(_LEAST, self.until.left * share))
            yield
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            _return_to(self.point)
            self.limit.seconds = math.inf
            raise OutOfTime from error

    def row(self, statement: str, parameters: Mapping[str, Any], *, share: float = 1.0) -> Row:
        """The one row of a statement, in the same way."""
        (found,) = self.rows(statement, parameters, share=share)
        return found


@contextmanager
def bounded(until: Deadline) -> Iterator[Bounded]:
    """Statements that may be made until then; afterwards others have the time and the plans that they had.

    No table is read from its beginning: what is asked here is answered by indexes, and young tables look as
    if it were not.
    """
    with transaction.atomic():  # what fails takes its settings with it
        timeout, seqscan, _ = sql.row(_BEFORE, {}) or ("0", "on", "off")
        point = transaction.savepoint()
        yield Bounded(until, point, _Limit())
        _return_to(point)
        sql.row(_AFTER, {"timeout": timeout, "seqscan": seqscan})


def _return_to(point: str) -> None:
    """Take all back to a point, with it the last limit, which this has to be done under: where a machine that
    stands still lets it take too long, it is done again.
    """
    for left in reversed(range(_TRIED)):
        try:
            transaction.savepoint_rollback(point)
            return
        except OperationalError as error:
            if not left or not isinstance(error.__cause__, QueryCanceled):
                raise
