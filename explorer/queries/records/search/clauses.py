"""Clauses of the query line as conditions on ``r``, the record, of one chain: those of the fields beside it
(``RecordFilter``), and what only a line can ask.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any as Anything

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.filters import Condition
from explorer.queries.db.kinds import Period, Span, pieces
from explorer.queries.db.sql import GENERATION
from explorer.queries.records.filter import FEW, HIGHEST, RecordFilter
from explorer.queries.records.rows import Status
from explorer.search.tree import Clause, Digits, Named, Numbers, Time, Word
from indexer.models import Name
from indexer.store.names import hash_of

MOST_NAMES = 1_000
"""Names that a pattern may fit to be asked for by their ids."""

_KINDS = {"model": Name.Kind.MODEL, "provider": Name.Kind.PROVIDER}
_DIGITS = 64
_PARAMETER = re.compile(r"%\((?!chain\))(\w+)\)s")

_EXACT = "SELECT id FROM indexer_name WHERE kind = %(kind)s AND hash = %(hash)s"
# As bytes: PostgreSQL takes not all names as text.
_LIKE = """
    SELECT id FROM indexer_name
    WHERE kind = %(kind)s AND coalesce(convert_to(text, 'UTF8'), raw) LIKE %(like)s
    ORDER BY id LIMIT %(most)s
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


def names(clause: Clause) -> list[int] | None:
    """The ids of the names that ``model:`` or ``provider:`` means, in order; empty where there is no such,
    None where they are more than ``MOST_NAMES``.
    """
    value = clause.value
    assert isinstance(value, Named)
    kind, between = _KINDS[clause.key].value, pieces(value.pattern)
    if len(between) == 1:
        return [each for (each,) in sql.rows(_EXACT, {"kind": kind, "hash": hash_of(between[0])})]
    like = "%".join(map(_unlike, between)).encode("utf-8", "surrogatepass")
    found = [each for (each,) in sql.rows(_LIKE, {"kind": kind, "like": like, "most": MOST_NAMES + 1})]
    return found if len(found) <= MOST_NAMES else None


def records_of(chain: ChainView, digits: Digits) -> list[int]:
    """The ids of the records that transactions with such a RID wrote, changed or deleted."""
    found = sql.rows(_OF_TRANSACTION, {"chain": chain.id, **_ends(digits)})
    return sorted(each for (each,) in found)


def is_of(chain: ChainView, digits: Digits) -> bool:
    """Whether the chain's RID begins so."""
    return chain.rid.startswith(digits.head)


def of_ids(key: str, ids: Sequence[int], name: str) -> Condition:
    """The records with one of these names, or of these ids, as the key has it; ``name`` is of a parameter."""
    parameters = {name: list(ids)}
    if key == "tx":
        only = f"r.prompt_id = ANY(%({name})s)"
        return Condition(only, parameters, few=(only,), is_whole=True)
    if len(ids) == 1:
        only = f"r.{key}_id = %({name})s"
        return Condition(only, {name: ids[0]}, lanes=(only,), is_whole=True)
    few = f"""r.position = ANY(ARRAY(
        SELECT p.position FROM unnest(%({name})s) n (id) CROSS JOIN LATERAL (
            SELECT p.position FROM indexer_record p WHERE p.chain_id = %(chain)s
              AND p.generation = {GENERATION} AND p.{key}_id = n.id LIMIT {FEW + 1}) p LIMIT {FEW + 1}))"""
    return Condition(f"r.{key}_id = ANY(%({name})s)", parameters, few=(few,), is_whole=True)


def condition(clause: Clause, name: str) -> Condition:
    """The clause on ``r``, with parameters whose names begin with ``name``; of all keys but those that ask
    for transactions or chains.
    """
    key, value = clause.key, clause.value
    if isinstance(value, Numbers) and key != "block" and value.low != value.high:
        return _between(f"r.{key}", value, name)
    if isinstance(value, Word) and value.word == "deletion":
        key, value = "status", Word(Status.DELETED.value)
    declared = RecordFilter.declarations()[key].condition
    assert declared is not None
    return _renamed(declared(_asked_for(key, value)), name)


def _asked_for(key: str, value: object) -> object:
    """The value as the field of that name has it."""
    if isinstance(value, Named):
        return value.pattern
    if isinstance(value, Word):
        return Status(value.word) if key == "status" else value.word
    if isinstance(value, Numbers):
        if key != "block":
            return value.low
        return Span(*(None if each is None else min(each, HIGHEST) for each in (value.low, value.high)))
    assert isinstance(value, Time)
    if key == "changed":
        return Period(value.since, value.until)
    return value.since if value.until is None else value.until


def _renamed(found: Condition, name: str) -> Condition:
    """The same with parameters of its own: a line may ask for the same thing twice."""

    def of(text: str) -> str:
        return _PARAMETER.sub(rf"%({name}_\1)s", text)

    return replace(
        found,
        sql=of(found.sql),
        parameters={f"{name}_{each}": value for each, value in found.parameters.items()},
        lanes=tuple(map(of, found.lanes)),
        few=tuple(map(of, found.few)),
        few_of=of(found.few_of),
        bounds=of(found.bounds),
        bounds_of_change=of(found.bounds_of_change),
    )


def _between(column: str, value: Numbers, name: str) -> Condition:
    ends = {f"{name}_low": (">=", value.low), f"{name}_high": ("<=", value.high)}
    given = {each: (comparison, end) for each, (comparison, end) in ends.items() if end is not None}
    parts = [f"{column} {comparison} %({each})s" for each, (comparison, _) in given.items()]
    parameters: Mapping[str, Anything] = {each: end for each, (_, end) in given.items()}
    return Condition(f"({' AND '.join(parts)})", parameters)


def _ends(digits: Digits) -> Mapping[str, bytes]:
    return {
        "low": bytes.fromhex(digits.head.ljust(_DIGITS, "0")),
        "high": bytes.fromhex(digits.head.ljust(_DIGITS, "F")),
    }


def _unlike(text: str) -> str:
    """A text in which nothing means anything to LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
