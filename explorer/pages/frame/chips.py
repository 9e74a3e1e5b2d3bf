"""What a list is narrowed by, as links that take each of it off."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.queries.db.filters import Filter
from explorer.queries.db.pagination import PageRequest
from explorer.query_parameters import address


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that leaves rows out, in words, and the address of the list without it."""

    words: str
    url: str


def chips_of(path: str, wanted: Filter, part: PageRequest) -> Sequence[Chip]:
    """One for each filter that is set; the list without it begins at its first page."""
    begin = part.from_the_start()
    return [Chip(words, address(path, wanted.without(name), begin)) for name, words in wanted.given().items()]
