"""Pages of a list: which one is asked for, and the address of the next."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from explorer.api.answers.lists import AsOf
from explorer.queries.chains import ChainView


def page(
    request: Request,
    serializer: type[BaseSerializer[Any]],
    rows: Sequence[Any],
    *,
    of: ChainView | None = None,
    newer: int | None = None,
    older: int | None = None,
    upwards: bool = False,
) -> Response:
    """A page of rows, each as the serializer writes it.

    The next one lies in the direction in which this one was asked for. ``newer`` and
    ``older`` are the keys to go on from, ``upwards`` is whether it goes to newer ones.
    """
    key, way = (newer, "after") if upwards else (older, "before")
    following = None if key is None else _address(request, way, key)
    results = serializer(rows, many=True).data
    body = {"results": results, "next": following, "as_of": None if of is None else AsOf(of).data}
    return Response(body, headers={"Link": f'<{following}>; rel="next"'} if following else None)


def _address(request: Request, way: str, key: int) -> str:
    asked = request.query_params.copy()
    for name in ("before", "after"):
        asked.pop(name, None)
    asked[way] = str(key)
    return request.build_absolute_uri(f"{request._request.path}?{asked.urlencode()}")
