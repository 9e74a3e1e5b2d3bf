"""Checks that compare records with each other: what is found of a record by a later one.

Records with one key should have one value. The first record of a key with another value than its first one is
its *second*. Until that was written nothing is found of any; from its position on something is found of all.
So what is found of a record, and since when, follows from the first and second of its key alone.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.backends.utils import CursorWrapper

from indexer.checks.check import Comparison
from indexer.checks.registry import checks
from indexer.derive.check_evidence import Story
from indexer.derive.check_tallies import Moves
from indexer.derive.derivation import PositionRange
from indexer.store import arrays

_OF = "chain_id = %(chain)s AND generation = %(generation)s"
_ROW = "prompt_id, position, key, value"
_WRITE = """
    INSERT INTO indexer_checkkin (chain_id, generation, number, prompt_id, position, key, value)
    SELECT %(chain)s, %(generation)s, new.*
    FROM unnest(%(numbers)s::smallint[], %(records)s::bigint[], %(positions)s::bigint[],
                %(keys)s::bytea[], %(values)s::bytea[]) AS new
"""
_KEYS = f"""
    SELECT DISTINCT number, key FROM indexer_checkkin
    WHERE {_OF} AND number = ANY(%(numbers)s) AND prompt_id = ANY(%(records)s)
"""
_KEY = "(key, number, chain_id, generation)"


def of_key(number: str = "w.number") -> str:
    """SQL: rows of ``indexer_checkkin`` with the key ``w.key`` and a number, to be taken `IN_ORDER`.

    Rows are compared as one because no other index can serve that: of a chain that statistics do not know yet
    the planner expects a row at most, and would look through all that the chain has by its primary key.
    """
    asked = f"(w.key, {number}, %(chain)s, %(generation)s)"
    return f"{_KEY} >= {asked} AND {_KEY} <= {asked}"


IN_ORDER = "ORDER BY key, number, chain_id, generation, prompt_id"
_PAIRS = f"""
    SELECT f.number, f.prompt_id, f.position, f.key, f.value, s.prompt_id, s.position, s.value
    FROM unnest(%(numbers)s::smallint[], %(keys)s::bytea[]) AS w (number, key) CROSS JOIN LATERAL (
        SELECT number, {_ROW} FROM indexer_checkkin WHERE {of_key()} {IN_ORDER} LIMIT 1) f
    CROSS JOIN LATERAL (
        SELECT {_ROW} FROM indexer_checkkin WHERE {of_key()} AND value <> f.value {IN_ORDER} LIMIT 1) s
"""
_MEMBERS = f"""
    SELECT m.* FROM (VALUES (%(key)s::bytea, %(number)s::smallint)) AS w (key, number) CROSS JOIN LATERAL (
        SELECT number, {_ROW} FROM indexer_checkkin WHERE {of_key()} {IN_ORDER}) m
"""
_SAID_OTHERWISE = f"""
    UPDATE indexer_checked SET outcomes = set_byte(outcomes, %(number)s, %(code)s)
    WHERE {_OF} AND prompt_id = ANY(%(records)s) AND get_byte(outcomes, %(number)s) <> %(code)s
    RETURNING prompt_id
"""
_FORGET = tuple(
    f"DELETE FROM indexer_{table} WHERE {_OF} AND number = %(number)s AND prompt_id = ANY(%(records)s)"
    for table in ("checkfinding", "checkevent")
)
_FIND = """
    INSERT INTO indexer_checkfinding (chain_id, generation, number, outcome, prompt_id, since, measured)
    SELECT %(chain)s, %(generation)s, %(number)s, %(code)s, new.*
    FROM unnest(%(records)s::bigint[], %(since)s::bigint[], %(measured)s::jsonb[]) AS new
"""
_CHANGED = """
    INSERT INTO indexer_checkevent (chain_id, generation, number, was, now, position, prompt_id)
    SELECT %(chain)s, %(generation)s, %(number)s, %(other)s, %(code)s, %(position)s, new.*
    FROM unnest(%(records)s::bigint[]) AS new
