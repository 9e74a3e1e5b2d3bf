"""The addresses of pages as links have them."""

from urllib.parse import quote

from django.http import HttpRequest
from django.utils.http import RFC3986_SUBDELIMS

_PLAIN = f"{RFC3986_SUBDELIMS}/~:@"  # as in all addresses that Django writes


def path_of(request: HttpRequest) -> str:
    """The path that is asked for, as a link has it: in ``request.path`` a name holds its own ``?``, ``#`` and
    ``%``, which mean something else in a link.
    """
    return quote(request.path, safe=_PLAIN)
