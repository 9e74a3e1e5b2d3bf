"""Checks that compare a record with its cohort, who should all say the same: which one alone does not.

Records of one key are a cohort. A record that is added changes what is said of two others at most: of the one
that alone gave the same answer, and of the outlier that there was, or now is. So of a cohort no more is read
than decides: three of its answers, those of the new records, and of each the first few who gave it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.backends.utils import CursorWrapper

from indexer.checks.check import Cohorts, Judged
from indexer.checks.registry import checks
from indexer.derive import check_sayings
from indexer.derive.check_kin import Key, Member, members_of
from indexer.derive.check_sayings import Found
from indexer.derive.check_tallies import Moves
from indexer.derive.derivation import PositionRange, Withdrawn
from indexer.store import arrays

_ANSWERS = 3  # that tell whether there are more than two
_OF = "chain_id = %(chain)s AND generation = %(generation)s"
_PLACE = "(key, chain_id, generation)"
_VALUED = "(key, chain_id, generation, value)"
_KEY = "(w.key, %(chain)s, %(generation)s)"
_KIN = f"""FROM indexer_checkkin
    WHERE number = %(number)s AND prompt_id < w.before AND {_PLACE} >= {_KEY} AND {_PLACE} <= {_KEY}"""
_IN_ORDER = "ORDER BY key, chain_id, generation, value"
_AT = "(w.key, %(chain)s, %(generation)s, {value})"

# By the index of values, each by itself; rows are compared as one because no other index can serve that: see
# `check_kin.of_key`.
_KNOWN = f"""
    WITH w AS MATERIALIZED (
        SELECT * FROM unnest(%(keys)s::bytea[], %(befores)s::bigint[])
            WITH ORDINALITY AS w (key, before, place)
    ), wanted AS MATERIALIZED (
        SELECT w.key, w.before, v.value FROM w CROSS JOIN LATERAL (
            WITH RECURSIVE v AS (
                (SELECT value, 1 AS place {_KIN} {_IN_ORDER} LIMIT 1)
                UNION ALL
                SELECT (SELECT value {_KIN} AND {_VALUED} > {_AT.format(value="v.value")}
                        {_IN_ORDER} LIMIT 1), place + 1
                FROM v WHERE v.value IS NOT NULL AND place < {_ANSWERS}
            ) SELECT value FROM v WHERE value IS NOT NULL) v
        UNION
        SELECT w.key, w.before, n.value FROM unnest(%(of)s::bigint[], %(values)s::bytea[]) AS n (place, value)
        JOIN w USING (place)
    )
    SELECT m.prompt_id, m.position, w.key, w.value FROM wanted w CROSS JOIN LATERAL (
        SELECT prompt_id, position {_KIN}
            AND {_VALUED} >= {_AT.format(value="w.value")} AND {_VALUED} <= {_AT.format(value="w.value")}
        {_IN_ORDER}, prompt_id LIMIT %(most)s) m
"""
_LEFT = """
    SELECT (SELECT min(position) FROM indexer_withdrawnoperation
            WHERE withdrawal_id = %(order)s AND chain_id = %(chain)s AND position < %(low)s),
           (SELECT max(position) FROM indexer_withdrawnoperation
            WHERE withdrawal_id = %(order)s AND chain_id = %(chain)s
              AND position > %(high)s AND position < %(end)s)
"""
# Records of a cohort have the same messages, seed, model and provider; records with these may be of several.
_ALIKE = f"""FROM indexer_record WHERE {_OF} AND substr(prompt, 1, 6) = substr(g.prompt, 1, 6)
    AND prompt = g.prompt AND seed = g.seed AND model_id = g.model_id AND provider_id = g.provider_id"""
_READY = f"""
    WITH inputs AS MATERIALIZED (
        SELECT DISTINCT r.* FROM unnest(%(records)s::bigint[]) AS w (prompt_id) CROSS JOIN LATERAL (
            SELECT prompt, seed, model_id, provider_id FROM indexer_record
            WHERE {_OF} AND prompt_id = w.prompt_id OFFSET 0) r
    ), ready AS MATERIALIZED (
        SELECT * FROM inputs g WHERE NOT EXISTS (
            SELECT FROM (SELECT position {_ALIKE} AND position >= %(from)s AND position <= %(to)s OFFSET 0) m
            CROSS JOIN LATERAL (
                SELECT FROM indexer_withdrawnoperation
                WHERE withdrawal_id = %(order)s AND chain_id = %(chain)s AND position = m.position
                  AND position <> ALL(%(positions)s::bigint[]) OFFSET 0) l)
    )
    SELECT DISTINCT k.number, k.key FROM ready g
    CROSS JOIN LATERAL (SELECT prompt_id {_ALIKE} OFFSET 0) m CROSS JOIN LATERAL (
        SELECT number, key FROM indexer_checkkin
        WHERE {_OF} AND number = ANY(%(numbers)s::smallint[]) AND prompt_id = m.prompt_id OFFSET 0) k
    ORDER BY 1, 2
