"""Public data: a script of any site may read the API, without credentials, of which there are none."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

PREFIX = "/api/"
Respond = Callable[[HttpRequest], HttpResponseBase]
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",  # seconds
}


def open_to_all(respond: Respond) -> Respond:
    """Middleware that says so on every answer of the API, errors and redirects among them."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = respond(request)
        if request.path_info.startswith(PREFIX):
            added = HEADERS | PREFLIGHT if request.method == "OPTIONS" else HEADERS
            for name, value in added.items():
                response.headers[name] = value
        return response

    return answer
