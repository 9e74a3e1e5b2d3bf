"""Clauses of the query line as conditions on ``r``, the record, of one chain."""

from collections.abc import Mapping
from typing import Any as Anything

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.filters import Condition
from explorer.queries.db.sql import GENERATION
from explorer.queries.records.rows import DELETED, STATUSES
from explorer.search.tree import Clause, Digits, Named, Numbers, Time, Value, Word
from indexer.dapp.replay import position_of
from indexer.models import Name, Record
from indexer.store.names import hash_of

MOST_NAMES = 1_000
"""Names that a pattern may fit; of more, the first so many in the order of their ids."""

_EDITED = Record.Status.EDITED.value
_NUMBERS = {status.value: number for number, status in STATUSES.items()}
_KINDS = {"model": Name.Kind.MODEL, "provider": Name.Kind.PROVIDER}
_HIGHEST = (2**63 - 1) >> 20  # of which a position can be told
_DIGITS = 64

_EXACT = "SELECT id FROM indexer_name WHERE kind = %(kind)s AND hash = %(hash)s"
# As bytes: PostgreSQL takes not all names as text.
_LIKE = f"""
    SELECT id FROM indexer_name
    WHERE kind = %(kind)s AND coalesce(convert_to(text, 'UTF8'), raw) LIKE %(like)s
    ORDER BY id LIMIT {MOST_NAMES}
"""
_OF_TRANSACTION = f"""
    SELECT DISTINCT v.prompt_id FROM indexer_transaction t
    JOIN indexer_operation o ON o.chain_id = t.chain_id AND o.position >= t.height << 20
        AND o.position < (t.height + 1) << 20 AND o.transaction = t.ordinal
    JOIN indexer_revision v
        ON v.chain_id = t.chain_id AND v.generation = {GENERATION} AND v.position = o.position
    WHERE substr(t.rid, 1, 6) BETWEEN substr(%(low)s::bytea, 1, 6) AND substr(%(high)s::bytea, 1, 6)
      AND t.rid BETWEEN %(low)s AND %(high)s AND t.chain_id = %(chain)s
"""
_WRITTEN = """EXISTS (SELECT FROM indexer_block b
    WHERE b.chain_id = r.chain_id AND b.height = r.position >> 20 AND {})"""
_CHANGED = """(r.revisions > 1 AND EXISTS (SELECT FROM indexer_revision v
    JOIN indexer_block b ON b.chain_id = v.chain_id AND b.height = v.position >> 20
    WHERE v.chain_id = r.chain_id AND v.generation = r.generation AND v.prompt_id = r.prompt_id
      AND v.kind > 1 AND {}))"""


def names(clause: Clause) -> list[int]:
    """The ids of the names that ``model:`` or ``provider:`` means, in order; none where there is no such."""
    value = clause.value
    assert isinstance(value, Named)
    kind = _KINDS[clause.key].value
    if value.is_exact:
        return [each for (each,) in sql.rows(_EXACT, {"kind": kind, "hash": hash_of(value.pattern)})]
    like = "%".join(map(_unlike, value.pattern.split("*"))).encode("utf-8", "surrogatepass")
    return [each for (each,) in sql.rows(_LIKE, {"kind": kind, "like": like})]


def records_of(chain: ChainView, digits: Digits) -> list[int]:
    """The ids of the records that transactions with such a RID wrote, changed or deleted."""
    found = sql.rows(_OF_TRANSACTION, {"chain": chain.id, **_ends(digits)})
    return sorted(each for (each,) in found)


def is_of(chain: ChainView, digits: Digits) -> bool:
    """Whether the chain's RID begins so."""
    return chain.rid.startswith(digits.head)


def condition(key: str, value: Value, name: str) -> Condition:
    """The clause on ``r``, with parameters whose names begin with ``name``; of all keys but those that ask
    for names, transactions or chains.
    """
    if isinstance(value, Word):
        return _state(key, value)
    if isinstance(value, Numbers):
        return _heights(value, name) if key == "block" else _numbers(key, value, name)
    if isinstance(value, Time):
        template = _CHANGED if key == "changed" else _WRITTEN
        compared, parameters = _between("b.timestamp", value.since, value.until, "<", name)
        return Condition(template.format(compared), parameters)
    raise TypeError(f"{key}: is no condition on a record")


def _state(key: str, value: Word) -> Condition:
    if key == "status":
        return Condition(f"r.status = {_NUMBERS[value.word]}")
    if value.word == "deletion":
        return Condition(f"r.status = {DELETED}")
    return Condition(f"(r.status = {_EDITED} OR r.revisions > 2)")


def _numbers(key: str, value: Numbers, name: str) -> Condition:
    return Condition(*_between(f"r.{key}", value.low, value.high, "<=", name))


def _heights(value: Numbers, name: str) -> Condition:
    low = None if value.low is None else position_of(min(max(value.low, 0), _HIGHEST), 0)
    high = None if value.high is None else position_of(min(max(value.high, -1), _HIGHEST - 1) + 1, 0)
    return Condition(*_between("r.position", low, high, "<", name))


def _between(
    column: str, low: int | None, high: int | None, comparison: str, name: str
) -> tuple[str, Mapping[str, Anything]]:
    """SQL and parameters: from ``low`` on, up to ``high``."""
    found = {f"{name}_low": low, f"{name}_high": high}
    parts = [f"{column} >= %({name}_low)s"] if low is not None else []
    parts += [f"{column} {comparison} %({name}_high)s"] if high is not None else []
    return f"({' AND '.join(parts) or 'true'})", {
        key: each for key, each in found.items() if each is not None
    }


def _ends(digits: Digits) -> Mapping[str, bytes]:
    return {
        "low": bytes.fromhex(digits.head.ljust(_DIGITS, "0")),
        "high": bytes.fromhex(digits.head.ljust(_DIGITS, "F")),
    }


def _unlike(text: str) -> str:
    """A text in which nothing means anything to LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
