"""Kept texts by content key, for where a transaction's own bytes were erased. Nothing here asks the gate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from explorer.queries.db import sql
from explorer.queries.db.kinds import LARGEST

_TEXTS = """
    SELECT hash, length, text, raw FROM indexer_prompt WHERE hash = ANY(%(keys)s) AND length <= %(longest)s
    UNION ALL
    SELECT hash, length, text, raw FROM indexer_answer WHERE hash = ANY(%(keys)s) AND length <= %(longest)s
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A text as it is kept in Rell-normal form; None where it was erased. ``length`` counts characters."""

    value: str | None
    length: int


NOTHING = Kept(None, 0)


def read(keys: Iterable[bytes], *, longest: int = LARGEST) -> Mapping[bytes, Kept]:
    """Messages and answers by content key, in one query; those that are not kept are left out, and those of
    more characters than the ``longest``.
    """
    asked = list(set(keys))
    if not asked:
        return {}
    found = sql.rows(_TEXTS, {"keys": asked, "longest": longest})
    return {key: Kept(value_of(text, raw), length) for key, length, text, raw in found}


def value_of(text: str | None, raw: bytes | None) -> str | None:
    """A text from its two columns: ``raw`` is there where PostgreSQL did not take it."""
    return raw.decode("utf-8", "replace") if raw is not None else text
