"""Statements that PostgreSQL plans once a connection.

Planning a join of a dozen tables that are looked up by key takes several times as long as running it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

from explorer.queries.db.sql import Row

_known: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
"""By the driver's connection, under which name it knows each statement: gone when the connection is."""

_numbers = count(1)
"""Of names, each given once: a statement whose preparing was interrupted has another one next time."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with the SQL types of its parameters, in any order.

    Only for what finds its rows by key: after some runs its plan is the same whatever the values are, so
    values by which the best plan differs must not be among its parameters.
    """

    statement: str
    types: Mapping[str, str]

    def rows(self, values: Mapping[str, Any]) -> list[Row]:
        """All of its rows. What tells it to a connection is part of no transaction, and not among the
        statements that Django counts.
        """
        given = ", ".join(f"%({name})s" for name in self.types)
        # One that fell away since the last request is replaced where a cursor is asked for.
        with connection.cursor() as cursor:
            cursor.execute(f"EXECUTE {self._name()}{f' ({given})' if given else ''}", values)
            return list(cursor.fetchall())

    def _name(self) -> str:
        """The name by which the connection knows it, which is told it where it does not yet."""
        names = _known.setdefault(connection.connection, {})
        if self.statement not in names:
            name = f"statement_{next(_numbers)}"
            with connection.wrap_database_errors:
                connection.connection.execute(self._told(name))
            names[self.statement] = name
        return names[self.statement]

    def _told(self, name: str) -> str:
        places = {each: f"${number}" for number, each in enumerate(self.types, start=1)}
        types = f" ({', '.join(self.types.values())})" if self.types else ""
        return f"PREPARE {name}{types} AS {self.statement % places}"
