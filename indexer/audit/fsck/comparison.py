"""The rows of the generation that readers see, against those of one that was made again beside it."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import CompositePrimaryKey, Model

from indexer.audit.fsck.finding import Finding, shown
from indexer.models import Chain


def differences(
    chain: Chain, table: type[Model], again: int, *, how: str, column: str = "", among: tuple[str, ...] = ()
) -> Iterator[Finding]:
    """Every row that only one of the two has, named by all of its columns.

    ``how`` says what made it again ("folding the facts"). With ``column``, those rows alone are compared in
    which it is ``among`` these.
    """
    columns = [
        str(each.column)
        for each in table._meta.concrete_fields
        if not isinstance(each, CompositePrimaryKey) and each.column not in ("chain_id", "generation")
    ]
    rows = f"SELECT {', '.join(columns)} FROM {table._meta.db_table} WHERE chain_id = %s AND generation = %s"
    if column:
        rows += f" AND {column} = ANY(%s)"
    more = [list(among)] if column else []
    with connection.cursor() as cursor:
        for what, one, other in (
            (f"stored, and {how} again does not give it", chain.generation, again),
            (f"not stored, and {how} again gives it", again, chain.generation),
        ):
            cursor.execute(
                f"({rows}) EXCEPT ({rows}) ORDER BY 1", [chain.id, one, *more, chain.id, other, *more]
            )
            for row in cursor.fetchall():
                told = ", ".join(f"{name} {_told(value)}" for name, value in zip(columns, row, strict=True))
                yield Finding(str(table._meta.model_name), f"{told}: {what}")


def _told(value: object) -> str:
    return shown(value) if isinstance(value, bytes | memoryview) else str(value)
