"""Clauses of the query line as conditions on ``r``, the record, of one chain: those of the fields beside it
(``RecordFilter``), and what only a line can ask.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any as Anything

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.filters import FEW, Condition
from explorer.queries.db.kinds import LARGEST, Period, Span
from explorer.queries.db.sql import GENERATION
from explorer.queries.lists.filter import RecordFilter, found_by
from explorer.queries.lists.periods import HIGHEST
from explorer.queries.records.states import Status
from explorer.search.tree import Clause, Digits, Named, Numbers, Time, Word
from indexer.checks.check import RESULTS, Result
from indexer.checks.registry import by_name
from indexer.models import CheckSlice

_BITS = CheckSlice.BITS
_AS_LONG_AS = 20
"""Records that are found by an index while those of a slice are gone through."""

_PARAMETER = re.compile(r"%\((?!chain\))(\w+)\)s")


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


def condition(clause: Clause, name: str, chain: ChainView) -> Condition:
    """The clause on ``r`` of this chain, with parameters whose names begin with ``name``; of all keys but
    those that ask for transactions or chains.
    """
    key, value = clause.key, clause.value
    if isinstance(value, Numbers) and key != "block" and value.low != value.high:
        return _between(f"r.{key}", value, name)
    if isinstance(value, Word) and value.word == "deletion":
        key, value = "status", Word(Status.DELETED.value)
    if key == "check" and isinstance(value, Word):
        check, _, result = value.word.partition("=")
        number = by_name()[check].number
        return _says(check, result) if result else found_by(number, are_settled=not chain.withdraws)
    declared = RecordFilter.declarations()[key].condition
    assert declared is not None
    return _renamed(declared(_asked_for(key, value)), name)


def _says(name: str, result: str) -> Condition:
    """What a check says of it, where that is no finding: which no index knows, for most records have it. Of
    how many records of each slice it says that is kept, so that slices with none are passed by.
    """
    check = by_name()[name]
    told = [each.code for each in check.every_outcome if each.result is Result(result)]
    codes = ", ".join(map(str, told)) or "NULL"
    count = f"s.counts[{check.number * len(RESULTS) + RESULTS.index(Result(result)) + 1}]"
    slices = f"""SELECT s.slice FROM indexer_checkslice s
        WHERE s.chain_id = %(chain)s AND s.generation = {GENERATION} AND {count} > 0"""
    said = f"get_byte(k.outcomes, {check.number}) IN ({codes})"
    few = f"""r.prompt_id = ANY(ARRAY(
        SELECT k.prompt_id FROM ({slices}) s CROSS JOIN LATERAL (
            SELECT k.prompt_id FROM indexer_checked k
            WHERE k.chain_id = %(chain)s AND k.generation = {GENERATION} AND {said}
              AND k.prompt_id >= s.slice << {_BITS} AND k.prompt_id < (s.slice + 1) << {_BITS} OFFSET 0) k
        LIMIT {FEW + 1}))"""
    return Condition(
        f"""(((r.prompt_id >> {_BITS}) IN ({slices})) IS TRUE AND EXISTS (
            SELECT FROM indexer_checked k WHERE k.chain_id = r.chain_id AND k.generation = r.generation
              AND k.prompt_id = r.prompt_id AND {said}))""",
        few=(few,),
        few_of=f"""SELECT FROM indexer_checkslice s, generate_series(1, greatest({count}, {_AS_LONG_AS}))
            WHERE s.chain_id = %(chain)s AND s.generation = {GENERATION} AND {count} > 0 LIMIT {FEW + 1}""",
        number=f"""SELECT coalesce(sum({count}), 0)::bigint FROM indexer_checkslice s
            WHERE s.chain_id = %(chain)s AND s.generation = {GENERATION}""",
        bounds=f"r.position >= {_end(slices, 'ASC')} AND r.position <= {_end(slices, 'DESC')}",
        slices=slices,
        bounds_of_change=f"r.revised_position <= (SELECT CASE WHEN EXISTS ({slices}) THEN {LARGEST} END)",
    )


def _end(slices: str, direction: str) -> str:
    """SQL: the position of the first record of the first of these slices, or of the last record of the last
    one; null where there is none.
    """
    beyond = f">= ({slices} ORDER BY s.slice LIMIT 1) << {_BITS}"
    if direction == "DESC":
        beyond = f"< (({slices} ORDER BY s.slice DESC LIMIT 1) + 1) << {_BITS}"
    return f"""(SELECT p.position FROM indexer_record p
        WHERE p.chain_id = %(chain)s AND p.generation = {GENERATION} AND p.prompt_id {beyond}
        ORDER BY p.prompt_id {direction} LIMIT 1)"""


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
        number=of(found.number),
        bounds=of(found.bounds),
        bounds_of_change=of(found.bounds_of_change),
    )


def _between(column: str, value: Numbers, name: str) -> Condition:
    ends = {f"{name}_low": (">=", value.low), f"{name}_high": ("<=", value.high)}
    given = {each: (comparison, end) for each, (comparison, end) in ends.items() if end is not None}
    parts = [f"{column} {comparison} %({each})s" for each, (comparison, _) in given.items()]
    parameters: Mapping[str, Anything] = {each: end for each, (_, end) in given.items()}
    return Condition(f"({' AND '.join(parts)})", parameters)
