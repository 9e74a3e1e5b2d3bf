"""What pages say in words of the site's own, read off their templates: no word of it is written twice."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from selectolax.lexbor import LexborHTMLParser, LexborNode

_FRAME = "unframed.html"
_OF_PAGES_ALONE = ".hidden, .crumbs, .printed, svg, button, legend, .choice"
_PARTS = "main :is(h2, h3, p, li, dt, dd, tr, pre)"
_WHOLE = {"li", "dd", "td", "th"}  # nothing within one is a line of its own


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, an item of a list, a row of a table, or what is said of a name, which is empty elsewhere.
    ``id`` is the anchor of its place on the page, empty where it has none.
    """

    text: str
    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below one heading, whose anchor is ``id``."""

    title: str
    id: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A page in words of the site's own; ``opening`` is what stands before its first section."""

    title: str
    description: str
    opening: list[Line] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)


def explanation(request: HttpRequest, template: str, **context: Any) -> Explanation:
    """What a page says that has this template, as of this installation. ``context`` is what else its view
    gives the template.
    """
    page = LexborHTMLParser(render_to_string(template, {"frame": _FRAME, **context}, request=request))
    for each in page.css(_OF_PAGES_ALONE):
        each.decompose()
    (title,), (about,) = page.css("h1"), page.css("meta[name=description]")
    found = Explanation(_said(title), about.attributes["content"] or "")
    _fill(found, page.css(_PARTS))
    return found


def _fill(page: Explanation, parts: Iterable[LexborNode]) -> None:
    """Put the parts of a page, in their order, where they belong: below the last heading, each with the name
    that stands before it.
    """
    lines, named = page.opening, {}
    for part in parts:
        anchor = part.attributes.get("id") or ""
        if part.tag == "h2":
            page.sections.append(Section(_said(part), anchor))
            lines = page.sections[-1].lines
        elif part.tag in ("dt", "h3"):
            named = {"name": _said(part), "id": anchor}
        elif line := _line(part, named):
            lines.append(line)
            named = {}


def _line(part: LexborNode, named: dict[str, str]) -> Line | None:
    """What a part says by itself; None where it says nothing, or what it stands in says it."""
    if any(each.tag in _WHOLE for each in _around(part)):
        return None
    if part.tag == "tr":
        return _row(part)
    text = _said(part)
    return Line(text, **named) if text else None


def _around(part: LexborNode) -> Iterable[LexborNode]:
    while (part := part.parent) is not None:  # type: ignore[assignment]
        yield part


def _row(part: LexborNode) -> Line | None:
    """A row below the heads of its table, each before what it is of; None for the heads themselves."""
    (table,) = [each for each in _around(part) if each.tag == "table"]
    heads, cells = table.css("thead th")[1:], part.css("td")
    if not cells:
        return None
    said = [f"{_said(head)}: {_said(cell)}" for head, cell in zip(heads, cells, strict=True)]
    return Line(" · ".join(said), name=_said(part.css("th")[0]))


def _said(of: LexborNode) -> str:
    """The words of an element on one line, with links and code as Markdown has them."""
    return " ".join(_words(of).split())


def _words(of: LexborNode) -> str:
    if of.tag == "-text":
        return of.text()
    inner = "".join(map(_words, of.iter(include_text=True)))
    if of.tag == "code":
        return f"`{inner}`"
    if of.tag == "a":
        return f"[{inner}]({of.attributes['href']})"
    return inner
