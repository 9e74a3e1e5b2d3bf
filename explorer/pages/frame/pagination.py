"""The links to the pages before and after, with what else the address asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from explorer.queries.db.pagination import Asked, Page

_SIZES = (25, 50, 100)


@dataclass(frozen=True, slots=True)
class Pager:
    """A page of a list: which part was asked for, what was found, and where to go on from."""

    request: HttpRequest
    part: Asked
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
        return self._url(after=self.found.newer)

    @property
    def older_url(self) -> str:
        """The address of the page of older ones; empty where there are none."""
        return self._url(before=self.found.older)

    def _url(self, *, before: int | None = None, after: int | None = None) -> str:
        if before is None and after is None:
            return ""
        asked = self.request.GET.copy()
        asked.pop("before", None)
        asked.pop("after", None)
        if before is not None:
            asked["before"] = str(before)
        if after is not None:
            asked["after"] = str(after)
        return f"{self.request.path}?{asked.urlencode()}"
