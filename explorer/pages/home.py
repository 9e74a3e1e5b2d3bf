"""The home of the site and of each chain: what a record is, what is proved, what is new."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from explorer.pages.chart import chart_of
from explorer.pages.page import page, show
from explorer.parameters import Asked
from explorer.queries import figures, records
from explorer.queries.chains import ChainView, chain_with, chains
from explorer.queries.records import RecordRow, Status


@page
def home(request: HttpRequest) -> HttpResponse:
    """The one chain that is here, or a choice of several."""
    asked = Asked(request.GET)
    asked.check()
    found = chains()
    if len(found) == 1:
        return _home(request, found[0])
    return show(request, "pages/chains.html", section="home", found=found, api_path="/api/v1/chains")


@page
def chain(request: HttpRequest, brid: bytes) -> HttpResponse:
    """One chain; to a page that asks what is new ``since`` a position, a line that says so."""
    asked = Asked(request.GET, known=("since",))
    since = asked.number("since")
    asked.check()
    found = chain_with(brid)
    if since is None:
        return _home(request, found)
    return render(
        request, "parts/news.html", {"chain": found, "news": records.newer_than(found, since), "since": since}
    )


def _home(request: HttpRequest, chain: ChainView) -> HttpResponse:
    latest = records.latest(chain)
    return show(
        request,
        "pages/home.html",
        section="home",
        chain=chain,
        latest=latest,
        example=_example(chain, latest[0] if latest else None),
        figures=figures.figures(chain),
        chart=chart_of(figures.days(chain)),
        api_path=f"/api/v1/chains/{chain.rid}",
    )


def _example(chain: ChainView, newest: RecordRow | None) -> RecordRow | None:
    """A record to explain records by: one that was edited says most."""
    edited = records.page(chain, status=Status.EDITED, limit=1).rows
    return edited[0] if edited else newest
