"""How often each check says what: of all records of a chain, of those that name a model, provider or scout,
or answer a prompt, and of those with neighbouring ids.

What a step changes is collected, and written at its end: each row once, in a fixed order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from indexer.checks.check import RESULTS
from indexer.checks.registry import checks, places
from indexer.derive.derivation import PositionRange
from indexer.models import CheckSlice, Presence

_ADD = """
    INSERT INTO indexer_checktally AS t (chain_id, generation, number, outcome, records)
    SELECT %(chain)s, %(generation)s, new.*
    FROM unnest(%(numbers)s::smallint[], %(outcomes)s::smallint[], %(records)s::bigint[]) AS new
    ON CONFLICT (chain_id, generation, number, outcome) DO UPDATE SET records = t.records + excluded.records
"""
_NOTHING_LEFT = """
    DELETE FROM indexer_checktally
    WHERE chain_id = %(chain)s AND generation = %(generation)s AND records = 0
"""
_SUMS = """ARRAY(
    SELECT now + more FROM unnest(t.counts, excluded.counts) WITH ORDINALITY AS u (now, more, place)
    ORDER BY place)"""
_ADD_NAMED = f"""
    INSERT INTO indexer_checknamed AS t (chain_id, generation, of, key, counts)
    SELECT %(chain)s, %(generation)s, new.of, new.key, new.counts::integer[]
    FROM unnest(%(of)s::smallint[], %(keys)s::bigint[], %(counts)s::text[]) AS new (of, key, counts)
    ON CONFLICT (chain_id, generation, of, key) DO UPDATE SET counts = {_SUMS}
"""
_ADD_ASKED = f"""
    INSERT INTO indexer_checkasked AS t (chain_id, generation, prompt, counts)
    SELECT %(chain)s, %(generation)s, new.prompt, new.counts::integer[]
    FROM unnest(%(prompts)s::uuid[], %(counts)s::text[]) AS new (prompt, counts)
    ON CONFLICT (chain_id, generation, prompt) DO UPDATE SET counts = {_SUMS}
"""
_ADD_SLICED = f"""
    INSERT INTO indexer_checkslice AS t (chain_id, generation, slice, counts)
    SELECT %(chain)s, %(generation)s, new.slice, new.counts::integer[]
    FROM unnest(%(slices)s::bigint[], %(counts)s::text[]) AS new (slice, counts)
    ON CONFLICT (chain_id, generation, slice) DO UPDATE SET counts = {_SUMS}
"""
_NAMES = """
    SELECT r.prompt_id, r.model_id, r.provider_id, r.scout, substr(r.prompt, 1, 16)
    FROM unnest(%(records)s::bigint[]) AS w (prompt_id) CROSS JOIN LATERAL (
        SELECT prompt_id, model_id, provider_id, scout, prompt FROM indexer_record
        WHERE chain_id = %(chain)s AND generation = %(generation)s AND prompt_id = w.prompt_id OFFSET 0) r
