"""The home of the site and of each chain: what a record is, what is proved, what is new."""

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django_htmx.http import HttpResponseClientRefresh

from explorer.pages.frame import days_csv
from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.feeding import feed_of
from explorer.pages.frame.page import asking, page, show
from explorer.pages.frame.routes import of_chain
from explorer.pages.frame.watching import Watch, is_poll, watch_of
from explorer.pages.rendering.chart import chart_of
from explorer.queries.chain.chains import ChainView, CountedTo
from explorer.queries.lists import listing
from explorer.queries.site import figures
from explorer.queries.site import status as stands
from explorer.queries.site.example import example
from explorer.queries.site.figures import Figures
from explorer.query_parameters import QueryParameters


@asking(days_csv.FORMAT)
def home(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The one chain that is here, or a choice of several; or the days of all of them as CSV."""
    is_csv = days_csv.is_wanted(asked)
    found = chains_of(request)
    if is_csv:
        return days_csv.response(figures.together(figures.of_each(found)).days)
    if is_poll(request):
        return _told(is_here=bool(found))
    if len(found) == 1:
        return _home(request, found[0])
    return _choice(request, found)


@asking("since", days_csv.FORMAT)
def chain(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """One chain, or its days as CSV. To a page that waits for the first block, to load again. ``since`` is
    what pages of an earlier version ask with, which are told nothing.
    """
    since = asked.number("since")
    is_csv = days_csv.is_wanted(asked)
    found = chain_of(request, brid)
    if is_csv:
        return days_csv.response(figures.figures(found).days)
    if not is_poll(request):
        return _home(request, found)
    return _told(is_here=since is None and found.freshness.height >= 0)


@page
def listed(request: HttpRequest) -> HttpResponse:
    """The chains are listed on the home page."""
    return HttpResponseRedirect(f"{reverse('home')}#chains")


def _told(*, is_here: bool) -> HttpResponse:
    """What a page is told that waits for something: to load again once it is here, and nothing before."""
    return HttpResponseClientRefresh() if is_here else HttpResponse(status=HTTPStatus.NO_CONTENT)


def _choice(request: HttpRequest, chains: Sequence[ChainView]) -> HttpResponse:
    """What a record is, by one of the first chain that has any, the numbers of all chains together, how each
    chain stands, and the newest records of all.
    """
    first = next((each for each in chains if each.records), None)
    latest = listing.latest(chains)
    own, edited = listing.latest_and_edited(first) if first else ((), ())
    each = figures.of_each(chains)
    numbers = figures.together(each)
    return show(
        request, "pages/chains.html", section="home", first=first, latest=latest,
        example=example(first, own, edited) if first else None, api_path="/api/v1/chains",
        watch=watch_of(reverse("all-records"), request.path, chains) if first else None,
        feed_path=feed_of(reverse("all-records")),
        rows=list(zip(chains, each, strict=True)), figures=numbers,
        counted=sum(one.height >= 0 for one in each), chart=chart_of(numbers.days) if numbers.days else None,
        agreed_to=_agreed_to(chains, each), is_one=False,
    )  # fmt: skip


def _home(request: HttpRequest, chain: ChainView) -> HttpResponse:
    if chain.freshness.height < 0:
        return show(
            request, "pages/awaited.html", section="home", chain=chain, nodes=stands.nodes(chain),
            api_path=f"/api/v1/chains/{chain.rid}",
        )  # fmt: skip
    latest, edited = listing.latest_and_edited(chain)
    numbers = figures.figures(chain)
    return show(
        request, "pages/home.html", section="home", chain=chain, latest=latest,
        example=example(chain, latest, edited), figures=numbers, chart=chart_of(numbers.days),
        watch=_watch(request, chain), feed_path=feed_of(reverse("records", args=[chain.rid])),
        agreed_to=_agreed_to([chain], [numbers]), is_one=True,
        api_path=f"/api/v1/chains/{chain.rid}",
    )  # fmt: skip


def _watch(request: HttpRequest, chain: ChainView) -> Watch | None:
    """Of the records of the chain whose newest are on the page."""
    return watch_of(reverse("records", args=[chain.rid]), request.path, [chain])


def _agreed_to(chains: Sequence[ChainView], each: Sequence[Figures]) -> Sequence[CountedTo]:
    """The chains of which agreement with peers is not counted as far as all else."""
    return [
        CountedTo(chain, one.prompted)
        for chain, one in zip(chains, each, strict=True)
        if one.prompted < one.height
    ]


urlpatterns = [
    path("", home, name="home"),
    path("chains", listed, name="chains"),
    of_chain("", chain, name="chain"),
]
