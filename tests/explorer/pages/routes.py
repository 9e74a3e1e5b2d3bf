"""Every address of a page, as its route is written, and an example of each."""

import re
from collections.abc import Iterator, Mapping

from django.urls import URLResolver

from explorer.pages import urls

OTHERS: Mapping[str, str] = {
    "feeds/": "Atom",
    "news/": "how many there are since, for a page that waits",
    "robots.txt": "for robots",
    "favicon.svg": "a picture",
    "theme": "it sets a cookie",
    "leaving": "it leads elsewhere, by an address that is signed",
    "chains/<begun:": "it leads to whole addresses",
    "challenges/export": "a file",
}
"""How addresses begin that are no pages, and why. What ends in bytes to be downloaded is none either."""

_EXAMPLES = {
    "rid": "AB" * 32,
    "number": "1",
    "uid": "1",
    "challenge": "C-2026-000001",
    "begun": "ABCDEF12",
}


def routes() -> Iterator[str]:
    """Those of pages."""
    for route in every_route():
        is_file = "/raw" in route or "/evidence/" in route
        if not (is_file or route.startswith((*OTHERS, "look/"))):
            yield route


def every_route() -> Iterator[str]:
    """Those of whatever people ask for, but forms."""
    for each in urls.urlpatterns:
        below = [f"{inner.pattern}" for inner in each.url_patterns] if isinstance(each, URLResolver) else [""]
        yield from (f"{each.pattern}{inner}" for inner in below)


def written(route: str) -> str:
    """An address of that route."""
    return "/" + re.sub(r"<(\w+):\w+>", lambda part: _EXAMPLES.get(part[1], "a"), route)
