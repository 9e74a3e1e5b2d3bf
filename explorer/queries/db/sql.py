"""Statements and the rows that they give; bytes come as ``bytes``."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from indexer.models import chain

Parameters = Mapping[str, Any] | Sequence[Any]
Row = tuple[Any, ...]

GENERATION = chain.GENERATION
"""The generation that readers see as the statement runs, however long ago they asked for the chain."""


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


def name_of(text: str | None, raw: bytes | None) -> str:
    """A name that is interned as text, or as bytes where PostgreSQL refuses it as text."""
    return (raw or b"").decode("utf-8", "surrogatepass") if text is None else text
