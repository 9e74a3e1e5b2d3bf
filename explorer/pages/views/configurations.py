"""The configurations of a chain, and of all: signers, features, and the code that ran."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import path

from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.feeding import feed_of
from explorer.pages.frame.page import download, page, show
from explorer.pages.frame.routes import of_chain
from explorer.pages.frame.watching import AGAIN, watch_of
from explorer.pages.rendering import truncation
from explorer.queries.chain import configurations
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere


@page
def listed(request: HttpRequest, brid: bytes) -> HttpResponse:
    """Every configuration of a chain."""
    chain = chain_of(request, brid)
    return _list(request, [chain], chain=chain)


@page
def listed_all(request: HttpRequest) -> HttpResponse:
    """The same of every chain."""
    return _list(request, chains_of(request), chain=None)


def _list(request: HttpRequest, of: Sequence[ChainView], *, chain: ChainView | None) -> HttpResponse:
    found = [(each, configurations.all_of(each)) for each in of]
    return show(
        request, "pages/configurations.html", section="configurations", chain=chain, found=found,
        feed_path=feed_of(request.path), watch=watch_of(request.path, request.path, of, words=AGAIN),
    )  # fmt: skip


@page
def in_force(request: HttpRequest, brid: bytes, height: int) -> HttpResponse:
    """The configuration in force at a height."""
    found = configurations.in_force(chain_of(request, brid), height)
    return show(
        request,
        "pages/configuration.html",
        section="configurations",
        chain=found.chain,
        height=height,
        configuration=found,
        files=truncation.files(found.sources),
    )


@page
def raw(request: HttpRequest, brid: bytes, height: int) -> HttpResponse:
    """The bytes of the configuration in force at a height."""
    found = configurations.in_force(chain_of(request, brid), height)
    if found.raw is None:
        raise NotHere(f"No node gave the configuration that is in force at height {height}.")
    return download(found.raw, name=f"configuration-{found.row.height}.gtv")


urlpatterns = [
    path("configurations", listed_all, name="all-configurations"),
    of_chain("/configurations", listed, name="configurations"),
    of_chain("/configurations/<number:height>", in_force, name="configuration"),
    of_chain("/configurations/<number:height>/raw", raw, name="configuration-raw"),
]
