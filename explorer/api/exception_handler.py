"""What goes wrong in the API's views, as problem+json. What is not foreseen is Django's to log."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from rest_framework.exceptions import (
    AuthenticationFailed,
    MethodNotAllowed,
    NotAcceptable,
    NotAuthenticated,
    PermissionDenied,
)
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import problems
from explorer.api.rendering import JsonRenderer
from explorer.queries.db.errors import BadQuestion, Busy, Damaged, NotHere, TooLarge
from explorer.query_parameters import BadParameters, Fault

BUSY_SECONDS = 5
"""After which whoever found no place may ask again."""

_TOLD = NotHere | BadQuestion | Damaged | TooLarge | Busy
# The framework's own, whose words say what is missing.
_MISSING = AuthenticationFailed | PermissionDenied


class Moved(Exception):
    """The address is written in another way; the message is how."""


class Refused(Exception):
    """A problem of the catalogue by its name, for whoever knows best what it says; what, see `problem`."""

    def __init__(
        self, name: str, detail: str = "", *, faults: Collection[Fault] = (),
        members: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.name = name
        self.faults = faults
        self.members = members
        self.headers = headers


def exception_handler(exception: Exception, context: dict[str, Any]) -> HttpResponseBase | None:
    """The answer to what a view raised; None for what is not foreseen."""
    request: Request = context["request"]
    if isinstance(exception, Moved):
        return HttpResponsePermanentRedirect(str(exception), headers={"Cache-Control": "public, max-age=300"})
    if isinstance(exception, Refused):
        told = {"detail": str(exception), "faults": exception.faults, "members": exception.members}
        return problem(exception.name, request, headers=exception.headers, **told)
    name = _name(exception)
    if name is None:
        return None
    faults = exception.faults if isinstance(exception, BadParameters) else ()
    detail = str(exception) if isinstance(exception, _TOLD | _MISSING) else ""
    line = exception.line if isinstance(exception, BadParameters) else None
    members = {} if line is None else problems.of_line(line)
    return problem(name, request, headers=_headers(exception), detail=detail, faults=faults, members=members)


def _headers(exception: Exception) -> Mapping[str, str] | None:
    if isinstance(exception, Busy):
        return {"Retry-After": str(BUSY_SECONDS)}
    if isinstance(exception, AuthenticationFailed | NotAuthenticated):
        return {"WWW-Authenticate": getattr(exception, "auth_header", "Bearer")}
    return None


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
    (NotAuthenticated, "no-key"),
    (AuthenticationFailed, "no-key"),
    (PermissionDenied, "forbidden"),
    (MethodNotAllowed, "method-not-allowed"),
    (SuspiciousOperation, "bad-request"),
)
