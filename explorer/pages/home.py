"""The home of the site and of each chain: what a record is, what is proved, what is new."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from explorer.pages.chart import chart_of
from explorer.pages.page import page, show
from explorer.parameters import Asked
from explorer.queries import figures, records
from explorer.queries import status as stands
from explorer.queries.chains import ChainView, chain_with, chains
from explorer.queries.example import example


@page
def home(request: HttpRequest) -> HttpResponse:
    """The one chain that is here, or a choice of several."""
    Asked(request.GET).check()
    found = chains()
    if len(found) == 1:
        return _home(request, found[0], found)
    return show(request, "pages/chains.html", section="home", chains=found, api_path="/api/v1/chains")


@page
def chain(request: HttpRequest, brid: bytes) -> HttpResponse:
    """One chain; to a page that watches, a line that says what is new ``since`` a position, or nothing."""
    asked = Asked(request.GET, known=("since",))
    since = asked.number("since")
    asked.check()
    found = chain_with(brid)
    if since is None or "HX-Request" not in request.headers:
        return _home(request, found, None)
    news = records.newer_than(found, since)
    if not news:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "parts/news.html", {"chain": found, "news": news})


def _home(request: HttpRequest, chain: ChainView, known: Sequence[ChainView] | None) -> HttpResponse:
    """``known`` are all chains, where they were asked for already."""
    asked: dict[str, Any] = {} if known is None else {"chains": known}
    if chain.freshness.height < 0:
        return show(
            request, "pages/awaited.html", section="home", chain=chain, nodes=stands.nodes(chain),
            api_path=f"/api/v1/chains/{chain.rid}", **asked,
        )  # fmt: skip
    latest = records.latest(chain)
    return show(
        request, "pages/home.html", section="home", chain=chain, latest=latest,
        example=example(chain, latest), figures=figures.figures(chain), chart=chart_of(figures.days(chain)),
        api_path=f"/api/v1/chains/{chain.rid}", **asked,
    )  # fmt: skip
