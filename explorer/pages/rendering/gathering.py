"""Rows of a list of records, by day, and those of one prompt that stand together gathered under it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby

from explorer.queries.db.pagination import BEST
from explorer.queries.db.texts import Snippet
from explorer.queries.records.match import Match
from explorer.queries.records.row import Agreement, RecordRow
from explorer.search.hits import Line
from explorer.search.tree import Side

_MOST_SEEDS = 3


@dataclass(frozen=True, slots=True)
class Agreed:
    """How the records of a prompt and a seed agree; ``seed`` is None where all rows have the same."""

    seed: int | None
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, and where in it words were found. ``prompt`` and ``answer`` are lines that begin as these texts
    do, and stand for their beginnings; None where there are none. The others stand beside them.
    """

    row: RecordRow
    prompt: Line | None
    answer: Line | None
    of_prompt: Sequence[Match]
    of_answers: Sequence[Match]


@dataclass(frozen=True)
class Gathering:
    """Rows of one prompt that follow each other; the first one has its words."""

    rows: Sequence[RecordRow]

    @property
    def first(self) -> RecordRow:
        """That of the prompt's words."""
        return self.rows[0]

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """Each row with its matches."""
        return [_entry(each) for each in self.rows]

    @property
    def is_single(self) -> bool:
        """Whether there is nothing to gather."""
        return len(self.rows) == 1

    @property
    def agreed(self) -> Sequence[Agreed]:
        """How those of each seed agree."""
        by_seed = {each.seed: each.agreement for each in self.rows if each.agreement is not None}
        is_one = len({each.seed for each in self.rows}) == 1
        found = [Agreed(None if is_one else seed, agreement) for seed, agreement in by_seed.items()]
        return found[:_MOST_SEEDS]


@dataclass(frozen=True, slots=True)
class Day:
    """What stands under the heading of one UTC day; under none where ``at`` is None."""

    at: datetime | None
    gatherings: Sequence[Gathering]


def _entry(row: RecordRow) -> Entry:
    of_prompt = [each for each in row.matches if each.side is Side.PROMPT]
    of_answers = [each for each in row.matches if each.side is not Side.PROMPT]
    prompt = [each for each in of_prompt if _begins(each, row.prompt)]
    answer = [each for each in of_answers if each.is_now and _begins(each, row.answer)]
    return Entry(
        row=row,
        prompt=prompt[0].line if prompt else None,
        answer=answer[0].line if answer else None,
        of_prompt=[each for each in of_prompt if each not in prompt],
        of_answers=[each for each in of_answers if each not in answer],
    )


def _begins(match: Match, text: Snippet) -> bool:
    """Whether the line begins as the text does in a list."""
    one, other = match.line.text, " ".join(text.text.split())
    length = min(len(one), len(other))
    return not match.line.is_begun and length > 0 and one[:length] == other[:length]


def days_of(rows: Sequence[RecordRow], *, order: str = "newest") -> Sequence[Day]:
    """The rows as they come, by the day on which they were written, or last ``changed``; of those that come
    by how well they match, all without a heading.
    """
    if order == BEST:
        return [Day(None, list(_gathered(rows)))] if rows else []
    return list(_days(rows, changed=order == "changed"))


def _days(rows: Sequence[RecordRow], *, changed: bool) -> Iterator[Day]:
    def at(row: RecordRow) -> datetime:
        when = row.changed_at if changed and row.changed_at is not None else row.block_at
        return when.astimezone(UTC)

    for _, of_day in groupby(rows, key=lambda row: at(row).date()):
        kept = list(of_day)
        yield Day(at(kept[0]), list(_gathered(kept)))


def _gathered(rows: Sequence[RecordRow]) -> Iterator[Gathering]:
    for _, alike in groupby(rows, key=lambda row: (row.chain, row.prompt_key)):
        yield Gathering(list(alike))
