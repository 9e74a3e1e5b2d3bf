"""What an edit changed, in words."""

from collections.abc import Iterator, Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from explorer.diff.summary import Summary
from explorer.diff.texts import Kind
from explorer.pages.rendering import sanitize
from explorer.queries.records.edit import Became, Edit

register = template.Library()

_MOST_NAMES = 6
_LONGEST_NAME = 40
_WORDS = "“<bdi>{}{}</bdi>”"
_SPACES = {" ": "space", "\n": "line break", "\t": "tab"}
_WHITE_SPACE = SafeString("white space")


@register.simple_tag
def edit(found: Edit | None) -> SafeString | str:
    """Which words became which, and how many of how many; that only white space changed; or that the words
    stayed, and what changed beside them; and whether the first words came back. Nothing where that is not
    told.
    """
    if found is None:
        return ""
    if found.came_back:
        return format_html("in between, {}; then the first words came back", _between(found))
    if found.is_white_space and not found.is_white_space_alone:
        return "only white space differs from what was first written"
    return _told(found)


@register.simple_tag
def edit_of(told: Mapping[int, Edit], number: int) -> SafeString | str:
    """The same of the revision with that number, where it changed more than white space in the words."""
    found = told.get(number)
    return "" if found is None or found.told is None or found.is_white_space else edit(found)


def _between(found: Edit) -> SafeString | str:
    if found.told is None or (found.is_white_space and not found.is_white_space_alone):
        return "something else was written"
    return _told(found)


def _told(found: Edit) -> SafeString | str:
    if found.is_white_space:
        return "only white space changed"
    if found.told is None or not found.changes:
        return _beside(found)
    told = [*_became(found), _counted(found.told)]
    return format_html_join("; ", "{}", ((each,) for each in told))


def _beside(found: Edit) -> SafeString | str:
    if not found.beside:
        return "the words stayed the same"
    names = [sanitize.words(sanitize.line(each, limit=_LONGEST_NAME)) for each in found.beside[:_MOST_NAMES]]
    more = f" and {len(found.beside) - _MOST_NAMES} more" if len(found.beside) > _MOST_NAMES else ""
    listed = format_html_join(", ", "<bdi>{}</bdi>", ((each,) for each in names))
    return format_html("the words stayed the same; only {}{} changed", listed, more)


def _became(found: Edit) -> Iterator[SafeString | str]:
    if found.is_line_diff or found.is_mostly_different:
        yield "mostly other words" if found.is_mostly_different else "compared line by line"
        return
    yield from map(_change, found.became)
    if found.more:
        yield f"{found.more:,} more change{'' if found.more == 1 else 's'}"


def _change(found: Became) -> SafeString:
    a, b = _words(found.a, is_cut=found.is_a_cut), _words(found.b, is_cut=found.is_b_cut)
    if found.kind is Kind.INSERT:
        return format_html("{} was put in", b)
    if found.kind is Kind.DELETE:
        return format_html("{} was taken out", a)
    if a == b == _WHITE_SPACE:
        return SafeString("white space became other white space")
    return format_html("{} became {}", a, b)


def _words(text: str, *, is_cut: bool) -> SafeString:
    if not text.strip():
        return _space(text, is_cut=is_cut)
    return format_html(_WORDS, sanitize.words(" ".join(text.split())), "…" if is_cut else "")


def _space(text: str, *, is_cut: bool) -> SafeString:
    """A space, two line breaks: what white space is, where it is all of a kind and all here."""
    name = _SPACES.get(text[:1])
    if name is None or is_cut or text.strip(text[0]):
        return _WHITE_SPACE
    return SafeString(f"a {name}" if len(text) == 1 else f"{len(text)} {name}s")


def _counted(told: Summary) -> str:
    if told.gone:
        return f"{told.gone:,} of {told.words:,} word{'' if told.words == 1 else 's'}"
    if told.come:
        return f"{told.come:,} word{'' if told.come == 1 else 's'} added to {told.words:,}"
    return f"none of {told.words:,} words"
