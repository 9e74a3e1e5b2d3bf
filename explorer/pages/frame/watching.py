"""The line of a first page that leads to the newest, and with scripts says how many rows came since.

It stands there from the first: what it says changes, and nothing moves. What is polled is one small part for
all who look at the same list of the same state; it counts, and never gives a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django_htmx.http import HttpResponseStopPolling

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.kinds import Misread, Number
from explorer.queries.site.news import MOST, News, Seen
from explorer.query_parameters import QueryParameters

NEWS = "/news"
"""What stands before the address of a list in that of its news."""

NEWEST, AGAIN = "Newest", "Load again"
"""What the link says while nothing came: of a list that has the newest first, and of any other page."""

_HEIGHT = Number(-1)


@dataclass(frozen=True, slots=True)
class Watch:
    """Where a page asks for news, and ``here``, its own address, to which these words lead.

    ``at`` is the time of the newest block that is in it, ``height`` its height where it is of one chain.
    """

    url: str
    here: str
    words: str
    at: datetime | None
    height: int | None


def watch_of(
    listed: str, here: str, of: Sequence[ChainView], *, seen: Seen | None = None, words: str = NEWEST
) -> Watch | None:
    """Of a page at an address, whose rows are those of the list at ``listed`` in these chains. Where it shows
    less than all that is indexed, ``seen`` says of which chains how much. ``words`` are what its link says
    while nothing came. None where there is no chain.
    """
    if not of:
        return None
    heights = {each.id: each.freshness.height for each in of} | dict(seen or {})
    stated = ",".join(str(heights[each.id]) for each in of)
    times = [each.freshness.block_at for each in of if each.freshness.block_at is not None]
    return Watch(
        url=f"{NEWS}{listed}{'&' if '?' in listed else '?'}seen={stated}",
        here=here,
        words=words,
        at=max(times, default=None),
        height=of[0].freshness.height if len(of) == 1 and times else None,
    )


def seen_of(asked: QueryParameters, of: Sequence[ChainView]) -> Seen:
    """How far whoever asks has seen these chains, in their order; those that are not named not at all."""
    heights = asked.value("seen", _heights) or ()
    asked.check()
    return dict(zip((each.id for each in of), heights, strict=False))


def told(request: HttpRequest, found: News, *, what: str) -> HttpResponse:
    """What a page is told that asks for news of its rows: that there are some, or nothing."""
    if not found.is_any:
        return HttpResponse(status=204)
    shown = render(request, "parts/news.html", {"news": found, "what": what, "most": MOST})
    response = HttpResponseStopPolling(shown.content) if found.is_final else shown
    response.is_late = not found.is_exact  # type: ignore[attr-defined]
    return response


def is_poll(request: HttpRequest) -> bool:
    """Whether a page asks, and no reader."""
    return "HX-Request" in request.headers


def led_to_list(request: HttpRequest) -> HttpResponse:
    """Where a reader is led who opens the address of the news: to the list."""
    query = request.GET.copy()
    query.pop("seen", None)
    path = request.path.removeprefix(NEWS)
    return HttpResponseRedirect(f"{path}?{query.urlencode()}" if query else path)


def _heights(text: str) -> Sequence[int]:
    try:
        return [_HEIGHT.read(each) for each in text.split(",")]
    except Misread as error:
        raise Misread(error.code, "is heights of blocks with commas between them") from error
