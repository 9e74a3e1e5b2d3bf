"""What checks say of the records of a name or a prompt, each with the list of what it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explorer.pages.rendering.name_tags import records_of
from explorer.queries.records.check_counts import CheckCounts, Results


@dataclass(frozen=True, slots=True)
class Line:
    """A check with its counts; ``url`` is empty where no address holds the list of what it finds."""

    of: Results
    url: str


def lines_of(counts: CheckCounts, at: str, **wanted: Any) -> Sequence[Line]:
    """Every check, what is found most often first; ``at`` is the path of the list, ``wanted`` its filters."""
    ranked = sorted(counts.results, key=lambda each: -each.found)
    return [Line(each, records_of(at, **wanted, check=each.check.name)) for each in ranked]
