"""Search: which words each record has. What they are, and where they are read, is in ``search_units``.

A step names the units of the records that it touches, and reads texts only for units that are not there yet.
Records that say what is hidden, erased or shown again get other units, and a unit that no record names goes;
until then no word finds them (``explorer.queries.records.withdrawing``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indexer.dapp.replay import position_of
from indexer.derive import saying
from indexer.derive.derivation import Derivation, PositionRange, Withdrawn
from indexer.derive.search_units import Reader, Searched, Unit
from indexer.models import DerivationCheckpoint, SearchRecord, SearchUnit
from indexer.store import locks, suppression
from indexer.words import lexemes

T = TypeVar("T")
BATCH = 500  # operations: whoever hides a text waits for a step
_AT_ONCE = 200  # records, whose texts are in memory together
_NAME = DerivationCheckpoint.Of.SEARCH.value

# Each is looked up by itself: see search_units.
_TOUCHED = """
    WITH revised AS MATERIALIZED (
        SELECT DISTINCT chain_id, generation, prompt_id FROM indexer_revision
        WHERE chain_id = %(chain)s AND generation = %(generation)s
          AND position >= %(first)s AND position < %(end)s AND kind < 3)
    SELECT r.position FROM revised v JOIN LATERAL (
        SELECT position, prompt_id FROM indexer_record
        WHERE chain_id = v.chain_id AND generation = v.generation AND prompt_id >= v.prompt_id
        ORDER BY prompt_id LIMIT 1) r ON r.prompt_id = v.prompt_id
    ORDER BY r.position
"""
_PRESENT = "SELECT id FROM indexer_searchunit WHERE id = ANY(%s)"
_COPY = "COPY indexer_{0} (id, chain_id, prompt_cut, answer_cut, private, words) FROM STDIN"
_NAMED = """
    SELECT position, ever, first, now FROM indexer_searchrecord
    WHERE chain_id = %(chain)s AND generation = %(generation)s AND position = ANY(%(records)s)
"""
_WRITE = """
    INSERT INTO indexer_searchrecord (chain_id, generation, position, ever, first, now)
    SELECT %(chain)s, %(generation)s, new.* FROM
        unnest(%(records)s::bigint[], %(ever)s::uuid[], %(first)s::uuid[], %(now)s::uuid[]) AS new
    ON CONFLICT (chain_id, generation, position)
    DO UPDATE SET ever = excluded.ever, first = excluded.first, now = excluded.now
"""
_FORGET = """
    DELETE FROM indexer_searchunit u WHERE u.id = ANY(%s)
    AND NOT EXISTS (SELECT FROM indexer_searchrecord WHERE ever = u.id OFFSET 0)
    AND NOT EXISTS (SELECT FROM indexer_searchrecord WHERE first = u.id AND first IS NOT NULL OFFSET 0)
    AND NOT EXISTS (SELECT FROM indexer_searchrecord WHERE now = u.id AND now IS NOT NULL OFFSET 0)
"""
_SUPERFLUOUS = """
    SELECT id FROM indexer_searchunit WHERE chain_id = %(chain)s
    EXCEPT (
        SELECT ever FROM indexer_searchrecord WHERE chain_id = %(chain)s
        UNION ALL
        SELECT first FROM indexer_searchrecord WHERE chain_id = %(chain)s AND first IS NOT NULL
        UNION ALL
        SELECT now FROM indexer_searchrecord WHERE chain_id = %(chain)s AND now IS NOT NULL)
    ORDER BY 1
"""
_SWEEP = f"DELETE FROM indexer_searchunit WHERE id = ANY(ARRAY({_SUPERFLUOUS}))"
_REACHED = f"""
    SELECT generation, height FROM indexer_derivationcheckpoint
    WHERE chain_id = %s AND name = '{_NAME}' ORDER BY generation