"""
_NO_EVENT = (
    f"DELETE FROM indexer_checkevent WHERE {_OF} AND number = %(number)s AND prompt_id = ANY(%(records)s)"
)
_CHANGED = """
    INSERT INTO indexer_checkevent (chain_id, generation, number, prompt_id, position, was, now)
    SELECT %(chain)s, %(generation)s, %(number)s, new.*
    FROM unnest(%(records)s::bigint[], %(positions)s::bigint[],
                %(was)s::smallint[], %(now)s::smallint[]) AS new
"""


@dataclass(frozen=True, slots=True)
class _Event:
    """What is said of a record from a position on, and was said before."""

    prompt_id: int
    position: int
    was: int
    now: int


@dataclass(slots=True)
class _Cohort:
    """What records of a cohort said, as far as it decides, and what follows of what is added.

    ``codes`` is what is said of records, ``since`` since when of those of which it changed.
    """

    of: Cohorts
    by_value: dict[bytes, list[Member]] = field(default_factory=dict)
    codes: dict[int, int] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    events: list[_Event] = field(default_factory=list)

    def know(self, known: Sequence[Member]) -> None:
        """Take in what was there before, oldest first."""
        for each in known:
            self.by_value.setdefault(each.value, []).append(each)
        outlier = self.outlier()
        for some in self.by_value.values():
            code = self.of.open if len(some) == 1 else self.of.agreeing
            self.codes |= {each.prompt_id: code.code for each in some}
        if outlier is not None:
            self.codes[outlier.prompt_id] = self.of.outlier.code

    def add(self, new: Member) -> None:
        """Take in the next record."""
        before = self.outlier()
        alike = self.by_value.setdefault(new.value, [])
        alike.append(new)
        now = self.outlier()
        self._say(new, self.of.open.code if len(alike) == 1 else self.of.agreeing.code, new, is_new=True)
        if len(alike) == 2:
            self._say(alike[0], self.of.agreeing.code, new)
        elif before is not None and before is not now:
            self._say(before, self.of.open.code, new)
        if now is not None and now is not before:
            self._say(now, self.of.outlier.code, new, is_new=now is new)

    def outlier(self) -> Member | None:
        """The one record that says something else than all others, where these are enough."""
        if len(self.by_value) != 2:
            return None
        few, many = sorted(self.by_value.values(), key=len)
        return few[0] if len(few) == 1 and len(many) >= self.of.least else None

    def _say(self, of: Member, code: int, by: Member, *, is_new: bool = False) -> None:
        was = self.codes.get(of.prompt_id)
        if not is_new and was is not None and was != code:
            self.events.append(_Event(of.prompt_id, by.position, was, code))
        self.codes[of.prompt_id], self.since[of.prompt_id] = code, by.position


def settle(cursor: CursorWrapper, positions: PositionRange, new: Sequence[Member], moves: Moves) -> None:
    """Find what new records, which are the newest of all, make of their cohorts."""
    by_key: dict[Key, list[Member]] = {}
    for each in sorted(new, key=attrgetter("prompt_id")):
        if isinstance(checks()[each.number].comparison, Cohorts):
            by_key.setdefault(Key(each.number, each.key), []).append(each)
    for number, keys in groupby(sorted(by_key), key=attrgetter("number")):
        new_of = {key: by_key[key] for key in keys}
        cohorts = {key: _Cohort(_cohorts(number)) for key in new_of}
        for key, known in _known(cursor, positions, number, new_of).items():
            cohorts[key].know(known)
        for key, own in new_of.items():
            for each in own:
                cohorts[key].add(each)
        _write(cursor, positions, number, list(cohorts.values()), moves)


def settle_anew(cursor: CursorWrapper, withdrawn: Withdrawn, records: Sequence[int], moves: Moves) -> None:
    """Find anew what is to be found of all cohorts that these records, which were judged anew, are of or were
    of: of each once, in the last step of the order that adds to it or takes from it. Until then none of its
    records that were judged anew tells what was found, and all others are as they were.
    """
    positions = withdrawn.range
    for key in _ready(cursor, withdrawn, records):
        cohort = _Cohort(_cohorts(key.number))
        for each in members_of(cursor, positions, key):
            cohort.add(each)
        of: dict[str, Any] = {"number": key.number, "records": list(cohort.codes)}
        cursor.execute(_NO_EVENT, {**positions.named, **of})
        _write(cursor, positions, key.number, [cohort], moves)


def _ready(cursor: CursorWrapper, withdrawn: Withdrawn, records: Sequence[int]) -> Sequence[Key]:
    """The cohorts of records with the inputs of these, where no other one with them is left to be judged."""
    numbers = [each.number for each in checks() if isinstance(each.comparison, Cohorts)]
    first, last = _left(cursor, withdrawn)
    asked: dict[str, Any] = {"records": list(records), "numbers": numbers, "from": first, "to": last}
    cursor.execute(_READY, {**withdrawn.named, **asked})
    return [Key(number, bytes(key)) for number, key in cursor.fetchall()]


def _left(cursor: CursorWrapper, withdrawn: Withdrawn) -> tuple[int, int]:
    """Between which positions those operations lie that are left of the order: all of them are before these
    ones, or after.
    """
    low, high = min(withdrawn.positions), max(withdrawn.positions)
    cursor.execute(_LEFT, {**withdrawn.named, "low": low, "high": high})
    first, last = cursor.fetchone()
    return (high + 1 if first is None else first, low - 1 if last is None else last)


def _known(
    cursor: CursorWrapper, positions: PositionRange, number: int, new: Mapping[Key, Sequence[Member]]
) -> Mapping[Key, Sequence[Member]]:
    """Of each cohort who decides what its new records change, oldest first."""
    asked: dict[str, Any] = {
        "number": number,
        "keys": arrays.of_bytes(key.key for key in new),
        "befores": [own[0].prompt_id for own in new.values()],
        "of": [place for place, own in enumerate(new.values(), start=1) for _ in own],
        "values": arrays.of_bytes(each.value for own in new.values() for each in own),
        "most": _cohorts(number).least + 1,
    }
    cursor.execute(_KNOWN, {**positions.named, **asked})
    found = [
        Member(number, prompt_id, at, bytes(key), bytes(value))
        for prompt_id, at, key, value in cursor.fetchall()
    ]
    found.sort(key=attrgetter("key", "prompt_id"))
    return {Key(number, key): list(some) for key, some in groupby(found, key=attrgetter("key"))}


def _write(
    cursor: CursorWrapper, positions: PositionRange, number: int, cohorts: Sequence[_Cohort], moves: Moves
) -> None:
    codes = {record: each.codes[record] for each in cohorts for record in each.since}
    events = [event for each in cohorts for event in each.events]
    found = [outlier for each in cohorts for outlier in _outliers(each)]
    check_sayings.write(cursor, positions, number, codes, found, moves)
    of: dict[str, Any] = {
        "number": number,
        "records": [each.prompt_id for each in events],
        "positions": [each.position for each in events],
        "was": [each.was for each in events],
        "now": [each.now for each in events],
    }
    cursor.execute(_CHANGED, {**positions.named, **of})


def _outliers(cohort: _Cohort) -> Iterator[Found]:
    """The outlier, where that is found anew."""
    found = cohort.outlier()
    if found is None or found.prompt_id not in cohort.since:
        return
    other = next(some[0] for value, some in cohort.by_value.items() if value != found.value)
    values = cohort.of.values(other.value, other.prompt_id)
    yield Found(found.prompt_id, cohort.since[found.prompt_id], Judged(cohort.of.outlier, values))


def _cohorts(number: int) -> Cohorts:
    found = checks()[number].comparison
    assert isinstance(found, Cohorts)
    return found
