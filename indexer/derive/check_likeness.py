"""Checks that compare the text of a record with those of earlier records: which one is nearly the same.

Each different text stands for the record that first gave it, and is found by its bands
(``indexer.words.grams``). A record is compared with earlier ones alone, so what is found of it never changes
by a later one, and of each band and of all no more is looked at than a fixed number: the first of them. So it
is the same wherever steps are cut, and a text that very many have keeps nobody waiting. Where the record
that a text stands for is withheld, the next one takes its place, and whoever shares a band with the text is
compared anew, in steps of their own (``check_unsettled``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from indexer.checks.check import Judged, Likeness, Outcome
from indexer.checks.registry import checks
from indexer.derive import check_sayings
from indexer.derive.check_evidence import Story, stories
from indexer.derive.check_kin import IN_ORDER, Key, Member, members, of_key
from indexer.derive.check_sayings import Found
from indexer.derive.check_tallies import Moves
from indexer.derive.derivation import PositionRange
from indexer.store import arrays
from indexer.store.suppression import Gate
from indexer.words import grams
from indexer.words.grams import Gram

LOOKED_AT = 64
"""Texts of a band: the first ones of all."""

MEASURED = 8
"""Texts that are measured: the first ones to other messages."""

_AT_ONCE = 250  # records, or texts
_KEPT = 64  # texts whose runs are in memory

_OF = "chain_id = %(chain)s AND generation = %(generation)s"
_EARLIER = f"""
    SELECT w.record, ARRAY(
        SELECT prompt_id FROM indexer_checkband
        WHERE {_OF} AND band = w.band AND prompt_id < w.record
        ORDER BY prompt_id LIMIT %(most)s)
    FROM unnest(%(records)s::bigint[], %(bands)s::bigint[]) AS w (record, band)
"""
_KIN = f"""
    SELECT k.* FROM unnest(%(records)s::bigint[]) AS w (prompt_id) CROSS JOIN LATERAL (
        SELECT number, prompt_id, position, key, value FROM indexer_checkkin
        WHERE {_OF} AND number = %(among)s AND prompt_id = w.prompt_id OFFSET 0) k
"""
_FIRST = f"""
    SELECT f.prompt_id FROM unnest(%(keys)s::bytea[]) AS w (key) CROSS JOIN LATERAL (
        SELECT prompt_id FROM indexer_checkkin
        WHERE {of_key("%(among)s")} {IN_ORDER} LIMIT 1) f
"""
# Who waits to be judged anew stands for no text: else each step of a withdrawal moved it to the next one.
_STANDING = f"""
    SELECT f.* FROM unnest(%(keys)s::bytea[]) AS w (key) CROSS JOIN LATERAL (
        SELECT number, prompt_id, position, key, value FROM indexer_checkkin k
        WHERE {of_key("%(among)s")} AND (prompt_id = ANY(%(anew)s) OR NOT EXISTS (
            SELECT FROM indexer_withdrawal o JOIN indexer_withdrawnoperation p ON p.withdrawal_id = o.id
            WHERE p.chain_id = k.chain_id AND p.position = k.position))
        {IN_ORDER} LIMIT 1) f
"""
_TEXT = "(text, chain_id, generation)"
_OF_TEXT = "(w.id, %(chain)s, %(generation)s)"
_BANDS = f"""
    SELECT b.* FROM unnest(%(texts)s::uuid[]) AS w (id) CROSS JOIN LATERAL (
        SELECT text, band, prompt_id FROM indexer_checkband
        WHERE {_TEXT} >= {_OF_TEXT} AND {_TEXT} <= {_OF_TEXT}) b
"""
_ADD = """
    INSERT INTO indexer_checkband (chain_id, generation, text, band, prompt_id)
    SELECT %(chain)s, %(generation)s, new.*
    FROM unnest(%(texts)s::uuid[], %(bands)s::bigint[], %(records)s::bigint[]) AS new
"""
_REMOVE = f"""
    DELETE FROM indexer_checkband b
    USING unnest(%(bands)s::bigint[], %(records)s::bigint[]) AS gone (band, prompt_id)
    WHERE b.{_OF.replace(" AND ", " AND b.")} AND b.band = gone.band AND b.prompt_id = gone.prompt_id
"""
_LEAVE = f"""
    INSERT INTO indexer_checkunsettled (chain_id, generation, band, text_of, after)
    SELECT %(chain)s, %(generation)s, w.band, 0, 0 FROM unnest(%(bands)s::bigint[]) AS w (band)
    WHERE EXISTS (SELECT FROM indexer_checkband WHERE {_OF} AND band = w.band)
    ON CONFLICT (chain_id, generation, band) DO UPDATE SET text_of = 0, after = 0
"""


@dataclass(frozen=True, slots=True)
class _Row:
    """A band of a text, and the record that the text stands for."""

    text: UUID
    band: int
    prompt_id: int


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The texts with which a record is compared, oldest first, and whether there are more."""

    texts: Sequence[Member]
    has_more: bool


