"""Lists: how a page of one is answered, with the address of the next."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from explorer.api.serializers.lists import AsOf
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import Asked, Page


def page(
    request: Request, serializer: type[BaseSerializer[Any]], found: Page[Any], *, of: ChainView, part: Asked
) -> Response:
    """One page of a list, each of its rows as the serializer writes it. A walk goes on the way it began."""
    way, key = ("before", found.older) if part.is_downwards else ("after", found.newer)
    following = None if key is None else _address(request, way, key)
    headers = {"Link": f'<{following}>; rel="next"'} if following else None
    return Response(_body(serializer, found.rows, of=of, following=following), headers=headers)


def whole(
    serializer: type[BaseSerializer[Any]], rows: Sequence[Any], *, of: ChainView | None = None
) -> Response:
    """A list that is short enough to be given in one go."""
    return Response(_body(serializer, rows, of=of, following=None))


def _body(
    serializer: type[BaseSerializer[Any]], rows: Sequence[Any], *, of: ChainView | None, following: str | None
) -> dict[str, Any]:
    return {
        "results": serializer(rows, many=True).data,
        "next": following,
        "as_of": None if of is None else AsOf(of).data,
    }


def _address(request: Request, way: str, key: int) -> str:
    asked = request.query_params.copy()
    for name in ("before", "after"):
        asked.pop(name, None)
    asked[way] = str(key)
    return request.build_absolute_uri(f"{request._request.path}?{asked.urlencode()}")
