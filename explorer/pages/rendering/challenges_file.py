"""Challenges as files for other programs: CSV whose cells are no formulas, and NDJSON."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from io import StringIO

from explorer.queries.site.challenges import ChallengeRow

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> object:
    """What a cell holds: a text that a spreadsheet would take for a formula has an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value


def as_csv(rows: Sequence[ChallengeRow]) -> str:
    """A line of names, and one for each."""
    lines = StringIO()
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    writer.writerows([cell(read(row)) for read in COLUMNS.values()] for row in rows)
    return lines.getvalue()


def as_ndjson(rows: Sequence[ChallengeRow]) -> str:
    """A line of JSON for each; ``scout`` and ``position`` are strings, as in the API."""
    found = ({name: read(row) for name, read in COLUMNS.items()} for row in rows)
    return "".join(
        json.dumps({**each, "scout": str(each["scout"]), "position": str(each["position"])}) + "\n"
        for each in found
    )


COLUMNS: Mapping[str, Callable[[ChallengeRow], object]] = {
    "number": lambda row: row.name,
    "status": lambda row: row.status.value,
    "resolution": lambda row: None if row.outcome is None else row.outcome.value,
    "closed_for": lambda row: None if row.closed_for is None else row.closed_for.value,
    "ground": lambda row: row.ground.name,
    "chain": lambda row: row.rid,
    "prompt_id": lambda row: row.prompt_id,
    "position": lambda row: row.position,
    "scout": lambda row: row.scout,
    "is_confirmed": lambda row: row.is_confirmed,
    "has_response": lambda row: row.has_response,
    "joined": lambda row: row.joined,
    "filed_at": lambda row: row.filed_at.isoformat(timespec="seconds"),
    "changed_at": lambda row: row.changed_at.isoformat(timespec="seconds"),
    "next_actor": lambda row: None if row.due is None else row.due.actor.value,
    "due_by": lambda row: None if row.due is None else row.due.by.isoformat(timespec="seconds"),
    "rules_sha256": lambda row: row.rules_sha256.hex().upper(),
}
"""The columns, in order, with what each holds: numbers, times, hashes and words of ours; nobody's text."""