class Texts:
    """Texts by their keys, and what is made of each once."""

    def __init__(self, by_key: Mapping[bytes, str]) -> None:
        self.by_key = dict(by_key)
        self._bands: dict[bytes, Sequence[int]] = {}
        self._runs: dict[bytes, Set[Gram]] = {}

    def bands(self, key: bytes) -> Sequence[int]:
        """The bands of the text with this key."""
        if key not in self._bands:
            self._bands[key] = grams.bands(self.by_key[key])
        return self._bands[key]

    def similarities(self, key: bytes, others: Iterable[bytes]) -> Iterator[float]:
        """How much the text with this key is like each of the others."""
        own = self._made(key)
        for each in others:
            if len(self._runs) > _KEPT:
                self._runs.clear()
            if each not in self._runs:
                self._runs[each] = self._made(each)
            yield grams.jaccard(own, self._runs[each])

    def _made(self, key: bytes) -> Set[Gram]:
        return grams.grams(grams.words_of(self.by_key[key]))


@dataclass(slots=True)
class New:
    """Records that are new, or were judged anew: by what they are compared with others, and their texts, by
    prompt id.
    """

    kin: list[Member] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)

    def add(self, story: Story) -> None:
        """Take in one more."""
        self.kin += members(story)
        text = text_of(story)
        if text is not None:
            self.texts[story.prompt_id] = text

    @property
    def compared(self) -> Sequence[Member]:
        """Those whose texts are compared."""
        among = _likeness().among
        return [each for each in self.kin if each.number == among and each.prompt_id in self.texts]


def text_of(story: Story) -> str | None:
    """The text by which a record is compared; None where it is not, or cannot be read."""
    evidence = story.revisions[0].evidence
    return None if evidence.first.missing is not None else _likeness().text(evidence)


def settle(cursor: CursorWrapper, gate: Gate, positions: PositionRange, new: New, moves: Moves) -> None:
    """Find what new records, which are the newest of all, are nearly the same as."""
    own = new.compared
    if not own:
        return
    read = Texts({each.key: new.texts[each.prompt_id] for each in own})
    cursor.execute(_FIRST, {**with_among(positions), "keys": arrays.of_bytes(read.by_key)})
    first = {prompt_id for (prompt_id,) in cursor.fetchall()}
    _add(cursor, positions, [row for each in own if each.prompt_id in first for row in _rows(read, each)])
    outcomes = outcomes_of(cursor, gate, positions, read, own)
    others = {one: each for one, each in outcomes.items() if each.outcome != _alone()}
    say(cursor, positions, own, others, moves)


def settle_anew(
    cursor: CursorWrapper,
    gate: Gate,
    positions: PositionRange,
    keys: Set[Key],
    new: New,
    moves: Moves,
) -> None:
    """Find anew what records that were judged anew are nearly the same as; ``keys`` are those of them, before
    and now. Who shares a band with a text that now stands for another record, or for none, is left to be
    compared anew: see ``check_unsettled``.
    """
    own = new.compared
    read = Texts({each.key: new.texts[each.prompt_id] for each in own})
    texts_of = {each.key for each in keys if each.number == _likeness().among} | set(read.by_key)
    _leave(cursor, positions, _stand(cursor, gate, positions, read, list(texts_of), own))
    for some in in_parts(own):
        say(cursor, positions, some, outcomes_of(cursor, gate, positions, read, some), moves)


def _stand(
    cursor: CursorWrapper,
    gate: Gate,
    positions: PositionRange,
    read: Texts,
    keys: Sequence[bytes],
    anew: Sequence[Member],
) -> Set[int]:
    """Have the texts with these keys stand for the first records that give them; the bands that changed."""
    named = with_among(positions)
    cursor.execute(
        _STANDING, {**named, "keys": arrays.of_bytes(keys), "anew": [each.prompt_id for each in anew]}
    )
    standing = [member(row) for row in cursor.fetchall()]
    read_texts(cursor, gate, positions, read, [each for each in standing if each.key not in read.by_key])
    now = {row for each in standing if each.key in read.by_key for row in _rows(read, each)}
    cursor.execute(_BANDS, {**named, "texts": [_short(key) for key in keys]})
    before = {_Row(*row) for row in cursor.fetchall()}
    gone: dict[str, Any] = {
        "bands": [each.band for each in before - now],
        "records": [each.prompt_id for each in before - now],
    }
    cursor.execute(_REMOVE, {**named, **gone})
    _add(cursor, positions, list(now - before))
    return {each.band for each in before ^ now}


def _leave(cursor: CursorWrapper, positions: PositionRange, bands: Set[int]) -> None:
    """Note that who shares one of these bands is to be compared anew."""
    cursor.execute(_LEAVE, {**positions.named, "bands": sorted(bands)})


def outcomes_of(
    cursor: CursorWrapper, gate: Gate, positions: PositionRange, read: Texts, records: Sequence[Member]
) -> Mapping[int, Judged]:
    """What is said of each of these records, whose texts are read."""
    earlier = _earlier(cursor, positions, read, records)
    wanted = {text.prompt_id: text for each in earlier.values() for text in each.texts}
    read_texts(
        cursor, gate, positions, read, [each for each in wanted.values() if each.key not in read.by_key]
    )
    return {each.prompt_id: _judged(read, each, earlier[each.prompt_id]) for each in records}


