"""What a list is narrowed by, as links that take each of it off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from explorer.queries.db.filters import Filter
from explorer.queries.db.pagination import BEST, PageRequest
from explorer.query_parameters import address, ordered
from explorer.search.tree import EVERYTHING, chips, less
from explorer.search.writing import canonical

_LINE = "q"


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that leaves rows out, in words, and the address of the list without it."""

    words: str
    url: str


def chips_of(path: str, wanted: Filter, part: PageRequest) -> Sequence[Chip]:
    """One for each filter that is set, and for each part of the query line; the list without it begins at its
    first page.
    """
    begin = part.from_the_start()
    return [
        *(Chip(words, address(path, other, _fitting(begin, other))) for words, other in _of_line(wanted)),
        *(
            Chip(words, _without(path, wanted, name, begin))
            for name, words in wanted.given().items()
            if name != _LINE
        ),
    ]


def _without(path: str, wanted: Filter, name: str, part: PageRequest) -> str:
    other = wanted.without(name)
    return address(path, other, ordered(part, wanted, other))


def _fitting(part: PageRequest, wanted: Filter) -> PageRequest:
    """The same in an order in which this filter can be had."""
    return replace(part, best_first=part.best_first and wanted.unordered(BEST) is None)


def _of_line(wanted: Filter) -> Iterator[tuple[str, Filter]]:
    """Each part of the query line, and the filter without it."""
    line = getattr(wanted, _LINE, None)
    if line is None:
        return
    for each in chips(line):
        left = less(line, each)
        yield canonical(each), replace(wanted, **{_LINE: None if left == EVERYTHING else left})
