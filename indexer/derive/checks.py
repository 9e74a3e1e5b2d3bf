"""Checks: what each says of every record, after each of its revisions (``indexer.checks``).

A step judges the records that it touches once for each revision, in their order, so that what changed is
known with the position that caused it, wherever steps are cut. Of what is hidden or erased no check says
anything that it would have to read: those records are judged anew, and until then readers are told that it
is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db.backends.utils import CursorWrapper

from indexer.checks.check import Judged, Result
from indexer.checks.registry import checks
from indexer.derive import check_cohorts, check_kin, check_likeness, check_tallies, check_unsettled, saying
from indexer.derive.check_evidence import Revised, stories, touched
from indexer.derive.check_likeness import New
from indexer.derive.check_tallies import Moves
from indexer.derive.derivation import Derivation, PositionRange, Settling, Withdrawn
from indexer.models import (
    CheckAsked,
    CheckBand,
    Checked,
    CheckEvent,
    CheckFinding,
    CheckKin,
    CheckNamed,
    CheckSlice,
    CheckTally,
    CheckUnsettled,
    DerivationCheckpoint,
)
from indexer.store import arrays, suppression
from indexer.store.suppression import Gate

BATCH = 1_000  # operations: whoever hides a text waits for a step
_AT_ONCE = 250  # records, whose results are in memory together
_NAME = DerivationCheckpoint.Of.CHECKS.value

_BEFORE = """
    SELECT c.prompt_id, c.outcomes FROM unnest(%(records)s::bigint[]) AS w (prompt_id) CROSS JOIN LATERAL (
        SELECT prompt_id, outcomes FROM indexer_checked
        WHERE chain_id = %(chain)s AND generation = %(generation)s AND prompt_id = w.prompt_id OFFSET 0) c
"""
_FOUND = """
    SELECT f.prompt_id, f.number, f.since
    FROM unnest(%(records)s::bigint[], %(numbers)s::smallint[]) AS w (prompt_id, number) CROSS JOIN LATERAL (
        SELECT prompt_id, number, since FROM indexer_checkfinding
        WHERE chain_id = %(chain)s AND generation = %(generation)s
          AND number = w.number AND prompt_id = w.prompt_id OFFSET 0) f
"""
_OF = "chain_id = %(chain)s AND generation = %(generation)s"
_FORGET = (
    f"DELETE FROM indexer_checked WHERE {_OF} AND prompt_id = ANY(%(records)s)",
    f"DELETE FROM indexer_checkevent WHERE {_OF} AND prompt_id = ANY(%(records)s)",
    *(
        f"""DELETE FROM indexer_{table}
            WHERE {_OF} AND number = ANY(%(numbers)s) AND prompt_id = ANY(%(records)s)"""
        for table in ("checkfinding", "checkkin")
    ),
)
_WRITE = """
    INSERT INTO indexer_checked (chain_id, generation, prompt_id, outcomes)
    SELECT %(chain)s, %(generation)s, new.* FROM unnest(%(records)s::bigint[], %(outcomes)s::bytea[]) AS new
    ON CONFLICT (chain_id, generation, prompt_id) DO UPDATE SET outcomes = excluded.outcomes
"""
_WRITE_EVENTS = """
    INSERT INTO indexer_checkevent (chain_id, generation, prompt_id, number, position, was, now)
    SELECT %(chain)s, %(generation)s, new.*
    FROM unnest(%(records)s::bigint[], %(numbers)s::smallint[], %(positions)s::bigint[],
                %(was)s::smallint[], %(now)s::smallint[]) AS new
"""
_UNFIND = f"""
    DELETE FROM indexer_checkfinding f USING unnest(%(records)s::bigint[], %(numbers)s::smallint[])
        AS gone (prompt_id, number)
    WHERE f.{_OF.replace(" AND ", " AND f.")} AND f.number = gone.number AND f.prompt_id = gone.prompt_id
