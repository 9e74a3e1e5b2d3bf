"""Rows as PostgreSQL keeps them: dumped from a database that a sync filled, copied into another, weighed."""

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg.sql import SQL, Composed, Identifier

# Facts, content and records: every row that comes by the thousand.
TABLES: Final = (
    "indexer_block",
    "indexer_blockbody",
    "indexer_transaction",
    "indexer_operation",
    "indexer_prompt",
    "indexer_answer",
    "indexer_record",
    "indexer_revision",
    "indexer_blockdigest",
)
_PIECE: Final = 1 << 18

_SIZES = """
    SELECT c.relname, i.relname, pg_relation_size(i.oid), pg_table_size(c.oid)
    FROM pg_class c LEFT JOIN pg_index x ON x.indrelid = c.oid LEFT JOIN pg_class i ON i.oid = x.indexrelid
    WHERE c.relname = ANY(%s) ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of a table (with its TOAST), or of an index of it."""

    table: str
    index: str | None
    bytes: int


def dump(connection_string: str, folder: Path) -> int:
    """Write the rows of every table to files of COPY's binary format; gives their number."""
    folder.mkdir(exist_ok=True)
    rows = 0
    with closing(psycopg.connect(connection_string)) as connection, connection.cursor() as cursor:
        for table in TABLES:
            with (
                (folder / table).open("wb") as file,
                cursor.copy(_copy(connection, table, "TO STDOUT")) as copy,
            ):
                for piece in copy:
                    file.write(piece)
            rows += cursor.rowcount
    return rows


def load(connection_string: str, folder: Path) -> float:
    """Copy dumped rows into empty tables, a transaction each, on one connection; gives the seconds."""
    with (
        closing(psycopg.connect(connection_string, autocommit=True)) as connection,
        connection.cursor() as cursor,
    ):
        started = time.monotonic()
        for table in TABLES:
            with (
                (folder / table).open("rb") as file,
                cursor.copy(_copy(connection, table, "FROM STDIN")) as copy,
            ):
                while piece := file.read(_PIECE):
                    copy.write(piece)
        return time.monotonic() - started


def sizes(connection_string: str) -> list[Size]:
    """How large every table and index is, largest first."""
    with closing(psycopg.connect(connection_string)) as connection:
        rows = connection.execute(_SIZES, [list(TABLES)]).fetchall()
    tables = {table: Size(table, None, size) for table, _, _, size in rows}
    indexes = [Size(table, index, size) for table, index, size, _ in rows if index is not None]
    return sorted([*tables.values(), *indexes], key=lambda each: -each.bytes)


def _copy(connection: psycopg.Connection, table: str, direction: str) -> Composed:
    """COPY of every column by name: their order may differ between two databases."""
    names = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attname",
        [table],
    ).fetchall()
    columns = SQL(", ").join([Identifier(name) for (name,) in names])
    return SQL("COPY {} ({}) {} (FORMAT BINARY)").format(Identifier(table), columns, SQL(direction))