"""
# Those whose units hold a text within a result, which no operation's row names.
_HOLDING = """
    WITH holding AS MATERIALIZED (SELECT id FROM indexer_searchunit WHERE words @@ %(query)s::tsquery)
    SELECT DISTINCT r.chain_id, r.position FROM holding u CROSS JOIN LATERAL (
        SELECT chain_id, position FROM indexer_searchrecord WHERE ever = u.id
        UNION
        SELECT chain_id, position FROM indexer_searchrecord
        WHERE first = u.id AND first IS NOT NULL
        UNION
        SELECT chain_id, position FROM indexer_searchrecord
        WHERE now = u.id AND now IS NOT NULL
    ) r
"""
_STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS indexer_stagedunit
    (id uuid, chain_id int2, prompt_cut bool, answer_cut bool, private int2, words tsvector) ON COMMIT DROP
"""
_CHANGED = """
    SELECT u.id FROM indexer_stagedunit s JOIN indexer_searchunit u ON u.id = s.id
    WHERE (u.chain_id, u.prompt_cut, u.answer_cut, u.private, u.words)
        IS DISTINCT FROM (s.chain_id, s.prompt_cut, s.answer_cut, s.private, s.words) ORDER BY u.id
"""
_MISSING = """
    SELECT DISTINCT n.id FROM indexer_searchrecord r CROSS JOIN LATERAL (VALUES (ever), (first), (now)) n (id)
    WHERE r.chain_id = %(chain)s AND r.generation = %(generation)s AND n.id IS NOT NULL
      AND NOT EXISTS (SELECT FROM indexer_searchunit u WHERE u.id = n.id) ORDER BY 1
"""
_RECORDS = """
    SELECT position FROM indexer_searchrecord
    WHERE chain_id = %(chain)s AND generation = %(generation)s AND position > %(after)s
    ORDER BY position LIMIT %(most)s
"""


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Name the units of the records that a range writes or edits, and make those that are missing."""
    if positions.first >= positions.end:
        return
    cursor.execute(_TOUCHED, positions.named)
    records = [position for (position,) in cursor.fetchall()]
    if records:
        locks.own_units(cursor, positions.chain_id)
        _name(cursor, positions, _reader(cursor, positions), [[each] for each in records])


def remake(cursor: CursorWrapper, withdrawn: Withdrawn) -> None:
    """Name the units of the records anew that these operations wrote, once for all that say the same."""
    found = [each.position for each in saying.records(cursor, withdrawn)]
    if found:
        locks.own_units(cursor, withdrawn.chain_id)
        reader = _reader(cursor, withdrawn.range)
        _name(cursor, withdrawn.range, reader, reader.alike(found))


def holding(cursor: CursorWrapper, key: bytes) -> list[tuple[int, int]]:
    """The records of which a unit holds a text within a result with that key: chain and position."""
    # Rows look cheap to walk, since their words lie apart: they are not.
    cursor.execute("SET LOCAL enable_seqscan = off")
    cursor.execute(_HOLDING, {"query": lexemes.query_of_keys([key])})
    found: list[tuple[int, int]] = cursor.fetchall()
    cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return found


def sweep(cursor: CursorWrapper, chain_id: int) -> None:
    """Remove the units of a chain that no record names."""
    locks.own_units(cursor, chain_id)
    cursor.execute(_SWEEP, {"chain": chain_id})


def faults(chain_id: int, generation: int) -> Iterator[str]:
    """The units that are missing, named by no record, or not what their texts are cut into.

    Rows and units are written together, and a unit never changes: so nobody need stand still.
    """
    of = {"chain": chain_id, "generation": generation}
    for query, told in ((_MISSING, "missing, and a record names it"), (_SUPERFLUOUS, "no record names it")):
        yield from [f"unit {each}: {told}" for each in _column(query, of)]
    seen: set[UUID] = set()
    after: int | None = -1
    while after is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            locks.share_suppression(cursor)
            after, changed = _changed(cursor, of, after, seen)
        yield from [f"unit {each}: its texts give other words" for each in changed]


def _name(
    cursor: CursorWrapper, positions: PositionRange, reader: Reader, alike: Sequence[Sequence[int]]
) -> None:
    """Write which units records have, as of the end of the range; those of ``alike`` have the same."""
    for some in _batched(alike, _AT_ONCE):
        members = {each[0]: each for each in some}
        searched = reader.searched(list(members))
        named = {at: each for each in searched for at in members[each.record]}
        of = {"chain": positions.chain_id, "generation": positions.generation, "records": list(named)}
        before = _units_named(cursor, of)
        units = {unit.id: unit for each in searched for unit in each.units}
        _make(cursor, reader, units)
        _write(cursor, of, list(named.values()))
        if left := list(before - units.keys()):
            cursor.execute(_FORGET, [left])


def _reader(cursor: CursorWrapper, positions: PositionRange) -> Reader:
    return Reader(
        cursor,
        suppression.whole_gate(),
        chain_id=positions.chain_id,
        generation=positions.generation,
        end=positions.end,
    )


def _units_named(cursor: CursorWrapper, of: Mapping[str, Any]) -> set[UUID]:
    cursor.execute(_NAMED, of)
    return {each for _, *units in cursor.fetchall() for each in units if each is not None}


def _make(cursor: CursorWrapper, reader: Reader, units: Mapping[UUID, Unit]) -> None:
    cursor.execute(_PRESENT, [list(units)])
    present = {each for (each,) in cursor.fetchall()}
    _copy(cursor, "searchunit", reader, [unit for each, unit in units.items() if each not in present])


def _copy(cursor: CursorWrapper, table: str, reader: Reader, units: Sequence[Unit]) -> None:
    if not units:
        return
    made = reader.made(units)
    with cursor.copy(_COPY.format(table)) as copy:
        for each in made:
            cut = each.vector.prompt_cut, each.vector.answer_cut
            copy.write_row((each.unit.id, each.unit.chain_id, *cut, each.private, each.vector.literal))


def _write(cursor: CursorWrapper, of: Mapping[str, Any], searched: Sequence[Searched]) -> None:
    columns: dict[str, Any] = {
        "ever": [each.ever.id for each in searched],
        "first": [each.first and each.first.id for each in searched],
        "now": [each.now and each.now.id for each in searched],
    }
    cursor.execute(_WRITE, {**of, **columns})


def _changed(
    cursor: CursorWrapper, of: Mapping[str, int], after: int, seen: set[UUID]
) -> tuple[int | None, Sequence[UUID]]:
    """Of the next records after a position: the last one, None where there is none, and those of their units
    that are there and are not what they are made of. Looks at none again that it has ``seen``.
    """
    records = _fetched(cursor, _RECORDS, {**of, "after": after, "most": _AT_ONCE})
    if not records:
        return None, ()
    cursor.execute(_REACHED, [of["chain"]])
    reached = dict(cursor.fetchall()).get(of["generation"], -1)
    end = position_of(reached + 1, 0)
    reader = _reader(cursor, PositionRange(of["chain"], of["generation"], 0, end))
    units = {unit.id: unit for each in reader.searched(records) for unit in each.units}
    cursor.execute(_STAGE)
    cursor.execute("TRUNCATE indexer_stagedunit")
    _copy(cursor, "stagedunit", reader, [unit for each, unit in units.items() if each not in seen])
    seen |= units.keys()
    return records[-1], _fetched(cursor, _CHANGED, {})


def _column(query: str, of: Mapping[str, int]) -> list[Any]:
    with connection.cursor() as cursor:
        return _fetched(cursor, query, of)


def _fetched(cursor: CursorWrapper, query: str, of: Mapping[str, int]) -> list[Any]:
    cursor.execute(query, of)
    return [each for (each,) in cursor.fetchall()]


def _batched(records: Iterable[T], most: int) -> Iterator[list[T]]:
    left = iter(records)
    while some := list(islice(left, most)):
        yield some


DERIVATION = Derivation(
    name=_NAME,
    lock=2,
    tables=(SearchRecord,),
    shared=(SearchUnit,),
    step=step,
    batch=BATCH,
    remake=remake,
    holding=holding,
    sweep=sweep,
    faults=faults,
)
