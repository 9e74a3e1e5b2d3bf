"""Markdown of models and of people, rendered: no images, no HTML of its own, links with their host beside.

Of a model it never stands for the words themselves: a page shows these first, verbatim.
"""

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from explorer.pages.rendering import sanitize
from explorer.pages.rendering.outside import way_to

_TAGS = {
    "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "small", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
_LINK_OF_THIS_SITE = re.compile(r"/(?![/\\])|#")
_REL = "nofollow ugc noopener noreferrer"


def rendered(text: str) -> SafeString:
    """What a model wrote, as HTML. Headings are strong paragraphs, for the page has its own; an image is a
    link.
    """
    return _clean(_MARKDOWN.render(sanitize.visible(text)))


def rendered_statement(text: str, *, of: str = "") -> SafeString:
    """The same of what somebody sends to this site: his links lead to https alone, by a page that says where,
    and others are words. ``of`` is the event whose words they are (`outside.way_to`); of none, such as a
    draft, no link leads away.
    """
    return _clean(_OF_PEOPLE.render(sanitize.visible(text)), keep=partial(_of_people, of))


def _clean(html: str, *, keep: Callable[[str, str, str], str | None] | None = None) -> SafeString:
    return SafeString(
        nh3.clean(
            html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_REL,
            attribute_filter=keep,
        )
    )  # fmt: skip


def _of_people(of: str, tag: str, name: str, value: str) -> str | None:
    """An attribute as it may stand: no address but of this site, and ours for one of https."""
    if name != "href" or _LINK_OF_THIS_SITE.match(value):
        return value
    return way_to(value, of) if of else None


def _heading_open(*_: Any) -> str:
    return "<p><strong>"


def _heading_close(*_: Any) -> str:
    return "</strong></p>\n"


def _link_open(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    address = str(tokens[at].attrs.get("href", ""))
    env.setdefault("links", []).append(address)
    return f'<a href="{escape(address)}">'


def _link_close(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    return f"</a>{_beside(env['links'].pop())}"


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    address = str(tokens[at].attrs.get("src", ""))
    return f'<a href="{escape(address)}">{escape(tokens[at].content)}</a>{_beside(address)}'


def _beside(address: str) -> str:
    host = _host(address)
    return f" <small>({escape(host)})</small>" if host else ""


def _host(address: str) -> str:
    """Where a link leads, for people to read; empty where it is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return sanitize.line(parts.netloc or parts.path.partition("@")[2])


def _markdown() -> MarkdownIt:
    found = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    rules: Mapping[str, Any] = {
        "heading_open": _heading_open,
        "heading_close": _heading_close,
        "link_open": _link_open,
        "link_close": _link_close,
        "image": _image,
    }
    for name, rule in rules.items():
        found.add_render_rule(name, rule)
    return found


_MARKDOWN = _markdown()
_OF_PEOPLE = _markdown().enable("image")
