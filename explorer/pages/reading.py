"""How one record is read: which revision, in which view, and what is said of it in a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from explorer.pages import bounds
from explorer.pages.bounds import Turn
from explorer.pages.layout import laid_out
from explorer.queries.errors import NotHere
from explorer.queries.evidence import Standing
from explorer.queries.records import Record, Revision, Status
from explorer.queries.texts import Text

VIEWS = {"text": "text", "json": "json", "raw": "raw"}
_LARGEST_JSON = 200_000
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class Layer:
    """A revision among the others. ``says_the_same`` is whether its answer is that of the one before it,
    ``is_read`` whether it is the one that the page shows above.
    """

    revision: Revision
    says_the_same: bool
    is_read: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What the page of a record shows. ``revision`` is the one that is read, ``stands`` whether it is the
    newest that says anything. ``pretty`` is its result laid out, None where it is too large for a page or no
    JSON. ``layers`` are newest first, ``turns`` None where the messages are no conversation.
    """

    revision: Revision
    stands: bool
    view: str
    pretty: str | None
    sentence: str
    deletion: Revision | None
    layers: Sequence[Layer]
    turns: Sequence[Turn] | None
    links: int  # of record, operation, transaction, block and signers, that hold


def reading_of(record: Record, *, number: int | None, view: str) -> Reading:
    """How to read a record. Raises ``NotHere`` for a revision that there is not, or that says nothing."""
    revision = record.current if number is None else _numbered(record, number)
    last = record.revisions[-1]
    return Reading(
        revision=revision,
        stands=revision == record.current,
        view=view,
        pretty=_pretty(revision.result) if view == "json" else None,
        sentence=_sentence(record),
        deletion=last if last.result is None else None,
        layers=list(_layers(record.revisions, read=revision))[::-1],
        turns=bounds.turns(record.conversation) if record.conversation else None,
        links=5 if revision.evidence.standing is Standing.ON_CHAIN else 4,
    )


def _layers(revisions: Sequence[Revision], *, read: Revision) -> Iterator[Layer]:
    yield Layer(revisions[0], says_the_same=False, is_read=revisions[0] == read)
    for before, each in pairwise(revisions):
        follows = before.number + 1 == each.number
        yield Layer(each, says_the_same=follows and _say_the_same(before, each), is_read=each == read)


def _say_the_same(one: Revision, other: Revision) -> bool:
    if one.answer is None or other.answer is None:
        return False
    return one.answer.hash == other.answer.hash


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
    if result is None or result.value is None:
        return None
    return laid_out(result.value, most=_LARGEST_JSON)


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
        last_time = "," if edits == 1 else ", the last time"
        words = (
            "It says what it said at first."
            if _say_the_same(first, last)
            else "What was said before is on the chain too, in signed blocks, and below."
        )
        return f"The answer was replaced {times}{last_time} {later} after it was written. {words}"
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
