"""The API's models, providers and scouts: lists, and each with its numbers."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import path, reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from explorer.api import addresses, pagination
from explorer.api.describing import (
    BRID,
    CURSOR,
    LIMIT,
    MODEL,
    ORDER_OF_NAMES,
    PROVIDER,
    UID,
    described,
)
from explorer.api.endpoint import Endpoint
from explorer.api.exception_handler import Moved
from explorer.api.serializers.facets import UpTo
from explorer.api.serializers.presence import (
    Model,
    ModelList,
    ModelRow,
    Provider,
    ProviderList,
    ProviderRow,
    Scout,
    ScoutList,
    ScoutRow,
    ScoutsOfChain,
)
from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere
from explorer.queries.groups import presence, presence_order
from explorer.queries.groups.naming import scout_named
from explorer.queries.groups.presence_order import Kind

_LIST = (CURSOR, LIMIT, ORDER_OF_NAMES)
_FOLLOW = (
    "Sorted by when the block was made that added the first record, the newest first, unless `order` says "
    "otherwise; by no share of records. Follow `next` until it is null."
)


class _Listing(Endpoint):
    """A page of one kind, of a chain or of all of them."""

    kind: ClassVar[Kind]
    row: ClassVar[type[BaseSerializer[Any]]]

    def get(self, request: Request, brid: str | None = None) -> Response:
        part = self.asked.page(both_ways=False, orders=presence_order.ORDERS)
        of: ChainView | Sequence[ChainView] = chains.chains() if brid is None else addresses.chain(brid)
        found = presence.page([of] if isinstance(of, ChainView) else of, self.kind, part)
        more = {
            "counted_to": UpTo(found.counted_to, many=True).data,
            "agreement_to": UpTo(found.compared_to, many=True).data,
        }
        return pagination.page(request, self.row, found, of=of, part=part, more=more)


@described(
    "list_models",
    tag="models",
    summary="Models of all chains",
    about=f"Every model that a record names, once, with how many records do. {_FOLLOW}",
    answer=ModelList,
    query=_LIST,
    is_list=True,
)
class ModelsEndpoint(_Listing):
    kind, row = Kind.MODEL, ModelRow


@described(
    "list_providers",
    tag="providers",
    summary="Providers of all chains",
    about=f"Every provider that a record names, once, with how many records do. {_FOLLOW}",
    answer=ProviderList,
    query=_LIST,
    is_list=True,
)
class ProvidersEndpoint(_Listing):
    kind, row = Kind.PROVIDER, ProviderRow


@described(
    "list_all_scouts",
    tag="scouts",
    summary="Scouts of all chains",
    about=f"Chain by chain, every scout that a record names, with how many records do. {_FOLLOW}",
    answer=ScoutList,
    query=_LIST,
    is_list=True,
)
class AllScoutsEndpoint(_Listing):
    kind, row = Kind.SCOUT, ScoutRow


@described(
    "list_scouts",
    tag="scouts",
    summary="Scouts of a chain",
    about=f"Every scout that a record of the chain names, with how many records do. {_FOLLOW}",
    answer=ScoutsOfChain,
    path=[BRID],
    query=_LIST,
    may_be={"not-here": None},
    is_list=True,
)
class ScoutsEndpoint(_Listing):
    kind, row = Kind.SCOUT, ScoutRow


class _Naming(Endpoint):
    """One model or provider."""

    verbatim = ("model", "provider")
    kind: ClassVar[Kind]
    serializer: ClassVar[type[BaseSerializer[Any]]]

    def get(self, request: Request, **named: str) -> Response:
        name = named[self.kind.value]
        found = presence.named(chains.chains(), self.kind, name)
        if name != found.part:
            raise Moved(reverse(f"api:{self.kind.value}", args=[found.part]))
        return Response(self.serializer(found).data)


@described(
    "get_model",
    tag="models",
    summary="One model, over all chains",
    about="How many records name it, since when, what became of them, and which providers they name with it.",
    answer=Model,
    path=[MODEL],
    may_be={"not-here": None},
)
class ModelEndpoint(_Naming):
    kind, serializer = Kind.MODEL, Model


@described(
    "get_provider",
    tag="providers",
    summary="One provider, over all chains",
    about="How many records name it, since when, what became of them, and which models they name with it.",
    answer=Provider,
    path=[PROVIDER],
    may_be={"not-here": None},
)
class ProviderEndpoint(_Naming):
    kind, serializer = Kind.PROVIDER, Provider


@described(
    "get_scout",
    tag="scouts",
    summary="One scout of a chain",
    about="How many records name it, since when, and what became of them.",
    answer=Scout,
    path=[BRID, UID],
    may_be={"not-here": None},
)
class ScoutEndpoint(Endpoint):
    def get(self, request: Request, brid: str, uid: str) -> Response:
        chain = addresses.chain(brid)
        number = scout_named(uid)
        if number is None:
            raise NotHere(f"A scout is named by a whole number of 64 bits, not “{uid[:80]}”.")
        return Response(Scout(presence.scout(chain, number)).data)


urlpatterns = [
    path("models", ModelsEndpoint.as_view(), name="models"),
    path("models/<path:model>", ModelEndpoint.as_view(), name="model"),
    path("providers", ProvidersEndpoint.as_view(), name="providers"),
    path("providers/<path:provider>", ProviderEndpoint.as_view(), name="provider"),
    path("scouts", AllScoutsEndpoint.as_view(), name="all-scouts"),
    path("chains/<str:brid>/scouts", ScoutsEndpoint.as_view(), name="scouts"),
    path("chains/<str:brid>/scouts/<str:uid>", ScoutEndpoint.as_view(), name="scout"),
]
