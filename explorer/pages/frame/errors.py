"""Errors as pages: what happened, and what to do next."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from explorer.pages.frame.context import words
from explorer.queries.chain.chains import ChainView

_KNOW_CHAINS = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS)
BLOCKED_BY = '</contact>; rel="blocked-by"'
"""Who withholds something, as a Link header (RFC 7725)."""


def error(
    request: HttpRequest,
    status: HTTPStatus,
    title: str,
    what_to_do: str,
    *,
    chain: ChainView | None = None,
    is_sound: bool = False,
    template: str = "",
    more: Mapping[str, object] | None = None,
) -> HttpResponse:
    """A page with this status. Only those of which nothing is broken ask the database for the chains.

    ``chain`` is the one that was asked about, with which nothing is broken; its sections are then offered.
    ``is_sound`` is whether nothing is broken, whatever the status is. ``more`` is what its template shows
    besides.
    """
    context = {
        **words(request),
        "status": int(status),
        "title": title,
        "what_to_do": what_to_do,
        "request": request,
        "chain": chain,
        "noindex": True,
        **(more or {}),
    }
    templates = [template] if template else [f"errors/{status:d}.html", "errors/error.html"]
    knows_chains = is_sound or status in _KNOW_CHAINS or chain is not None
    page = render_to_string(templates, context, request if knows_chains else None)
    response = HttpResponse(
        page, status=status, headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    )
    patch_vary_headers(response, ["Cookie"])
    if status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
        response.headers["Link"] = BLOCKED_BY
    return response
