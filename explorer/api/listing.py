"""Lists: which part of one is asked for, and how it is answered with the address of the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from explorer.api.answers.lists import AsOf
from explorer.parameters import Asked
from explorer.queries.chains import ChainView

PAGE = 50
"""Rows of a page, where no limit is given."""


@dataclass(frozen=True, slots=True)
class Part:
    """A page that is asked for: below ``before``, above ``after``, or from an end where neither is given."""

    before: int | None
    after: int | None
    limit: int
    oldest_first: bool

    @property
    def is_upwards(self) -> bool:
        """Whether the next page is that of higher keys: a walk goes on in the direction in which it began."""
        return self.after is not None or (self.before is None and self.oldest_first)


class Found(Protocol):
    """A page as ``explorer.queries`` gives it: rows, and the keys to go on from."""

    @property
    def rows(self) -> Sequence[Any]: ...
    @property
    def newer(self) -> int | None: ...
    @property
    def older(self) -> int | None: ...


def part(asked: Asked, *, most: int, oldest_first: bool = False) -> Part:
    """The part that is asked for, of at most ``most`` rows. Raises ``BadParameters``."""
    found = Part(
        before=asked.number("before"),
        after=asked.number("after"),
        limit=asked.number("limit", least=1, most=most) or PAGE,
        oldest_first=oldest_first,
    )
    asked.one_of("before", "after")
    asked.check()
    return found


def page(
    request: Request, serializer: type[BaseSerializer[Any]], found: Found, *, of: ChainView, part: Part
) -> Response:
    """One page of a list, each of its rows as the serializer writes it."""
    way, key = ("after", found.newer) if part.is_upwards else ("before", found.older)
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
