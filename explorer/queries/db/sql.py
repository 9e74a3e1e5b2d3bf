"""Statements and the rows that they give; bytes come as ``bytes``."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

Parameters = Mapping[str, Any] | Sequence[Any]
Row = tuple[Any, ...]


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
