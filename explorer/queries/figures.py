"""Numbers with their denominators, from rollups: none is counted while a reader waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from explorer.queries.chains import ChainView


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of the home page, as of ``at`` (when they were rolled up; None before the first time)."""

    at: datetime | None
    records: int
    operations: int  # operations that were read
    not_understood: int
    edited: int
    deleted: int
    alike: int  # prompts (messages and seed) with two or more answers, all of them equal as first written
    shared: int  # prompts with two or more answers
    blocks: int
    unchecked: int  # blocks whose witness was not checked
    today: int  # records of the last day of the chart


@dataclass(frozen=True, slots=True)
class Day:
    """What was written on one UTC day, by the time of its blocks."""

    day: date
    written: int
    changed: int  # edits and deletions of that day


def figures(chain: ChainView) -> Figures:
    """The numbers of a chain."""
    raise NotImplementedError


def days(chain: ChainView, *, count: int = 30) -> Sequence[Day]:
    """The last days up to the newest block's, oldest first, days without anything among them."""
    raise NotImplementedError
