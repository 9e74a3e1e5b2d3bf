"""Lines to search for, that show how one is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta

from explorer.queries.db.kinds import exactly
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.row import RecordRow
from explorer.query_parameters import address
from explorer.search.parsing import parse
from explorer.search.tree import Clause, Named
from explorer.search.writing import canonical

_LONGEST_NAME = 30
_MONTH = ("2026-10-01", "2026-11-01")


@dataclass(frozen=True, slots=True)
class Example:
    """A line with a key, what it asks for, and its address, where it is of something that is here."""

    line: str
    about: str
    url: str = ""


def examples_of(row: RecordRow | None, *, at: str) -> Sequence[Example]:
    """A line for each key that filters. They name what this record has, and lead to the list at that path;
    without a record they lead nowhere.
    """
    model, provider, scout, seed, height, (begin, end) = "llama*", "groq", 7, 42, 100, _MONTH
    if row is not None:
        model, provider, scout, seed, height = row.model, row.provider, row.scout, row.seed, row.height
        begin, end = _month_of(row.block_at)
    told = {
        _named("model", model): "of this model, by its name on the chain, letter for letter",
        _named("provider", provider): "of this provider, likewise; * stands for anything",
        f"scout:{scout}": "written by this scout",
        f"seed:{seed}": "answered with this seed",
        f"block:{height}..": "added in this block or a later one; also 100..200 and ..200",
        f"since:{begin}": "added on that day or later, by the time of its block, in UTC",
        f"until:{end}": "added before that day",
        f"changed:{begin}..{end}": "edited or deleted from the first day until before the second",
        "status:edited": "edited and not deleted; also live and deleted",
        "has:edit": "edited at any time, deleted since or not; also has:deletion and has:challenge",
        "challenge:open": "challenged, and not decided yet; also decided, upheld, not-upheld, inconclusive",
    }
    return [_example(line, about, "" if row is None else at) for line, about in told.items()]


def _example(line: str, about: str, at: str) -> Example:
    return Example(line, about, address(at, RecordFilter(q=parse(line))) if at else "")


def _named(key: str, name: str) -> str:
    """The clause for a name; for any, where it is long, none, or half a character."""
    is_plain = name.isprintable() and 0 < len(name.strip()) <= len(name) <= _LONGEST_NAME
    return canonical(Clause(key, Named(exactly(name) if is_plain else "*")))


def _month_of(at: datetime) -> tuple[str, str]:
    """The first day of that month, and of the next."""
    first = at.astimezone(UTC).date().replace(day=1)
    if first.year == MAXYEAR:
        return _MONTH
    return first.isoformat(), (first + timedelta(days=31)).replace(day=1).isoformat()
