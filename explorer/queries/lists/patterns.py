"""SQL for the names of models and providers that fit a pattern."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from explorer.queries.db.kinds import pieces
from indexer.models import Name


@dataclass(frozen=True, slots=True)
class Names:
    """SQL for the ids of names, with its parameters; ``is_one`` is whether there is one at most."""

    sql: str
    parameters: Mapping[str, Any]
    is_one: bool


def names_of(column: str, kind: Name.Kind, pattern: str) -> Names:
    """The names of this kind that fit a pattern, which is the parameter ``column``. They are compared as
    bytes: PostgreSQL takes not all of them as text.
    """
    between = [each.encode("utf-8", "surrogatepass") for each in pieces(pattern)]
    if len(between) == 1:
        one = f"SELECT id FROM indexer_name WHERE hash = %({column})s AND kind = {kind.value}"
        return Names(one, {column: sha256(between[0]).digest()}, is_one=True)
    names = f"""SELECT id FROM indexer_name WHERE kind = {kind.value}
        AND coalesce(convert_to(text, 'UTF8'), raw) LIKE %({column})s"""
    return Names(names, {column: b"%".join(map(_unlike, between))}, is_one=False)


def _unlike(text: bytes) -> bytes:
    """A text in which nothing means anything to LIKE."""
    return text.replace(b"\\", rb"\\").replace(b"%", rb"\%").replace(b"_", rb"\_")
