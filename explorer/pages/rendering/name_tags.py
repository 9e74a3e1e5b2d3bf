"""Names on pages: chains, records, scouts, models, providers, and the lists to which each leads.

What repeats from row to row is kept, none of it a text that may be withheld.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from explorer.pages.rendering import sanitize
from explorer.pages.rendering.tags import FIRST, KEPT, LONGEST_CHAIN
from explorer.queries.chain.chains import ChainView, told_apart
from explorer.queries.db.filters import Filter
from explorer.queries.groups.naming import part_of
from explorer.queries.ledger.ledger_filter import LedgerFilter
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.row import RecordRow
from explorer.query_parameters import LONGEST_LINK
from explorer.query_parameters import link as link_to

register = template.Library()

LONGEST_NAME = 60  # characters of a model's or provider's name
_LONGEST_SCOUT = 4  # digits that a column of a list surely takes


@register.simple_tag
def record_link(row: RecordRow) -> SafeString:
    """A record's number, which leads to its page."""
    number = int(row.prompt_id)
    return SafeString(f'<a href="{_records_at(row.rid)}/{number}">#{number}</a>')


@register.simple_tag
def chain_link(rid: str, of: Sequence[ChainView]) -> SafeString:
    """What one of these chains is called, which leads to its records; with the beginning of its RID where it
    has no name, or another one has the same.
    """
    chain = next((each for each in of if each.rid == rid), None)
    if chain is None:
        return _chain_link(rid, "", rid[:FIRST])
    return _chain_link(rid, chain.name, told_apart(chain, of))


@lru_cache(maxsize=KEPT)
def _chain_link(rid: str, name: str, digits: str) -> SafeString:
    if not name:
        return format_html('<a class="mono" href="{}">{}…</a>', _records_at(rid), digits)
    shown = sanitize.line(name, limit=LONGEST_CHAIN)
    if not digits:  # one element less in each row of a list
        return format_html('<a class="name" dir="auto" href="{}">{}</a>', _records_at(rid), shown)
    beside = format_html(' <span class="mono">{}…</span>', digits)
    return format_html('<a href="{}"><bdi class="name">{}</bdi>{}</a>', _records_at(rid), shown, beside)


@lru_cache(maxsize=KEPT)
def _records_at(rid: str) -> SafeString:
    return escape(reverse("records", args=[rid]))


@register.simple_tag
@lru_cache(maxsize=KEPT)
def scout(uid: int, rid: str = "") -> SafeString:
    """A scout, as named by the writer of the record: digits without commas, for it is a name. A long one may
    be cut in a list, where its title has all of it. ``rid`` is of the chain on whose page of this scout it
    leads.
    """
    shown = format_html('<span class="scout">{}</span>', uid)
    if len(str(uid)) > _LONGEST_SCOUT:
        shown = format_html('<span class="scout" title="{}">{}</span>', uid, uid)
    return _linked(shown, reverse("scout", args=[rid, uid]) if rid else "")


@register.simple_tag
def seed(number: int, at: str = "") -> SafeString:
    """A seed. ``at`` is the path of the list to whose records with this seed it leads."""
    return _linked(format_html('<span class="n">{}</span>', number), records_of(at, seed=number))


@register.simple_tag
@lru_cache(maxsize=KEPT)
def model(name: str, provider: str = "", at: str = "") -> SafeString:
    """A model and who served it, bounded, each isolated from what stands around it. ``at`` is the path of the
    list in which they stand, where each leads to its page.
    """
    if not provider:
        return _name(name, at, "model")
    return format_html("{} <small>via {}</small>", _name(name, at, "model"), _name(provider, at, "provider"))


@register.simple_tag(name="provider")
def provider_alone(name: str, at: str = "") -> SafeString:
    """A provider by itself, in the same way."""
    return _name(name, at, "provider")


@register.simple_tag
def records_of(at: str, **wanted: Any) -> str:
    """The address of the list at a path with these filters; empty where there is no path, nothing to ask for,
    or more than an address holds.
    """
    return _asking(at, RecordFilter, wanted)


@register.simple_tag
def changes_of(at: str, **wanted: Any) -> str:
    """The address of the ledger at a path with these filters, in the same way."""
    return _asking(at, LedgerFilter, wanted)


def _asking(at: str, form: Callable[..., Filter], wanted: Mapping[str, Any]) -> str:
    if not at or not all(each not in ("", b"", None) for each in wanted.values()):
        return ""
    if any(isinstance(each, str) and len(each) > LONGEST_LINK for each in wanted.values()):
        return ""
    return _address_of(at, form, *wanted.items())


@lru_cache(maxsize=KEPT)
def _address_of(at: str, form: Callable[..., Filter], *wanted: tuple[str, Any]) -> str:
    """Names and numbers repeat from row to row, and from list to list."""
    return link_to(at, form(**dict(wanted)))


@lru_cache(maxsize=KEPT)
def _name(name: str, at: str, of: str) -> SafeString:
    """The name, within a list as a link to its page."""
    url = reverse(of, args=[part_of(name)]) if at else ""
    shown = " ".join(name[: 4 * LONGEST_NAME].split())
    if not shown:
        return _linked(SafeString('<em class="quiet">not named</em>'), url)
    if len(shown) <= LONGEST_NAME and len(name) <= 4 * LONGEST_NAME:
        found = format_html('<bdi class="name">{}</bdi>', sanitize.words(shown))
    else:
        begun = sanitize.words(shown[:LONGEST_NAME])
        found = format_html('<bdi class="name" title="{}">{}…</bdi>', sanitize.line(name), begun)
    return _linked(found, url)


def _linked(shown: SafeString, url: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, shown) if url else shown
