"""The links to the pages before and after, with what else the address asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from explorer.queries.db.pagination import Page, PageRequest
from explorer.query_parameters import query_of

_SIZES = (25, 50, 100)


@dataclass(frozen=True, slots=True)
class Pager:
    """A page of a list: which part was asked for, what was found, and where to go on from."""

    request: HttpRequest
    part: PageRequest
    found: Page[Any]

    @property
    def rows(self) -> Sequence[Any]:
        """What is on this page."""
        return self.found.rows

    @property
    def oldest_first(self) -> bool:
        """Which way the list goes."""
        return self.part.oldest_first

    @property
    def order(self) -> str:
        """The same in a word."""
        return self.part.order

    @property
    def is_first(self) -> bool:
        """Whether it begins at the list's end."""
        return not self.part.words

    @property
    def onwards_url(self) -> str:
        """The address of what comes next the way that this page was read; empty at its end."""
        return self.older_url if self.part.is_downwards else self.newer_url

    @property
    def limit(self) -> int:
        """How many rows a page has."""
        return self.part.limit

    @property
    def sizes(self) -> Sequence[int]:
        """How many it might have."""
        return sorted({*_SIZES, self.limit})

    @property
    def newer_url(self) -> str:
        """The address of the page of newer ones; empty where there are none."""
        return self._url(self.found.newer)

    @property
    def older_url(self) -> str:
        """The address of the page of older ones; empty where there are none."""
        return self._url(self.found.older)

    def _url(self, part: PageRequest | None) -> str:
        return "" if part is None else f"{self.request.path}?{query_of(self.request.GET, part)}"
