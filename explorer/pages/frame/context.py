"""What every page knows: the site's own words, its chains, the reader's theme."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from explorer.queries.chain.chains import ChainView, chain_among, chains

logger = logging.getLogger(__name__)

THEME = "theme"
"""The cookie that keeps the reader's theme, the only one there is."""

THEMES = ("light", "dark")
_KNOWN = "known_chains"  # the attribute of a request


@dataclass(frozen=True, slots=True)
class Site:
    """What the operator says of the site; a text is empty where nothing is set."""

    name: str
    operator: str
    contact: str
    licence: str
    source: str
    version: str
    """Of the program."""

    has_accounts: bool
    """Whether people can sign in, and file challenges."""

    hides_records: bool
    """Whether pages with the words of records are kept out of search engines."""


def site(request: HttpRequest) -> Mapping[str, Any]:
    """The context of every page. Chains are asked for once, and only by a page that shows them."""
    return {**words(request), "chains": SimpleLazyObject(lambda: _chains(request))}


def chains_of(request: HttpRequest) -> Sequence[ChainView]:
    """Every chain, asked for once a request."""
    found: Sequence[ChainView] | None = getattr(request, _KNOWN, None)
    if found is None:
        found = chains()
        setattr(request, _KNOWN, found)
    return found


def chain_of(request: HttpRequest, brid: bytes) -> ChainView:
    """The chain with that RID. Raises ``NotHere``."""
    return chain_among(chains_of(request), brid)


def words(request: HttpRequest) -> Mapping[str, Any]:
    """What needs no database."""
    return {
        "site": Site(
            settings.SITE_NAME,
            settings.OPERATOR,
            settings.CONTACT,
            settings.DATA_LICENCE,
            settings.SOURCE_URL,
            settings.VERSION,
            settings.CHALLENGES,
            bool(settings.NOINDEX),
        ),
        "theme": theme_of(request),
    }


def theme_of(request: HttpRequest) -> str:
    """The theme that the reader chose; empty where the system's counts."""
    chosen = request.COOKIES.get(THEME, "")
    return chosen if chosen in THEMES else ""


def _chains(request: HttpRequest) -> Sequence[ChainView]:
    """The chains for the frame of a page: a page that needs none of them does without a database too."""
    try:
        return chains_of(request)
    except DatabaseError as error:
        logger.warning("A page is shown without its list of chains: %s", error)
        return ()
