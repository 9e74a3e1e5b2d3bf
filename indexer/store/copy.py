"""COPY in binary: the way in for every row that comes by the thousand."""

from collections.abc import Iterable, Sequence

from django.db.backends.utils import CursorWrapper


def copy_rows(
    cursor: CursorWrapper, table: str, columns: dict[str, str], rows: Iterable[Sequence[object]]
) -> None:
    """COPY rows into a table; ``columns`` names its columns in the rows' order, with PostgreSQL's types."""
    into = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with cursor.copy(into) as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)
