"""How one record is read: which revision, in which view, and what is said of it in a sentence."""

import json
from dataclasses import dataclass
from datetime import timedelta

from explorer.queries.errors import NotHere
from explorer.queries.evidence import Standing
from explorer.queries.records import Record, Revision, Status
from explorer.queries.texts import Text

VIEWS = {"text": "text", "json": "json", "raw": "raw"}
SHOWN = 20_000
"""Characters of a text that a page shows; the rest is a download."""

_LARGEST_JSON = 200_000
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class Reading:
    """What the page of a record shows. ``revision`` is the one that is read, ``stands`` whether it is the
    newest that says anything. ``answer`` is its answer; ``pretty`` its result laid out, None where it is too
    large for a page or no JSON.
    """

    revision: Revision
    stands: bool
    view: str
    answer: Text | None
    pretty: str | None
    sentence: str
    deletion: Revision | None
    links: int  # of record, operation, transaction, block and signers, that hold


def reading_of(record: Record, *, number: int | None, view: str) -> Reading:
    """How to read a record. Raises ``NotHere`` for a revision that there is not, or that says nothing."""
    revision = record.current if number is None else _numbered(record, number)
    last = record.revisions[-1]
    return Reading(
        revision=revision,
        stands=revision == record.current,
        view=view,
        answer=revision.answer,
        pretty=_pretty(revision.result) if view == "json" else None,
        sentence=_sentence(record),
        deletion=last if last.result is None else None,
        links=5 if revision.evidence.standing is Standing.ON_CHAIN else 4,
    )


def _numbered(record: Record, number: int) -> Revision:
    said = [each for each in record.revisions if each.result is not None]
    for each in said:
        if each.number == number:
            return each
    there_are = ", ".join(str(each.number) for each in said)
    raise NotHere(
        f"Record {record.row.prompt_id} has no revision {number} with an answer: there are {there_are}."
    )


def _pretty(result: Text | None) -> str | None:
    """JSON laid out over lines; None where it is no JSON or too much."""
    if result is None or result.value is None or len(result.value) > _LARGEST_JSON:
        return None
    if result.value.count("[") + result.value.count("{") > _LARGEST_JSON // 10:
        return None
    try:
        return json.dumps(json.loads(result.value), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _sentence(record: Record) -> str:
    """The answer to a page's first question: what is this, as it stands?"""
    first, last = record.revisions[0], record.revisions[-1]
    later = ago(last.at - first.at)
    edits = record.row.revisions - 1
    if record.row.status is Status.LIVE:
        return (
            "The answer stands as it was first written: nothing on this chain has changed it, up to block "
            f"{record.chain.freshness.height:,}."
        )
    if record.row.status is Status.EDITED:
        times = "once" if edits == 1 else f"{edits:,} times"
        last_time = "" if edits == 1 else ", the last time"
        return (
            f"The answer was replaced {times}{last_time} {later} after it was written. What was said before "
            "is on the chain too, in signed blocks, and below."
        )
    return (
        f"This record was deleted from the table of the chain {later} after it was written. Nodes no longer "
        "return it. What follows is read from the transactions that wrote it."
    )


def ago(span: timedelta) -> str:
    """A span of time in its largest unit: “9 minutes”."""
    seconds = max(0, round(span.total_seconds()))
    for name, length in _UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count:,} {name}{'' if count == 1 else 's'}"
    return "less than a second"