"""

_Counts = list[int]  # four for each check: see CheckNamed


@dataclass(frozen=True, slots=True)
class _Names:
    """What a record names, and half of the key of its prompt."""

    model_id: int
    provider_id: int
    scout: int
    prompt: UUID

    @property
    def keys(self) -> Iterator[tuple[int, int]]:
        """The keys of its rows of ``CheckNamed``."""
        yield Presence.Of.MODEL.value, self.model_id
        yield Presence.Of.PROVIDER.value, self.provider_id
        yield Presence.Of.SCOUT.value, self.scout


@dataclass(slots=True)
class Moves:
    """What is said of records otherwise than before: by record, how often more by check and code."""

    by_record: dict[int, Counter[tuple[int, int]]] = field(default_factory=dict)

    def judged(self, prompt_id: int, before: bytes, now: bytes) -> None:
        """All that is said of a record, by the numbers of checks; empty where nothing is."""
        of = self.by_record.setdefault(prompt_id, Counter())
        of.subtract(enumerate(before))
        of.update(enumerate(now))

    def said(self, prompt_id: int, number: int, was: int, now: int) -> None:
        """What one check says of a record."""
        self.by_record.setdefault(prompt_id, Counter()).update({(number, was): -1, (number, now): 1})


def write(cursor: CursorWrapper, positions: PositionRange, moves: Moves) -> None:
    """Count records as they are said of now."""
    moved = {one: of for one, of in moves.by_record.items() if any(of.values())}
    if not moved:
        return
    _write_all(cursor, positions, moved)
    named: dict[tuple[int, int], _Counts] = {}
    asked: dict[UUID, _Counts] = {}
    sliced: dict[int, _Counts] = {}
    for prompt_id, names in _names(cursor, positions, list(moved)).items():
        own = _by_result(moved[prompt_id])
        for key in names.keys:
            _add_up(named.setdefault(key, _zeros()), own)
        _add_up(asked.setdefault(names.prompt, _zeros()), own)
        _add_up(sliced.setdefault(prompt_id >> CheckSlice.BITS, _zeros()), own)
    _write_named(cursor, positions, named)
    _write_asked(cursor, positions, asked)
    _write_sliced(cursor, positions, sliced)


def _write_all(
    cursor: CursorWrapper, positions: PositionRange, moved: Mapping[int, Counter[tuple[int, int]]]
) -> None:
    sums: Counter[tuple[int, int]] = Counter()
    for each in moved.values():
        sums.update(each)
    told = sorted((number, code, records) for (number, code), records in sums.items() if records)
    columns: dict[str, list[Any]] = {
        "numbers": [number for number, _, _ in told],
        "outcomes": [code for _, code, _ in told],
        "records": [records for _, _, records in told],
    }
    cursor.execute(_ADD, {**positions.named, **columns})
    cursor.execute(_NOTHING_LEFT, positions.named)


def _write_named(
    cursor: CursorWrapper, positions: PositionRange, named: Mapping[tuple[int, int], _Counts]
) -> None:
    keys = sorted(key for key, counts in named.items() if any(counts))
    columns: dict[str, list[Any]] = {
        "of": [of for of, _ in keys],
        "keys": [key for _, key in keys],
        "counts": [_array(named[each]) for each in keys],
    }
    cursor.execute(_ADD_NAMED, {**positions.named, **columns})


def _write_asked(cursor: CursorWrapper, positions: PositionRange, asked: Mapping[UUID, _Counts]) -> None:
    prompts = sorted(prompt for prompt, counts in asked.items() if any(counts))
    columns: dict[str, list[Any]] = {
        "prompts": prompts,
        "counts": [_array(asked[each]) for each in prompts],
    }
    cursor.execute(_ADD_ASKED, {**positions.named, **columns})


def _write_sliced(cursor: CursorWrapper, positions: PositionRange, sliced: Mapping[int, _Counts]) -> None:
    slices = sorted(one for one, counts in sliced.items() if any(counts))
    columns: dict[str, list[Any]] = {
        "slices": slices,
        "counts": [_array(sliced[each]) for each in slices],
    }
    cursor.execute(_ADD_SLICED, {**positions.named, **columns})


def _names(cursor: CursorWrapper, positions: PositionRange, records: Sequence[int]) -> Mapping[int, _Names]:
    cursor.execute(_NAMES, {**positions.named, "records": list(records)})
    return {
        prompt_id: _Names(model_id, provider_id, scout, UUID(bytes=bytes(prompt)))
        for prompt_id, model_id, provider_id, scout, prompt in cursor.fetchall()
    }


def _by_result(moved: Counter[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Places in the counts, and by how much these change."""
    return [(places()[number][code], records) for (number, code), records in moved.items() if records]


def _add_up(counts: _Counts, more: Sequence[tuple[int, int]]) -> None:
    for place, records in more:
        counts[place] += records


def _zeros() -> _Counts:
    return [0] * (len(checks()) * len(RESULTS))


def _array(counts: _Counts) -> str:
    """As PostgreSQL writes an array: there is none of arrays of several lengths, as ``unnest`` takes them."""
    return f"{{{','.join(map(str, counts))}}}"
