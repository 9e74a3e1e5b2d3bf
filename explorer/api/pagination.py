"""Lists: how a page of one is answered, with the address of the next."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from explorer.api.serializers.lists import AsOf
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import Page, PageRequest
from explorer.query_parameters import query_of


def page(
    request: Request,
    serializer: type[BaseSerializer[Any]],
    found: Page[Any],
    *,
    of: ChainView | Sequence[ChainView],
    part: PageRequest,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """One page of a list, each of its rows as the serializer writes it. A walk goes on the way it began.

    ``more`` is what else it says of itself.
    """
    onwards = found.older if part.is_downwards else found.newer
    following = None if onwards is None else address(request, onwards)
    headers = {"Link": f'<{following}>; rel="next"'} if following else None
    body = _body(serializer, found.rows, of=of, following=following)
    return Response({**body, **(more or {})}, headers=headers)


def address(request: Request, part: PageRequest) -> str:
    """The whole address of another page of the list that is asked for."""
    return request.build_absolute_uri(f"{request._request.path}?{query_of(request.query_params, part)}")


def whole(
    serializer: type[BaseSerializer[Any]],
    rows: Sequence[Any],
    *,
    of: ChainView | Sequence[ChainView] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A list that is short enough to be given in one go; ``more`` is what else it says of itself."""
    return Response({**_body(serializer, rows, of=of, following=None), **(more or {})})


def _body(
    serializer: type[BaseSerializer[Any]],
    rows: Sequence[Any],
    *,
    of: ChainView | Sequence[ChainView] | None,
    following: str | None,
) -> dict[str, Any]:
    return {"results": serializer(rows, many=True).data, "next": following, "as_of": _as_of(of)}


def _as_of(of: ChainView | Sequence[ChainView] | None) -> Any:
    if isinstance(of, Sequence):
        return [AsOf(each).data for each in of]
    return None if of is None else AsOf(of).data