"""


@dataclass(frozen=True, slots=True)
class Member:
    """A record among those with its key, by a check's number."""

    number: int
    prompt_id: int
    position: int
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What records of a check have in common."""

    number: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Anew:
    """Records that were judged anew, and the pairs that there were before."""

    before: "Mapping[Key, Pair]"
    judged: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Pair:
    """The first record of a key, and the first one with another value."""

    first: Member
    second: Member


def members(story: Story) -> Iterator[Member]:
    """By what a record that is new is compared with others."""
    added = story.revisions[0]
    for each in checks():
        kin = each.kin(added.evidence)
        if kin is not None:
            yield Member(each.number, story.prompt_id, added.position, kin.key, kin.value)


def write(cursor: CursorWrapper, positions: PositionRange, found: Sequence[Member]) -> None:
    """Keep these, of which nothing is found yet."""
    if found:
        columns: dict[str, Any] = {
            "numbers": arrays.of_numbers(each.number for each in found),
            "records": arrays.of_numbers(each.prompt_id for each in found),
            "positions": arrays.of_numbers(each.position for each in found),
            "keys": arrays.of_bytes(each.key for each in found),
            "values": arrays.of_bytes(each.value for each in found),
        }
        cursor.execute(_WRITE, {**positions.named, **columns})


def keys_of(cursor: CursorWrapper, positions: PositionRange, records: Sequence[int]) -> Set[Key]:
    """The keys of these records."""
    numbers = [each.number for each in checks() if each.comparison is not None]
    cursor.execute(_KEYS, {**positions.named, "numbers": numbers, "records": list(records)})
    return {Key(number, bytes(key)) for number, key in cursor.fetchall()}


def pairs(cursor: CursorWrapper, positions: PositionRange, keys: Set[Key]) -> dict[Key, Pair]:
    """The first and second record of those keys that have both."""
    asked: dict[str, Any] = {
        "numbers": arrays.of_numbers(each.number for each in keys),
        "keys": arrays.of_bytes(each.key for each in keys),
    }
    cursor.execute(_PAIRS, {**positions.named, **asked})
    found: dict[Key, Pair] = {}
    for number, prompt_id, position, key, value, other, at, another in cursor.fetchall():
        own = bytes(key)
        found[Key(number, own)] = Pair(
            Member(number, prompt_id, position, own, bytes(value)),
            Member(number, other, at, own, bytes(another)),
        )
    return found


def settle(cursor: CursorWrapper, positions: PositionRange, new: Sequence[Member], moves: Moves) -> None:
    """Find what new records, which are the newest of all, make of their keys."""
    by_key = _by_key(new)
    for key, pair in pairs(cursor, positions, by_key.keys()).items():
        own = by_key[key]
        is_new = any(each.prompt_id == pair.second.prompt_id for each in own)
        _find(cursor, positions, members_of(cursor, positions, key) if is_new else own, pair, moves)


def settle_anew(
    cursor: CursorWrapper,
    positions: PositionRange,
    keys: Set[Key],
    anew: Anew,
    moves: Moves,
) -> None:
    """Find anew what is to be found of records that were judged anew, and of all with these keys or theirs of
    which the first and second are others than before.
    """
    own = _by_key(anew.judged)
    keys = {each for each in keys if _is_of_pairs(each.number)}
    now = pairs(cursor, positions, keys | own.keys())
    for key in sorted(keys | own.keys()):
        of = own.get(key, [])
        if now.get(key) != anew.before.get(key):
            of = members_of(cursor, positions, key)
            _forget(cursor, positions, key, of, moves)
        if key in now and of:
            _find(cursor, positions, of, now[key], moves)


def _forget(
    cursor: CursorWrapper, positions: PositionRange, key: Key, of: Sequence[Member], moves: Moves
) -> None:
    """Find nothing of these records."""
    comparison = _comparison(key.number)
    records: dict[str, Any] = {"number": key.number, "records": [each.prompt_id for each in of]}
    for statement in _FORGET:
        cursor.execute(statement, {**positions.named, **records})
    alike, differing = comparison.alike.code, comparison.differing.code
    _say(cursor, positions, {**records, "code": alike, "other": differing}, moves)


def _by_key(members: Sequence[Member]) -> dict[Key, list[Member]]:
    found: dict[Key, list[Member]] = {}
    for each in members:
        if _is_of_pairs(each.number):
            found.setdefault(Key(each.number, each.key), []).append(each)
    return found


def _is_of_pairs(number: int) -> bool:
    return isinstance(checks()[number].comparison, Comparison)


def _find(
    cursor: CursorWrapper, positions: PositionRange, of: Sequence[Member], pair: Pair, moves: Moves
) -> None:
    """Find something of these records: of those before the second one since that was written."""
    first, second = pair.first, pair.second
    comparison = _comparison(first.number)
    alike, differing = comparison.alike.code, comparison.differing.code
    others = [second if each.value == first.value else first for each in of]
    found = [comparison.values(each.key, other.prompt_id) for each, other in zip(of, others, strict=True)]
    columns: dict[str, Any] = {
        "number": first.number,
        "code": differing,
        "other": alike,
        "records": [each.prompt_id for each in of],
        "since": [max(each.position, second.position) for each in of],
        "measured": [msgspec.json.encode(each).decode() for each in found],
    }
    cursor.execute(_FIND, {**positions.named, **columns})
    _say(cursor, positions, columns, moves)
    before = [each.prompt_id for each in of if each.prompt_id < second.prompt_id]
    if before:
        changed = {**columns, "records": before, "position": second.position}
        cursor.execute(_CHANGED, {**positions.named, **changed})


def _say(cursor: CursorWrapper, positions: PositionRange, of: dict[str, Any], moves: Moves) -> None:
    """Have the outcome of these records be this ``code``, where it is the ``other`` one."""
    cursor.execute(_SAID_OTHERWISE, {**positions.named, **of})
    for (prompt_id,) in cursor.fetchall():
        moves.said(prompt_id, of["number"], of["other"], of["code"])


def members_of(cursor: CursorWrapper, positions: PositionRange, key: Key) -> list[Member]:
    """The records with this key, oldest first."""
    cursor.execute(_MEMBERS, {**positions.named, "number": key.number, "key": key.key})
    return [
        Member(number, prompt_id, position, bytes(own), bytes(value))
        for number, prompt_id, position, own, value in cursor.fetchall()
    ]


def _comparison(number: int) -> Comparison:
    found = checks()[number].comparison
    assert isinstance(found, Comparison)
    return found
