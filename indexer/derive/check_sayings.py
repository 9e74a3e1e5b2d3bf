"""What a check that compares records says of some of them, which by themselves it would not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.backends.utils import CursorWrapper

from indexer.checks.check import Judged
from indexer.derive.check_tallies import Moves
from indexer.derive.derivation import PositionRange

_OF = "chain_id = %(chain)s AND generation = %(generation)s"
_SAY = f"""
    WITH said AS MATERIALIZED (
        SELECT c.prompt_id, get_byte(c.outcomes, %(number)s) AS was, w.code
        FROM unnest(%(records)s::bigint[], %(codes)s::smallint[]) AS w (prompt_id, code)
        CROSS JOIN LATERAL (
            SELECT prompt_id, outcomes FROM indexer_checked
            WHERE {_OF} AND prompt_id = w.prompt_id OFFSET 0) c
    ), moved AS (
        UPDATE indexer_checked c SET outcomes = set_byte(c.outcomes, %(number)s, s.code)
        FROM said s
        WHERE c.{_OF.replace(" AND ", " AND c.")} AND c.prompt_id = s.prompt_id AND s.was <> s.code
    )
    SELECT prompt_id, was, code FROM said WHERE was <> code
"""
_NO_FINDING = (
    f"DELETE FROM indexer_checkfinding WHERE {_OF} AND number = %(number)s AND prompt_id = ANY(%(records)s)"
)
_FIND = """
    INSERT INTO indexer_checkfinding (chain_id, generation, number, prompt_id, since, outcome, measured)
    SELECT %(chain)s, %(generation)s, %(number)s, new.*
    FROM unnest(%(records)s::bigint[], %(since)s::bigint[],
                %(codes)s::smallint[], %(measured)s::jsonb[]) AS new
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What is found of a record, since a position."""

    prompt_id: int
    since: int
    judged: Judged


def write(
    cursor: CursorWrapper,
    positions: PositionRange,
    number: int,
    codes: Mapping[int, int],
    found: Sequence[Found],
    moves: Moves,
) -> None:
    """Have a check say these codes of these records, and find of them what is found alone."""
    named = {**positions.named, "number": number}
    said: dict[str, Any] = {"records": list(codes), "codes": list(codes.values())}
    cursor.execute(_SAY, {**named, **said})
    for prompt_id, was, code in cursor.fetchall():
        moves.said(prompt_id, number, was, code)
    cursor.execute(_NO_FINDING, {**named, **said})
    findings: dict[str, Any] = {
        "records": [each.prompt_id for each in found],
        "since": [each.since for each in found],
        "codes": [each.judged.outcome.code for each in found],
        "measured": [msgspec.json.encode(each.judged.values).decode() for each in found],
    }
    cursor.execute(_FIND, {**named, **findings})
