"""The models, providers and scouts that records name: lists, and a page of each."""

from collections.abc import Sequence
from datetime import UTC, date

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import path, reverse

from explorer.pages.frame import days_csv
from explorer.pages.frame.addresses import path_of
from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.feeding import feed_of
from explorer.pages.frame.page import asking, show
from explorer.pages.frame.pagination import Pager
from explorer.pages.frame.routes import of_chain
from explorer.pages.frame.watching import AGAIN, Watch, watch_of
from explorer.pages.rendering.chart import chart_of
from explorer.pages.rendering.check_counts import lines_of
from explorer.pages.rendering.name_tags import changes_of, records_of
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.kinds import exactly
from explorer.queries.db.pagination import PageRequest
from explorer.queries.groups import presence, presence_order
from explorer.queries.groups.presence_order import Kind
from explorer.queries.groups.present import Told
from explorer.queries.records.states import Status
from explorer.query_parameters import QueryParameters

_ASKED = ("cursor", "limit", "order")


@asking(*_ASKED)
def models(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """A page of the models of all chains."""
    return _listed(request, asked, Kind.MODEL)


@asking(*_ASKED)
def providers(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """A page of their providers."""
    return _listed(request, asked, Kind.PROVIDER)


@asking(*_ASKED)
def all_scouts(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """A page of their scouts, chain by chain."""
    return _listed(request, asked, Kind.SCOUT)


@asking(*_ASKED)
def scouts(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """A page of the scouts of one chain."""
    return _listed(request, asked, Kind.SCOUT, chain=chain_of(request, brid))


@asking(days_csv.FORMAT)
def model(request: HttpRequest, asked: QueryParameters, name: str) -> HttpResponse:
    """One model, over all chains, or its days as CSV."""
    return _named(request, asked, Kind.MODEL, name)


@asking(days_csv.FORMAT)
def provider(request: HttpRequest, asked: QueryParameters, name: str) -> HttpResponse:
    """One provider, over all chains, or its days as CSV."""
    return _named(request, asked, Kind.PROVIDER, name)


@asking(days_csv.FORMAT)
def scout(request: HttpRequest, asked: QueryParameters, brid: bytes, uid: int) -> HttpResponse:
    """One scout of a chain, or its days as CSV."""
    is_csv = days_csv.is_wanted(asked)
    chain = chain_of(request, brid)
    found = presence.scout(chain, uid)
    return days_csv.response(found.days) if is_csv else _one(request, found, chain=chain)


def _listed(
    request: HttpRequest, asked: QueryParameters, kind: Kind, *, chain: ChainView | None = None
) -> HttpResponse:
    part = asked.page(orders=presence_order.ORDERS)
    of = chains_of(request) if chain is None else [chain]
    found = presence.page(of, kind, part, gathers=kind is Kind.MODEL)
    return show(
        request, "pages/presences.html", section=f"{kind.value}s", chain=chain or _only(request), kind=kind,
        of_chain=chain, pager=Pager(request, part, found), feed_path=feed_of(request.path),
        watch=_watch(request, part, of), counted_to=found.counted_to, compared_to=found.compared_to,
        is_one=len(of) == 1, orders=presence_order.ORDERS,
    )  # fmt: skip


def _watch(request: HttpRequest, part: PageRequest, of: Sequence[ChainView]) -> Watch | None:
    """Of the first page, whose numbers change with each record."""
    if part.words or part.oldest_first:
        return None
    return watch_of(request.path, request.get_full_path(), of, words=AGAIN)


def _named(request: HttpRequest, asked: QueryParameters, kind: Kind, name: str) -> HttpResponse:
    is_csv = days_csv.is_wanted(asked)
    found = presence.named(chains_of(request), kind, name)
    if name != found.part:
        query = f"?{days_csv.FORMAT}={days_csv.CSV}" if is_csv else ""
        return HttpResponsePermanentRedirect(f"{reverse(kind.value, args=[found.part])}{query}")
    if is_csv:
        return days_csv.response(found.days)
    return _one(request, found, chain=_only(request))


def _one(request: HttpRequest, found: Told, *, chain: ChainView | None) -> HttpResponse:
    records = reverse("all-records") if chain is None else reverse("records", args=[chain.rid])
    ledger = reverse("all-ledger") if chain is None else reverse("ledger", args=[chain.rid])
    wanted = {found.kind.value: exactly(found.name) if isinstance(found.name, str) else found.name}
    records_url = records_of(records, **wanted)
    of, here = chains_of(request) if chain is None else [chain], path_of(request)
    return show(
        request, "pages/presence.html", section=f"{found.kind.value}s", chain=chain,
        found=found, chart=chart_of(found.days, seen_first=_seen_first(found)),
        is_one=chain is not None, records_url=records_url,
        check_lines=lines_of(found.checks, records, **wanted), feed_path=feed_of(here),
        watch=watch_of(records_url, here, of, words=AGAIN) if records_url else None,
        edited_url=records_of(records, **wanted, status=Status.EDITED),
        deleted_url=records_of(records, **wanted, status=Status.DELETED),
        challenged_url=records_of(records, **wanted, has="challenge"),
        counted_url=records_of(f"{records}/facets", **wanted), changes_url=changes_of(ledger, **wanted),
    )  # fmt: skip


def _seen_first(found: Told) -> Sequence[date]:
    """When each system fingerprint was seen first, as a day in UTC."""
    return [each.first_at.astimezone(UTC).date() for each in found.fingerprints.seen]


def _only(request: HttpRequest) -> ChainView | None:
    """The chain, where there is one alone."""
    chains = chains_of(request)
    return chains[0] if len(chains) == 1 else None


urlpatterns = [
    path("models", models, name="models"),
    path("models/<path:name>", model, name="model"),
    path("providers", providers, name="providers"),
    path("providers/<path:name>", provider, name="provider"),
    path("scouts", all_scouts, name="all-scouts"),
    of_chain("/scouts", scouts, name="scouts"),
    of_chain("/scouts/<uid:uid>", scout, name="scout"),
]
