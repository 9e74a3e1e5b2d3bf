"""What goes wrong in the API's views, as problem+json. What is not foreseen is Django's to log."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from rest_framework.exceptions import NotAcceptable
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import problems
from explorer.api.rendering import JsonRenderer
from explorer.queries.db.errors import BadQuestion, Busy, Damaged, NotHere, TooLarge
from explorer.query_parameters import BadParameters

BUSY_SECONDS = 5
"""After which whoever found no place may ask again."""

_TOLD = NotHere | BadQuestion | Damaged | TooLarge | Busy


class Moved(Exception):
    """The address is written in another way; the message is how."""


def exception_handler(exception: Exception, context: dict[str, Any]) -> HttpResponseBase | None:
    """The answer to what a view raised; None for what is not foreseen."""
    request: Request = context["request"]
    if isinstance(exception, Moved):
        return HttpResponsePermanentRedirect(str(exception), headers={"Cache-Control": "public, max-age=300"})
    name = _name(exception)
    if name is None:
        return None
    faults = exception.faults if isinstance(exception, BadParameters) else ()
    detail = str(exception) if isinstance(exception, _TOLD) else ""
    line = exception.line if isinstance(exception, BadParameters) else None
    members = {} if line is None else problems.of_line(line)
    headers = {"Retry-After": str(BUSY_SECONDS)} if isinstance(exception, Busy) else None
    return problem(name, request, headers=headers, detail=detail, faults=faults, members=members)


def problem(name: str, request: Request, *, headers: Any = None, **document: Any) -> Response:
    """A problem as an answer, in JSON whatever was asked for."""
    request.accepted_renderer, request.accepted_media_type = JsonRenderer(), problems.MEDIA_TYPE
    told = problems.document(name, request._request, **document)
    return Response(told, status=told["status"], headers=headers, content_type=problems.MEDIA_TYPE)


def _name(exception: Exception) -> str | None:
    for cause, name in _NAMES:
        if isinstance(exception, cause):
            return name
    return None


_NAMES: tuple[tuple[type[Exception], str], ...] = (
    (NotHere, "not-here"),
    (Damaged, "damaged"),
    (TooLarge, "too-large"),
    (Busy, "busy"),
    (BadQuestion, "bad-parameter"),
    (Http404, "no-such-address"),
    (NotAcceptable, "not-acceptable"),
    (SuspiciousOperation, "bad-request"),
)
