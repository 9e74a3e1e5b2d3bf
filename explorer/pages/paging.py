"""The links to the pages before and after, with what else the address asks for."""

from dataclasses import dataclass

from django.http import HttpRequest

SIZES = {"25": 25, "50": 50, "100": 100}
"""How many rows a page may have."""


@dataclass(frozen=True, slots=True)
class Pager:
    """Where to go on from: keys of the neighbouring pages, None at an end; and which way the list goes."""

    request: HttpRequest
    newer: int | None
    older: int | None
    oldest_first: bool = False

    @property
    def newer_url(self) -> str:
        return self._url(after=self.newer)

    @property
    def older_url(self) -> str:
        return self._url(before=self.older)

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
