"""What checks are given of records: their revisions, one after the other, with the results as they were
signed, past the gate.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from django.db.backends.utils import CursorWrapper

from indexer.checks.evidence import Deletion, Evidence, Missing, Written
from indexer.dapp.completion import part_keys
from indexer.dapp.replay import height_of
from indexer.derive.derivation import PositionRange
from indexer.derive.revised import SAID
from indexer.models import Revision
from indexer.postchain import gtx
from indexer.store import body, names
from indexer.store.body import ByteRange
from indexer.store.suppression import Gate, Withheld

logger = logging.getLogger(__name__)

_ADD, _UPDATE = Revision.Kind.ADD.value, Revision.Kind.UPDATE.value
_RESULT = {_ADD: 2, _UPDATE: 1}  # which argument it is
_BLOCKS_AT_ONCE = 16  # whose bodies are in memory together

# One by one, by their indexes, joined from what is wanted: see revised.
_TOUCHED = """
    SELECT DISTINCT prompt_id FROM indexer_revision
    WHERE chain_id = %(chain)s AND generation = %(generation)s
      AND position >= %(first)s AND position < %(end)s ORDER BY prompt_id
"""
_REVISED = """
    WITH wanted AS MATERIALIZED (
        SELECT %(chain)s::int2 AS chain_id, %(generation)s::int2 AS generation, u.prompt_id
        FROM unnest(%(records)s::bigint[]) AS u (prompt_id)
    ), found AS MATERIALIZED (
        SELECT r.* FROM wanted w CROSS JOIN LATERAL (
            SELECT chain_id, generation, prompt_id, position FROM indexer_record
            WHERE chain_id = w.chain_id AND generation = w.generation AND prompt_id >= w.prompt_id
            ORDER BY prompt_id LIMIT 1) r WHERE r.prompt_id = w.prompt_id
    )
    SELECT prompt_id, position, 1 FROM found WHERE position >= %(first)s
    UNION ALL
    SELECT f.prompt_id, v.position, v.kind FROM found f JOIN indexer_revision v
        ON v.chain_id = f.chain_id AND v.generation = f.generation AND v.prompt_id = f.prompt_id
    WHERE v.kind > 1 AND v.position >= %(first)s AND v.position < %(end)s
    ORDER BY 1, 2
"""
_FACTS = f"""
    WITH wanted AS MATERIALIZED (
        SELECT %(chain)s::int2 AS chain_id, %(generation)s::int2 AS generation, u.prompt_id
        FROM unnest(%(records)s::bigint[]) AS u (prompt_id)
    )
    SELECT r.prompt_id, r.position, r.model_id, r.provider_id, r.prompt, r.scout, r.seed, coalesce((
        SELECT b.prompt_id FROM indexer_record b
        WHERE b.chain_id = w.chain_id AND b.generation = w.generation AND b.prompt_id < w.prompt_id
        ORDER BY b.prompt_id DESC LIMIT 1), 0), coalesce((
        SELECT v.position FROM indexer_revision v
        WHERE v.chain_id = w.chain_id AND v.generation = w.generation AND v.prompt_id = w.prompt_id
          AND v.kind > 1 AND v.kind = {_UPDATE} AND v.position < %(first)s
        ORDER BY v.position DESC LIMIT 1), r.position)
    FROM wanted w CROSS JOIN LATERAL (
        SELECT prompt_id, position, model_id, provider_id, prompt, scout, seed FROM indexer_record
        WHERE chain_id = w.chain_id AND generation = w.generation AND prompt_id >= w.prompt_id
        ORDER BY prompt_id LIMIT 1) r
    WHERE r.prompt_id = w.prompt_id
