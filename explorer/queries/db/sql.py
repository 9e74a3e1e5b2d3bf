"""Statements and the rows that they give; bytes come as ``bytes``."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from indexer.models import chain

Parameters = Mapping[str, Any] | Sequence[Any]
Row = tuple[Any, ...]

GENERATION = chain.GENERATION
"""The generation that readers see as the statement runs, however long ago they asked for the chain."""


_JOINED = "SELECT set_config('join_collapse_limit', %(tables)s, true)"


def rows(statement: str, parameters: Parameters) -> list[Row]:
    """All of its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def row(statement: str, parameters: Parameters) -> Row | None:
    """Its first row; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: Row | None = cursor.fetchone()
        return found


@contextmanager
def joined_as_written() -> Iterator[None]:
    """Within it a transaction's statements join tables in the order in which they name them. Of a dozen
    tables that are looked up by key, the planner would weigh the orders for longer than reading them takes.
    """
    row(_JOINED, {"tables": "1"})
    yield
    row(_JOINED, {"tables": "8"})


def name_of(text: str | None, raw: bytes | None) -> str:
    """A name that is interned as text, or as bytes where PostgreSQL refuses it as text."""
    return (raw or b"").decode("utf-8", "surrogatepass") if text is None else text
