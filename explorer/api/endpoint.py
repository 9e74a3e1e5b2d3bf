"""What all addresses of the API have in common: their query is checked, and their answers are dated."""

from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explorer.api import addresses
from explorer.api.exception_handler import Moved, exception_handler
from explorer.api.negotiation import Negotiation
from explorer.api.rendering import JsonRenderer, fingerprint
from explorer.queries.db.snapshot import snapshot
from explorer.query_parameters import QueryParameters

_KEPT = (HTTPStatus.OK, HTTPStatus.GONE, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS)


class Endpoint(APIView):
    """One address. ``parameters`` are those of its query, ``seconds`` is how long an answer may be kept,
    ``verbatim`` names parts of the address that are texts of a stranger, and are written as they come.
    """

    renderer_classes: Sequence[type[BaseRenderer]] = (JsonRenderer,)
    parser_classes = ()
    content_negotiation_class = Negotiation
    parameters: ClassVar[Collection[OpenApiParameter]] = ()
    seconds: ClassVar[int] = 5
    verbatim: ClassVar[Collection[str]] = ()
    asked: QueryParameters

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What is said, and as of when, is of one state of the tables."""
        with snapshot():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Lead to the canonical address, and refuse parameters that there are not."""
        super().initial(request, *args, **kwargs)
        written = {
            name: part if name in self.verbatim else addresses.canonical(part)
            for name, part in kwargs.items()
        }
        if written != kwargs:
            raise Moved(_address(request, written))
        self.asked = QueryParameters(request.query_params, known=[each.name for each in self.parameters])
        if not self.parameters:
            self.asked.check()

    def get_exception_handler(self) -> Any:
        """Everything that goes wrong is told as a problem."""
        return exception_handler

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Say how long the answer may be kept, by no search engine, and which version it is."""
        kept = f"public, max-age={self.seconds}" if response.status_code in _KEPT else "no-store"
        response.headers.setdefault("Cache-Control", kept)
        response.headers["X-Robots-Tag"] = "noindex"
        if isinstance(response, Response) and response.status_code in _KEPT:
            response.add_post_render_callback(_tag)
        return super().finalize_response(request, response, *args, **kwargs)


def _tag(response: Response) -> None:
    """Give a version to all that an answer says but ``as_of``, which moves with every block: so one that says
    the same is not sent again, and its tag is a weak one.
    """
    stable = _undated(response.data)
    version = fingerprint([response.headers["Content-Type"], stable])
    response.headers["ETag"] = f'"{version}"' if stable == response.data else f'W/"{version}"'


def _undated(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without ``as_of``, its own or that of a member which is a whole answer."""
    return {
        name: _undated(value) if isinstance(value, dict) else value
        for name, value in data.items()
        if name != "as_of" or value is None
    }


def _address(request: Request, parts: Mapping[str, str]) -> str:
    asked: HttpRequest = request._request
    match = asked.resolver_match
    assert match is not None
    query = asked.META.get("QUERY_STRING", "")
    place = reverse(match.view_name, kwargs=dict(parts))
    return f"{place}?{query}" if query else place