"""
_WRITTEN = f"""
    WITH wanted AS MATERIALIZED (
        SELECT %(chain)s::int2 AS chain_id, %(generation)s::int2 AS generation, u.position
        FROM unnest(%(positions)s::bigint[]) AS u (position)
    )
    SELECT o.position, b.timestamp, coalesce(o.result_normal, ''), {SAID}, o.answer, o.said, o.transaction,
           o.position - (
               SELECT min(p.position) FROM indexer_operation p
               WHERE p.chain_id = o.chain_id AND p.position >= (o.position >> 20) << 20
                 AND p.position <= o.position AND p.transaction = o.transaction),
           t.rid, t."offset" IS NOT NULL
    FROM wanted w JOIN indexer_generation g ON g.chain_id = w.chain_id AND g.generation = w.generation
    CROSS JOIN LATERAL (
        SELECT * FROM indexer_operation WHERE chain_id = w.chain_id AND position = w.position OFFSET 0) o
    CROSS JOIN LATERAL (
        SELECT rid, "offset" FROM indexer_transaction
        WHERE chain_id = w.chain_id AND height = w.position >> 20 AND ordinal = o.transaction OFFSET 0) t
    CROSS JOIN LATERAL (
        SELECT timestamp FROM indexer_block
        WHERE chain_id = w.chain_id AND height = w.position >> 20 OFFSET 0) b
"""
_BODIES = """
    SELECT b.height, b.body, b.length, ARRAY(
        SELECT ARRAY[t.ordinal, t."offset", t.length] FROM indexer_transaction t
        WHERE t.chain_id = b.chain_id AND t.height = b.height AND t."offset" IS NOT NULL ORDER BY t.ordinal)
    FROM indexer_blockbody b WHERE b.chain_id = %s AND b.height = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Revised:
    """A revision, and the record as of it."""

    position: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Story:
    """A record's revisions of a range, oldest first."""

    prompt_id: int
    revisions: Sequence[Revised]


@dataclass(frozen=True, slots=True)
class _Revision:
    prompt_id: int
    position: int
    kind: int


