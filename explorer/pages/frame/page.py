"""What all pages have in common: one address each, errors in words, and how long they may be kept."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial, wraps
from http import HTTPStatus

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from explorer.pages.frame import errors
from explorer.pages.frame.addresses import path_of
from explorer.pages.frame.context import chains_of
from explorer.pages.frame.indexing import is_left_out
from explorer.pages.frame.refused_line import refused_line, without
from explorer.pages.frame.sharing import without_sharing
from explorer.queries.chain.transactions import WithheldBytes
from explorer.queries.db.errors import BadQuestion, Busy, Damaged, NotHere, TooLarge
from explorer.queries.db.filters import Filter
from explorer.queries.db.pagination import PageRequest
from explorer.queries.db.snapshot import snapshot
from explorer.query_parameters import BadParameters, QueryParameters, query_of, tidied

_HEX = re.compile(r"(?<=/)[0-9A-Fa-f]{64}(?=/|$)")

_OF_PAGES_ALONE = ("view", "format")
_NO_FILTERS = (
    *("before", "after", "cursor", "limit", "order"),
    *("revision", "view", "format", "since", "transactions_after"),
)
"""Parameters that leave nothing out."""

BUSY_SECONDS = 5
"""After which whoever found no place for a comparison may ask again."""

View = Callable[..., HttpResponse]
Refused = Callable[[HttpRequest, Exception], HttpResponse]
_UNANSWERABLE = (NotHere, BadQuestion, Damaged, WithheldBytes, TooLarge, Busy)


def page(view: View) -> View:
    """A view at its canonical address, all of one state of the tables, whose unanswerable questions become
    error pages. Its query has no parameter.
    """

    @wraps(view)
    def unasked(request: HttpRequest, asked: QueryParameters, **kwargs: object) -> HttpResponse:
        asked.check()
        return view(request, **kwargs)

    return asking()(unasked)


def asking(
    *parameters: str, form: type[Filter] | None = None, refused: Refused | None = None
) -> Callable[[View], View]:
    """The same for a view that is handed what its query asks for, as its second argument, and checks it.

    ``form`` are the filters of a list that a form may ask for, which sends what is empty, and things twice:
    see ``led``. ``refused`` answers what cannot be answered, where that is no page.
    """
    return lambda view: _at_its_address(view, parameters, form=form, refused=refused)


def led(request: HttpRequest, address: str) -> HttpResponse | None:
    """Whoever asks otherwise is led to the one address at which this is asked; None where it is that."""
    path, _, query = address.partition("?")
    if request.path == path and list(request.GET.lists()) == list(QueryDict(query).lists()):
        return None
    return HttpResponseRedirect(address)


def _at_its_address(
    view: View, parameters: Collection[str], *, form: type[Filter] | None, refused: Refused | None
) -> View:
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: object) -> HttpResponse:
        canonical = _HEX.sub(lambda digits: digits[0].upper(), request.path)
        given = request.META.get("QUERY_STRING", "")
        clean = without_sharing(given, known=parameters)
        if canonical != request.path or clean != given:
            return HttpResponsePermanentRedirect(f"{canonical}?{clean}" if clean else canonical)
        with snapshot():
            query = request.GET if form is None else tidied(request.GET, form)
            asked = QueryParameters(query, known=parameters)
            try:
                response = view(request, asked, **kwargs)
            except _UNANSWERABLE as error:
                tell = refused or partial(_refused, is_list=form is not None, brid=kwargs.get("brid"))
                response = tell(request, error)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Cookie", "HX-Request"])
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return answer


def _refused(request: HttpRequest, error: Exception, *, is_list: bool, brid: object) -> HttpResponse:
    """The page of why a view does not show it: of a list with the sections of all chains."""
    more: Mapping[str, object] = {}
    why = str(error)
    if isinstance(error, NotHere):
        status, title = HTTPStatus.NOT_FOUND, "That is not here"
    elif isinstance(error, Damaged):
        status, title = HTTPStatus.INTERNAL_SERVER_ERROR, "This is damaged here"
    elif isinstance(error, WithheldBytes):
        status, title = HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS, "This is withheld"
        why = f"The operator of this site withholds it: {error}"
    elif isinstance(error, TooLarge):
        status, title = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is more than is compared"
    elif isinstance(error, Busy):
        return _later(request, why)
    else:
        status, title = HTTPStatus.BAD_REQUEST, "We don't understand this address"
        if isinstance(error, BadParameters):
            more, title = _offered(request, error), _not_understood(error)
    # With the sections of the chain that was asked about, where it is one that is here.
    chain = None if brid is None else next((each for each in chains_of(request) if each.brid == brid), None)
    return errors.error(request, status, title, why, chain=chain, is_sound=is_list, more=more)


def _later(request: HttpRequest, why: str) -> HttpResponse:
    told = (
        f"{why} Nothing is wrong with what you ask: load this page again in {BUSY_SECONDS} seconds, which "
        "asks the same once more."
    )
    response = errors.error(request, HTTPStatus.SERVICE_UNAVAILABLE, "Not just now", told)
    response.headers["Retry-After"] = str(BUSY_SECONDS)
    return response


def _not_understood(error: BadParameters) -> str:
    """Which part of an address it is that cannot be meant."""
    if error.line is not None:
        return "We don't understand this search"
    if all(each.code == "too-many" for each in error.faults):
        return "That is more than can be compared at a time"
    if all(each.parameter in _NO_FILTERS for each in error.faults):
        return "We don't understand this address"
    return "We don't understand this filter"


def _offered(request: HttpRequest, error: BadParameters) -> Mapping[str, object]:
    """What may be asked instead."""
    if error.line is not None:
        return {"refused": refused_line(request, error.faults, error.line), "asked": error.line.line}
    if all(each.parameter == "order" for each in error.faults):
        begin = query_of(request.GET, PageRequest())
        return {"newest": f"{request.path}?{begin}" if begin else request.path}
    rest = without(request, {each.parameter for each in error.faults})
    return {"without": rest} if rest != path_of(request) else {}


def show(
    request: HttpRequest,
    template: str,
    *,
    status: int = HTTPStatus.OK,
    **context: object,
) -> HttpResponse:
    """Render a template. ``noindex`` in what it is given asks search engines to leave it out, where
    ``indexing`` does not.
    """
    noindex = bool(context.get("noindex")) or is_left_out(request, status)
    known = {"api_path": json_of(request), **context, "noindex": noindex}
    response = render(request, template, known, status=status)
    if noindex:
        response.headers["X-Robots-Tag"] = "noindex"
    if status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
        response.headers["Link"] = errors.BLOCKED_BY
    return response


def json_of(request: HttpRequest, **more: str) -> str:
    """The address of the same as JSON. The API takes what pages take, but for how one looks; ``more`` is what
    goes without saying on the page alone.
    """
    asked = request.GET.copy()
    for name in _OF_PAGES_ALONE:
        asked.pop(name, None)
    for name, word in more.items():
        asked[name] = word
    path = f"/api/v1{path_of(request)}"
    return f"{path}?{asked.urlencode()}" if asked else path


def download(data: bytes, *, name: str) -> HttpResponse:
    """Bytes of a stranger, as a file that no browser opens; kept for five minutes at most."""
    return HttpResponse(
        data,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "public, max-age=300",
            "X-Robots-Tag": "noindex",
        },
    )
