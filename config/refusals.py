"""Answers to what cannot be answered: a page for people, problem+json (RFC 9457) for programs."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from explorer.api import problems
from explorer.challenges import signed_out
from explorer.pages.frame import errors
from explorer.pages.frame.feeding import FEEDS

RETRY_SECONDS = 5

_FOR_PROGRAMS = ("/api/", f"{FEEDS}/")

_WHAT_TO_DO = {
    "no-such-address": "Look for a record, block or transaction by its number or its hash, above.",
    "forbidden": "Nothing was stored: the form came without the cookie that this site gave with it, or from "
    "elsewhere. Go back: what you typed should still be there. Copy it, load that page again, paste it and "
    "send it, with cookies allowed for this site.",
    "typed": "Nothing was stored: the form came without the cookie that this site gave with it. What you "
    "typed stands below: copy it, load that page again, paste it and send it, with cookies allowed for this "
    "site.",
    "bad-request": "Start from the home page: the address that you used is not one of this site's.",
    "address-too-long": "Ask for less at a time, or start from the home page.",
    "precondition-failed": "Your program asks for one version of this page (If-Match), and this is another. "
    "Load it again.",
    "too-large": "Nothing was stored. Go back: what you typed should still be there. Make it shorter and "
    "send it again; at most {most:,} bytes are taken here.",
    "method-not-allowed": "Nothing can be sent to this address. Follow a link to it instead.",
    "broken": "It is not your doing, and it was written to the log. Try another page.",
    "too-slow": "The database did not answer in time, so there is nothing to show. Ask for less, or try "
    "again in a moment.",
    "database-away": "That is a fault of this site, not of the chain. Try again in a moment.",
}


def is_for_programs(request: HttpRequest) -> bool:
    """Whether a program asks: one that reads the API, or feeds."""
    return request.path_info.startswith(_FOR_PROGRAMS)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No route leads anywhere from this address."""
    return _refusal(request, "no-such-address")


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """A form came from another site, or too late; ``reason`` is Django's, for whoever builds the form."""
    kind = _kind("forbidden")
    if is_for_programs(request):
        return problems.answer(kind.name, request)
    typed = _typed(request) if reason else {}
    what_to_do = _WHAT_TO_DO["typed" if typed else kind.name]
    return errors.error(request, kind.status, kind.title, what_to_do, more={"typed": typed})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request itself is not one that is taken here, for its Host or its size."""
    return _refusal(request, "bad-request")


def broken(request: HttpRequest) -> HttpResponse:
    """A mistake of ours. Nothing is asked of the database, and no detail is told."""
    return _refusal(request, "broken")


def too_long(request: HttpRequest) -> HttpResponse:
    """The address is longer than any of this site's."""
    return _refusal(request, "address-too-long")


def not_allowed(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    """The method is none of these."""
    response = _refusal(request, "method-not-allowed")
    response.headers["Allow"] = ", ".join(methods)
    return response


def precondition_failed(request: HttpRequest) -> HttpResponse:
    """A version was asked for that this is not."""
    return _refusal(request, "precondition-failed")


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    """More was sent than the ``most`` bytes that this address takes."""
    return _refusal(request, "too-large", most=most)


def too_slow(request: HttpRequest) -> HttpResponse:
    """A query was cut off: there is no answer, which is not an empty one."""
    return _later(_refusal(request, "too-slow"))


def database_away(request: HttpRequest) -> HttpResponse:
    """There is no database to ask."""
    return _later(_refusal(request, "database-away"))


def _refusal(request: HttpRequest, name: str, **words: object) -> HttpResponse:
    """The problem of the API's catalogue with this name, in the form that whoever asks can read."""
    if is_for_programs(request):
        return problems.answer(name, request)
    kind = _kind(name)
    return errors.error(request, kind.status, kind.title, _WHAT_TO_DO[name].format(**words))


def _kind(name: str) -> problems.Kind:
    kind = problems.kind(name)
    assert kind is not None
    return kind


def _typed(request: HttpRequest) -> Mapping[str, str]:
    """What somebody typed into a form of this site, by the names of its fields; of one elsewhere nothing."""
    if request.method != "POST" or request.headers.get("Sec-Fetch-Site") != "same-origin":
        return {}
    try:
        return signed_out.typed_in(request)
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return {}


def _later(response: HttpResponse) -> HttpResponse:
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
