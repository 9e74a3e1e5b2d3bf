"""What is done with every request, whatever page it asks for."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.urls import is_valid_path
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
    set_response_etag,
)
from django.utils.http import escape_leading_slashes
from psycopg.errors import LockNotAvailable, QueryCanceled

from config import methods, refusals

Respond = Callable[[HttpRequest], HttpResponseBase]

LONGEST_ADDRESS = 16_384  # bytes of path and query
_MOST_DIGITS = 18
NOTHING = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)
PERMISSIONS = ", ".join([*(f"{name}=()" for name in NOTHING), "clipboard-write=(self)"])


def headers(respond: Respond) -> Respond:
    """What every answer says of itself unless it says otherwise.

    Pages may use no device; copy buttons may write to the clipboard. No other site may embed this. Browsers
    ask each time whether what they keep is still so, and no cache that is shared keeps what knows a person.
    The token of a form is given where forms are: Django gives one to whoever comes with one that is broken.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = respond(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-cache")
        if request.path_info.startswith(methods.PERSONAL):
            known = settings.SESSION_COOKIE_NAME
            is_known = known in request.COOKIES or known in response.cookies
            patch_cache_control(response, private=True, **({"no_store": True} if is_known else {}))
        else:
            response.cookies.pop(settings.CSRF_COOKIE_NAME, None)
        return response

    return answer


def requests(respond: Respond) -> Respond:
    """Refuses addresses that are too long, and what `methods` does not list: other methods and larger bodies.
    Says which methods there are.

    An address with a slash too many leads to the one without.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if len(request.get_full_path()) > LONGEST_ADDRESS:
            return refusals.too_long(request)
        taken = methods.methods_of(request.path_info)
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": ", ".join(taken)})
        if request.method not in taken:
            return refusals.not_allowed(request, taken)
        if _length(request) > (most := methods.largest(request.path_info)):
            return refusals.too_large(request, most)
        response = respond(request)
        return _without_slash(request) or response if response.status_code == 404 else response

    return answer


def _length(request: HttpRequest) -> int:
    """Bytes of the body, as its sender states them; Django reads no more. 0 where that is no number."""
    stated = request.headers.get("content-length") or ""
    return int(stated[:_MOST_DIGITS]) if stated.isdigit() and stated.isascii() else 0


def _without_slash(request: HttpRequest) -> HttpResponse | None:
    path = request.path_info.rstrip("/")
    if not path or path == request.path_info or not is_valid_path(path):
        return None
    query = request.META.get("QUERY_STRING", "")
    place = escape_leading_slashes(request.get_full_path().split("?", 1)[0].rstrip("/"))
    return HttpResponsePermanentRedirect(f"{place}?{query}" if query else place)


class Sessions(SessionMiddleware):
    """A session for what lies below the one path that may know a person, and for nothing else."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(methods.PERSONAL):
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return super().process_response(request, response) if hasattr(request, "session") else response


class Persons(AuthenticationMiddleware):
    """``request.user``, where there is a session."""

    def process_request(self, request: HttpRequest) -> None:
        if hasattr(request, "session"):
            super().process_request(request)


class Unchanged(ConditionalGetMiddleware):
    """What a reader has already is not sent again; HEAD is answered as GET is, which Django's own does not.

    What an answer depends on is said here, so that a 304 says it as well: how it is compressed, and for a
    page the cookie in which the theme is.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        patch_vary_headers(response, ["Accept-Encoding", *(["Cookie"] if is_page else [])])
        if request.method not in ("GET", "HEAD") or not isinstance(response, HttpResponse):
            return response
        if "ETag" not in response and self.needs_etag(response):
            set_response_etag(response)
        etag = response.get("ETag")
        if not etag:
            return response
        return conditional(request, response, etag=etag)


def conditional(request: HttpRequest, response: HttpResponse, *, etag: str | None) -> HttpResponse:
    """The answer, or what its conditions make of it: nothing where the reader has it, a refusal where another
    version is asked for. Nothing here has a date, so conditions that name one are none (RFC 9110 §13.1.4).
    """
    request.META.pop("HTTP_IF_UNMODIFIED_SINCE", None)
    answer = get_conditional_response(request, etag=etag, response=response) or response
    if answer.status_code == HTTPStatus.PRECONDITION_FAILED:
        return refusals.precondition_failed(request)
    return answer


class Outage:
    """A database that is away or too slow is said to be: a 503, never an empty page."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        if isinstance(exception.__cause__, QueryCanceled | LockNotAvailable):
            return refusals.too_slow(request)
        return refusals.database_away(request)