@dataclass(frozen=True, slots=True)
class _Facts:
    prompt_id: int
    added: int
    model_id: int
    provider_id: int
    prompt: bytes
    scout: int
    seed: int
    before: int
    written: int  # where its result before the range was written


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a result is: which operation of which transaction of a block, and which argument of it."""

    position: int
    ordinal: int
    index: int
    argument: int


def touched(cursor: CursorWrapper, positions: PositionRange) -> list[int]:
    """The prompt ids of the records that a range revises, in their order."""
    cursor.execute(_TOUCHED, positions.named)
    return [prompt_id for (prompt_id,) in cursor.fetchall()]


def stories(
    cursor: CursorWrapper, gate: Gate, positions: PositionRange, records: Sequence[int]
) -> Iterator[Story]:
    """What a range did to these records, by prompt id. Each is read to its end before the next one."""
    of: dict[str, Any] = {**positions.named, "records": list(records)}
    cursor.execute(_REVISED, of)
    revisions = [_Revision(*row) for row in cursor.fetchall()]
    cursor.execute(_FACTS, of)
    facts = {row[0]: _Facts(*row) for row in cursor.fetchall()}
    written = _written(cursor, gate, positions, revisions, facts)
    models = names.MODELS.values(each.model_id for each in facts.values())
    providers = names.PROVIDERS.values(each.provider_id for each in facts.values())
    for prompt_id, revised in groupby(revisions, key=attrgetter("prompt_id")):
        own = facts[prompt_id]
        begun = Evidence(
            prompt_id=prompt_id,
            before=own.before,
            prompt=bytes(own.prompt),
            scout=own.scout,
            seed=own.seed,
            model=str(models[own.model_id]),
            provider=str(providers[own.provider_id]),
            first=written[own.added],
            last=written[own.written],
        )
        yield Story(prompt_id, list(_revised(begun, revised, written)))


def _revised(
    begun: Evidence, revisions: Iterator[_Revision], written: Mapping[int, Written]
) -> Iterator[Revised]:
    now = begun
    for each in revisions:
        if each.kind == _UPDATE:
            now = replace(now, last=written[each.position])
        elif each.kind != _ADD:
            is_batch = each.kind == Revision.Kind.BATCH_DELETE
            now = replace(now, deletion=Deletion(height_of(each.position), is_batch))
        yield Revised(each.position, now)


def _written(
    cursor: CursorWrapper,
    gate: Gate,
    positions: PositionRange,
    revisions: Sequence[_Revision],
    facts: Mapping[int, _Facts],
) -> Mapping[int, Written]:
    """The results that were written first, before the range and in it, by position."""
    kinds = {each.position: _UPDATE for each in revisions if each.kind == _UPDATE}
    kinds |= {each.written: _UPDATE for each in facts.values()}
    kinds |= {each.added: _ADD for each in facts.values()}
    cursor.execute(_WRITTEN, {**positions.named, "positions": list(kinds)})
    found: dict[int, Written] = {}
    places: list[_Place] = []
    for position, at, normal, said, answer, own, ordinal, index, rid, is_kept in cursor.fetchall():
        keys = [None if key is None else bytes(key) for key in (answer, normal, own)]
        missing = _missing(gate, keys, bytes(rid), is_kept=is_kept)
        height = height_of(position)
        found[position] = Written(height, at, bytes(normal), bytes(said), None, missing)
        if missing is None:
            places.append(_Place(position, ordinal, index, _RESULT[kinds[position]]))
    texts = _texts(cursor, positions.chain_id, places)
    for place in places:
        text = texts.get(place.position)
        missing = Missing.UNREAD if text is None else None
        read = replace(found[place.position], text=text, missing=missing)
        is_held = bool(gate.contents) and _is_held_in_part(gate, read)
        found[place.position] = replace(read, text=None, missing=Missing.HIDDEN) if is_held else read
    return found


def _is_held_in_part(gate: Gate, written: Written) -> bool:
    """Whether a text within the result is withheld, by a key of its own."""
    read = written.completion
    return read is not None and gate.hold(*part_keys(read)) is not None


def _missing(gate: Gate, keys: Sequence[bytes | None], rid: bytes, *, is_kept: bool) -> Missing | None:
    hold = gate.hold(*keys, transaction=rid)
    if not is_kept or (hold is not None and hold.withheld is Withheld.ERASED):
        return Missing.ERASED
    return None if hold is None else Missing.HIDDEN


def _texts(cursor: CursorWrapper, chain_id: int, places: Sequence[_Place]) -> Mapping[int, str]:
    """The results as they were signed, by position; none of what cannot be read, of which fsck tells."""
    by_height: dict[int, list[_Place]] = {}
    for each in sorted(places, key=attrgetter("position")):
        by_height.setdefault(height_of(each.position), []).append(each)
    found: dict[int, str] = {}
    left = iter(by_height)
    while heights := list(islice(left, _BLOCKS_AT_ONCE)):
        cursor.execute(_BODIES, [chain_id, heights])
        for height, frame, length, spans in cursor.fetchall():
            try:
                found |= _said(by_height[height], bytes(frame or b""), length, spans)
            except (ValueError, LookupError) as error:  # no such transaction, operation or argument
                logger.warning("what block %d says is not checked: %s", height, error)
    return found


def _said(
    places: Sequence[_Place], frame: bytes, length: int, spans: Sequence[Sequence[int]]
) -> dict[int, str]:
    """What a block says at these places. Raises ``ValueError`` or ``LookupError`` where it is damaged."""
    unpacked = body.unpack(frame, length)
    by_ordinal = {ordinal: ByteRange(offset, size) for ordinal, offset, size in spans}
    found = {}
    for ordinal, of in groupby(places, key=attrgetter("ordinal")):
        data = body.cut(unpacked, by_ordinal[ordinal], ordinal=ordinal)
        operations = gtx.operations_in(data or b"")
        for place in of:
            result = operations[place.index].arguments[place.argument]
            if isinstance(result, str):
                found[place.position] = result
    return found
