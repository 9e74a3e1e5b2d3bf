"""What a list is narrowed by, as links that take each of it off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from explorer.queries.db.filters import Filter
from explorer.queries.db.pagination import BEST, PageRequest
from explorer.query_parameters import address, ordered
from explorer.search.tree import All, Node, chips
from explorer.search.writing import among_others, canonical

_LINE = "q"


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that leaves rows out, in words, and the address of the list without it. Where that is a hash
    or a key, of which the words have the beginning: its ``label``, and all of it.
    """

    words: str
    url: str
    label: str = ""
    key: bytes | None = None


def chips_of(path: str, wanted: Filter, part: PageRequest) -> Sequence[Chip]:
    """One for each filter that is set, and for each part of the query line; the list without it begins at its
    first page.
    """
    begin = part.from_the_start()
    return [
        *_of_line(path, wanted, begin),
        *(
            Chip(words, _without(path, wanted, name, begin), *_whole(wanted, name))
            for name, words in wanted.given().items()
            if name != _LINE
        ),
    ]


def _without(path: str, wanted: Filter, name: str, part: PageRequest) -> str:
    other = wanted.without(name)
    return address(path, other, ordered(part, wanted, other))


def _whole(wanted: Filter, name: str) -> tuple[str, bytes | None]:
    value = getattr(wanted, name)
    return wanted.declarations()[name].label, value if isinstance(value, bytes) else None


def _fitting(part: PageRequest, wanted: Filter) -> PageRequest:
    """The same in an order in which this filter can be had."""
    return replace(part, best_first=part.best_first and wanted.unordered(BEST) is None)


def _of_line(path: str, wanted: Filter, part: PageRequest) -> Iterator[Chip]:
    """Each part of the query line. A line may have hundreds of them, each of which is written once."""
    line = getattr(wanted, _LINE, None)
    if line is None:
        return
    parts = tuple(chips(line))
    words = [among_others(each) for each in parts]
    for at, each in enumerate(parts):
        left, known = (*parts[:at], *parts[at + 1 :]), {}
        if len(left) > 1:
            known[_LINE] = " ".join([*words[:at], *words[at + 1 :]])
        other = replace(wanted, **{_LINE: _joined(left)})
        yield Chip(canonical(each), address(path, other, _fitting(part, other), known))


def _joined(parts: tuple[Node, ...]) -> Node | None:
    """A line of these; None of nothing."""
    return All(parts) if len(parts) > 1 else next(iter(parts), None)