"""
_FIND = """
    INSERT INTO indexer_checkfinding (chain_id, generation, prompt_id, number, since, outcome, measured)
    SELECT %(chain)s, %(generation)s, new.*
    FROM unnest(%(records)s::bigint[], %(numbers)s::smallint[], %(since)s::bigint[],
                %(outcomes)s::smallint[], %(measured)s::jsonb[]) AS new
    ON CONFLICT (chain_id, generation, number, prompt_id)
    DO UPDATE SET since = excluded.since, outcome = excluded.outcome, measured = excluded.measured
"""


@dataclass(frozen=True, slots=True)
class Event:
    """That a check said something else of a record, from a position on."""

    prompt_id: int
    number: int
    position: int
    was: int
    now: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check finds of a record, since a position."""

    prompt_id: int
    number: int
    since: int
    judged: Judged


@dataclass(slots=True)
class _Changes:
    """What becomes of some records: their outcomes, and all that follows from these."""

    outcomes: dict[int, bytes] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    gone: list[tuple[int, int]] = field(default_factory=list)


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Judge the records that a range revises, and those that are compared with them."""
    if positions.first >= positions.end:
        return
    gate, moves = suppression.whole_gate(), Moves()
    records = touched(cursor, positions)
    for first in range(0, len(records), _AT_ONCE):
        new = _judge(cursor, gate, positions, records[first : first + _AT_ONCE], moves)
        check_kin.settle(cursor, positions, new.kin, moves)
        check_cohorts.settle(cursor, positions, new.kin, moves)
        check_likeness.settle(cursor, gate, positions, new, moves)
    check_tallies.write(cursor, positions, moves)


def remake(cursor: CursorWrapper, withdrawn: Withdrawn) -> None:
    """Judge the records anew that these operations wrote."""
    positions, gate, moves = withdrawn.range, suppression.whole_gate(), Moves()
    found = sorted(each.prompt_id for each in saying.records(cursor, withdrawn))
    keys = set(check_kin.keys_of(cursor, positions, found))
    before = check_kin.pairs(cursor, positions, keys)
    _forget(cursor, positions, found, moves)
    new = New()
    for first in range(0, len(found), _AT_ONCE):
        some = _judge(cursor, gate, positions, found[first : first + _AT_ONCE], moves)
        new.kin += some.kin
        new.texts |= some.texts
    check_kin.settle_anew(cursor, positions, keys, check_kin.Anew(before, new.kin), moves)
    keys |= {check_kin.Key(each.number, each.key) for each in new.kin}
    check_cohorts.settle_anew(cursor, withdrawn, found, moves)
    check_likeness.settle_anew(cursor, gate, positions, keys, new, moves)
    check_tallies.write(cursor, positions, moves)


def _judge(
    cursor: CursorWrapper, gate: Gate, positions: PositionRange, records: Sequence[int], moves: Moves
) -> New:
    """Judge records by themselves; gives those that are new."""
    before = _before(cursor, positions, records)
    since = _since(cursor, positions, before)
    changes, new = _Changes(), New()
    for story in stories(cursor, gate, positions, records):
        own = before.get(story.prompt_id)
        _follow(changes, story.prompt_id, own, since, story.revisions)
        moves.judged(story.prompt_id, own or b"", changes.outcomes[story.prompt_id])
        if story.prompt_id not in before:
            new.add(story)
    _write(cursor, positions, changes)
    check_kin.write(cursor, positions, new.kin)
    return new


def _follow(
    changes: _Changes,
    prompt_id: int,
    before: bytes | None,
    since: Mapping[tuple[int, int], int],
    revisions: Sequence[Revised],
) -> None:
    """Judge a record after each of its revisions."""
    codes, found = before, {number: at for (of, number), at in since.items() if of == prompt_id}
    judged: list[Judged] = []
    for revision in revisions:
        judged = [each.judged(revision.evidence) for each in checks()]
        now = bytes(
            each.outcome.code if codes is None or checks()[number].comparison is None else codes[number]
            for number, each in enumerate(judged)
        )
        for number, (code, each) in enumerate(zip(now, judged, strict=True)):
            if codes is None or codes[number] != code:
                if codes is not None:
                    changes.events.append(Event(prompt_id, number, revision.position, codes[number], code))
                found.pop(number, None)
                if each.outcome.result is Result.FAIL:
                    found[number] = revision.position
        codes = now
    changes.outcomes[prompt_id] = codes or b""
    changes.findings += [
        Finding(prompt_id, number, at, judged[number])
        for number, at in found.items()
        if checks()[number].comparison is None  # else it is as it was, or is told by others: see check_kin
    ]
    changes.gone += [key for key in since if key[0] == prompt_id and key[1] not in found]


def _before(cursor: CursorWrapper, positions: PositionRange, records: Sequence[int]) -> dict[int, bytes]:
    cursor.execute(_BEFORE, {**positions.named, "records": list(records)})
    return {prompt_id: bytes(outcomes) for prompt_id, outcomes in cursor.fetchall()}


def _since(
    cursor: CursorWrapper, positions: PositionRange, before: Mapping[int, bytes]
) -> Mapping[tuple[int, int], int]:
    """Since when what is found was found, by record and check."""
    keys = [
        (prompt_id, each.number)
        for prompt_id, outcomes in before.items()
        for each, code in zip(checks(), outcomes, strict=True)
        if each.outcome(code).result is Result.FAIL
    ]
    if not keys:
        return {}
    of: dict[str, Any] = {"records": [one for one, _ in keys], "numbers": [other for _, other in keys]}
    cursor.execute(_FOUND, {**positions.named, **of})
    return {(prompt_id, number): at for prompt_id, number, at in cursor.fetchall()}


def _forget(cursor: CursorWrapper, positions: PositionRange, records: Sequence[int], moves: Moves) -> None:
    """Remove what is kept of these records, and count them no more."""
    for prompt_id, outcomes in _before(cursor, positions, records).items():
        moves.judged(prompt_id, outcomes, b"")
    of: dict[str, Any] = {"records": list(records), "numbers": [each.number for each in checks()]}
    for statement in _FORGET:
        cursor.execute(statement, {**positions.named, **of})


def _write(cursor: CursorWrapper, positions: PositionRange, changes: _Changes) -> None:
    def write(statement: str, **columns: list[Any] | str) -> None:
        if columns["records"]:
            cursor.execute(statement, {**positions.named, **columns})

    write(_WRITE, records=list(changes.outcomes), outcomes=arrays.of_bytes(changes.outcomes.values()))
    events, findings = changes.events, changes.findings
    write(
        _WRITE_EVENTS,
        records=[each.prompt_id for each in events],
        numbers=[each.number for each in events],
        positions=[each.position for each in events],
        was=[each.was for each in events],
        now=[each.now for each in events],
    )
    write(
        _UNFIND,
        records=[prompt_id for prompt_id, _ in changes.gone],
        numbers=[number for _, number in changes.gone],
    )
    write(
        _FIND,
        records=[each.prompt_id for each in findings],
        numbers=[each.number for each in findings],
        since=[each.since for each in findings],
        outcomes=[each.judged.outcome.code for each in findings],
        measured=[msgspec.json.encode(each.judged.values).decode() for each in findings],
    )


DERIVATION = Derivation(
    name=_NAME,
    lock=8,
    tables=(
        Checked,
        CheckFinding,
        CheckEvent,
        CheckTally,
        CheckNamed,
        CheckAsked,
        CheckSlice,
        CheckKin,
        CheckBand,
        CheckUnsettled,
    ),
    step=step,
    batch=BATCH,
    remake=remake,
    settling=Settling(left=check_unsettled.left, step=check_unsettled.settle),
)