def _judged(read: Texts, record: Member, earlier: _Earlier) -> Judged:
    likeness = _likeness()
    here = [each for each in earlier.texts if each.key in read.by_key]
    measured = read.similarities(record.key, [each.key for each in here])
    for each, similarity in zip(here, measured, strict=False):  # strict would cut a text that none is like
        if similarity >= likeness.least:
            return Judged(likeness.near, likeness.values(similarity, each.prompt_id))
    return Judged(likeness.crowded if earlier.has_more else likeness.alone)


def _earlier(
    cursor: CursorWrapper, positions: PositionRange, read: Texts, records: Sequence[Member]
) -> Mapping[int, _Earlier]:
    """By record, which earlier texts it is compared with."""
    asked = [(each.prompt_id, band) for each in records for band in read.bands(each.key)]
    of: dict[str, Any] = {
        "records": arrays.of_numbers(record for record, _ in asked),
        "bands": arrays.of_numbers(band for _, band in asked),
    }
    cursor.execute(_EARLIER, {**with_among(positions), **of, "most": LOOKED_AT})
    found: dict[int, set[int]] = {each.prompt_id: set() for each in records}
    full = set()
    for record, some in cursor.fetchall():
        found[record].update(some)
        if len(some) == LOOKED_AT:
            full.add(record)
    known = {each.prompt_id: each for each in kin_of(cursor, positions, list(set().union(*found.values())))}
    return {
        each.prompt_id: _first_of(
            each,
            [known[one] for one in sorted(found[each.prompt_id]) if one in known],
            is_full=each.prompt_id in full,
        )
        for each in records
    }


def _first_of(record: Member, found: Sequence[Member], *, is_full: bool) -> _Earlier:
    others = [each for each in found if each.key != record.key and each.value != record.value]
    return _Earlier(others[:MEASURED], has_more=is_full or len(others) > MEASURED)


def kin_of(cursor: CursorWrapper, positions: PositionRange, records: Sequence[int]) -> Sequence[Member]:
    cursor.execute(_KIN, {**with_among(positions), "records": list(records)})
    return [member(row) for row in cursor.fetchall()]


def read_texts(
    cursor: CursorWrapper, gate: Gate, positions: PositionRange, read: Texts, records: Sequence[Member]
) -> None:
    """Read the texts of these records; none of what is withheld."""
    keys = {each.prompt_id: each.key for each in records}
    whole = PositionRange(positions.chain_id, positions.generation, 0, positions.end)
    for some in in_parts(records):
        for story in stories(cursor, gate, whole, [each.prompt_id for each in some]):
            text = text_of(story)
            if text is not None:
                read.by_key[keys[story.prompt_id]] = text


def say(
    cursor: CursorWrapper,
    positions: PositionRange,
    records: Sequence[Member],
    outcomes: Mapping[int, Judged],
    moves: Moves,
) -> None:
    """Have the check say this of records; what is found is so since they were added."""
    if outcomes:
        added = {each.prompt_id: each.position for each in records}
        near = _likeness().near
        found = [Found(one, added[one], each) for one, each in outcomes.items() if each.outcome == near]
        codes = {one: each.outcome.code for one, each in outcomes.items()}
        check_sayings.write(cursor, positions, _number(), codes, found, moves)


def in_parts(members: Sequence[Member]) -> Iterator[Sequence[Member]]:
    return (members[at : at + _AT_ONCE] for at in range(0, len(members), _AT_ONCE))


def _rows(read: Texts, record: Member) -> Iterator[_Row]:
    text = _short(record.key)
    return (_Row(text, band, record.prompt_id) for band in read.bands(record.key))


def _add(cursor: CursorWrapper, positions: PositionRange, rows: Sequence[_Row]) -> None:
    of: dict[str, Any] = {
        "texts": [each.text for each in rows],
        "bands": arrays.of_numbers(each.band for each in rows),
        "records": arrays.of_numbers(each.prompt_id for each in rows),
    }
    cursor.execute(_ADD, {**positions.named, **of})


def _short(key: bytes) -> UUID:
    """The first half of a text's key, by which its bands are found."""
    return UUID(bytes=key[:16])


def member(row: Sequence[Any]) -> Member:
    number, prompt_id, position, key, value = row
    return Member(number, prompt_id, position, bytes(key), bytes(value))


def with_among(positions: PositionRange) -> dict[str, Any]:
    return {**positions.named, "among": _likeness().among}


def _alone() -> Outcome:
    return _likeness().alone


def _likeness() -> Likeness:
    found = checks()[_number()].comparison
    assert isinstance(found, Likeness)
    return found


@cache
def _number() -> int:
    """The check that compares texts: there is one."""
    (number,) = (each.number for each in checks() if isinstance(each.comparison, Likeness))
    return number
