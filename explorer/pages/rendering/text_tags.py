"""What records say, on pages: their words whole, cut or rendered, why they are withheld, lines of lists."""

from collections.abc import Sequence
from itertools import pairwise

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from explorer.pages.rendering import sanitize
from explorer.pages.rendering.comparing import Run
from explorer.pages.rendering.gathering import Entry
from explorer.pages.rendering.markdown import rendered, rendered_statement
from explorer.pages.rendering.tags import number
from explorer.queries.db.private import Part, beginning_of, blotted, parts_of
from explorer.queries.db.texts import Snippet, Text, Withheld
from explorer.queries.records.match import Match
from explorer.search.hits import Line

register = template.Library()

LONGEST_REASON = 500
MOST_FOLDED = 20  # places of a text that are folded by themselves
_WITHHELD = {
    Withheld.HIDDEN: "Hidden by the operator of this site",
    Withheld.ERASED: "Erased by the operator of this site; its hash is kept",
    Withheld.UNREADABLE: "Not a text that can be shown",
}
_NOTE = '<em class="quiet"><bdi>{}</bdi></em>'
_CHANGE = (
    '<a class="turn" id="{0}-{1}" href="#{0}-{2}" aria-label="Change {1} of {3}, to the next one">{1}</a>{4}'
)
_PLACED = '<div class="line{}"><small>{}:</small> {}</div>'


@register.simple_tag
def said(
    text: Text | str, *, kind: str = "", removed: bool = False, limit: int = 0, rest: str = ""
) -> SafeString:
    """The words of a record, verbatim but for invisible characters, which are named; what is private in them
    is folded.

    Of more than ``limit`` characters (0: none) the beginning is shown, how many there are, and a link to
    ``rest``, where all of them are.
    """
    if isinstance(text, Text) and text.value is None:
        return withheld(text)
    value = text if isinstance(text, str) else text.value or ""
    if not value:
        return SafeString('<p class="quiet">Nothing: the text is empty.</p>')
    if value.isspace():
        return format_html('<p class="quiet">White space alone, {} characters.</p>', number(len(value)))
    classes = " ".join(filter(None, ("said", kind, "removed" if removed else "")))
    shown = beginning_of(value, limit) if 0 < limit < len(value) else value
    cut = _cut(len(shown), len(value), rest=rest) if len(shown) < len(value) else ""
    return format_html('<div class="{}" dir="auto">{}</div>{}', classes, _folded(shown), cut)


@register.simple_tag
def markdown(text: str, limit: int, rest: str) -> SafeString:
    """What a record said, rendered as Markdown; what is private in it is named in brackets. Of more than
    ``limit`` characters the beginning, as ``said`` cuts it.
    """
    shown = beginning_of(text, limit) if limit < len(text) else text
    cut = _cut(len(shown), len(text), rest=rest) if len(shown) < len(text) else ""
    return format_html('<div class="said rendered" dir="auto">{}</div>{}', rendered(blotted(shown)), cut)


@register.simple_tag
def statement(text: str, number: int = 0, event: int = 0) -> SafeString:
    """What somebody wrote of a challenge, as Markdown without images or HTML of its own, whose links lead to
    https alone, and away from here only from the words of an event of a challenge with a ``number``; what is
    private in it is named in brackets.
    """
    said = rendered_statement(blotted(text), of=f"{number}.{event}" if number else "")
    return format_html('<div class="said rendered" dir="auto">{}</div>', said)


@register.simple_tag
def beginning(text: str, limit: int) -> SafeString:
    """The first characters of what a record said, as ``said`` shows them."""
    return _folded(beginning_of(text, limit))


def _folded(text: str) -> SafeString:
    """The text, what is private in it where a reader who wants to see it opens it."""
    return format_html_join("", "{}", ((_part(each),) for each in parts_of(text, most=MOST_FOLDED)))


def _part(part: Part) -> SafeString:
    words = sanitize.words(part.text)
    if not part.kind:
        return words
    return format_html('<details class="private"><summary>{}</summary>{}</details>', part.kind, words)


@register.simple_tag
def exact(text: str, limit: int = 0) -> SafeString:
    """A text for a ``pre``: its words, invisible characters named; at most ``limit`` characters (0: all)."""
    return sanitize.words(text[:limit] if limit else text)


@register.simple_tag
def runs(given: Sequence[Run], place: str, last: int) -> SafeString:
    """Runs of a difference. Each change begins with its number, which leads to the next of ``last``; by
    ``place`` its anchor is told from those of other differences of the page.
    """
    return format_html_join("", "{}", ((_run(each, place, last),) for each in given))


def _run(run: Run, place: str, last: int) -> SafeString:
    words = format_html_join("", "{}", ((_part(each),) for each in run.parts))
    if run.cut:
        words = format_html("{} <small>… {} more characters</small>", words, number(run.cut))
    if run.kind == "same":
        return format_html("<span>{}</span>", words)
    if run.kind == "fold":
        return format_html("<details><summary>{}</summary>{}</details>", run.told, words)
    tag, told = ("del", "deleted: ") if run.kind == "deleted" else ("ins", "inserted: ")
    shown = format_html('<{0}><span class="hidden">{1}</span>{2}</{0}>', tag, told, words)
    if not run.number:
        return shown
    following = run.number % last + 1
    return format_html(_CHANGE, place, run.number, following, last, shown)


@register.simple_tag
def withheld(text: Text | Snippet) -> SafeString:
    """Why a text is not shown."""
    why = _WITHHELD[text.withheld or Withheld.UNREADABLE]
    if not text.reason:
        return format_html('<p class="withheld">{}.</p>', why)
    reason = sanitize.words(sanitize.line(text.reason, limit=LONGEST_REASON))
    return format_html('<p class="withheld">{}. Reason: <bdi>{}</bdi></p>', why, reason)


@register.simple_tag
def snippet(given: Snippet) -> SafeString:
    """The beginning of a text in a list, and what there is beside it."""
    if given.withheld is not None:
        return format_html('<em class="quiet">{}</em>', _WITHHELD[given.withheld].split(";")[0].lower())
    note = format_html(_NOTE, sanitize.words(given.note)) if given.note else SafeString()
    if not given.text:
        missing = "too long to read here" if given.cut else "empty"
        return note or format_html('<em class="quiet">{}</em>', missing)
    words = format_html("<bdi>{}{}</bdi>", sanitize.words(given.text), "…" if given.cut else "")
    return format_html("{} {}", words, note) if note else words


@register.simple_tag
def marked(given: Line) -> SafeString:
    """A piece of a text with the places marked that were found in it."""
    ends = [0, *(at for mark in given.marks for at in mark), len(given.text)]
    pieces = [sanitize.words(given.text[start:end]) for start, end in pairwise(ends)]
    told = format_html_join("", "{}<mark>{}</mark>", zip(pieces[:-1:2], pieces[1::2], strict=True))
    before, behind = "…" if given.is_begun else "", "…" if given.is_cut else ""
    return format_html("<bdi>{}{}{}{}</bdi>", before, told, pieces[-1], behind)


@register.simple_tag
def prompt_lines(entry: Entry) -> SafeString:
    """What a record was asked, in a list: its beginning, and where words were found in it."""
    begun = _line(entry.prompt, entry.row.prompt, "in the prompt")
    return format_html("{}{}", begun, _places(entry.of_prompt))


@register.simple_tag
def answer_lines(entry: Entry) -> SafeString:
    """What it answered, in the same way."""
    begun = _line(entry.answer, entry.row.answer, "in the answer", kind=" quiet")
    return format_html("{}{}", begun, _places(entry.of_answers))


def _line(found: Line | None, text: Snippet, place: str, *, kind: str = "") -> SafeString:
    """The beginning of a text, or what was found there."""
    if found is None:
        return format_html('<div class="line{}">{}</div>', kind, snippet(text))
    return format_html(_PLACED, kind, place, marked(found))


def _places(found: Sequence[Match]) -> SafeString:
    return format_html_join("", _PLACED, (("", each.place, marked(each.line)) for each in found))


def _cut(shown: int, length: int, *, rest: str) -> SafeString:
    counts = f"The first {shown:,} of {length:,} characters."
    if not rest:
        return format_html('<p class="cut">… {}</p>', counts)
    return format_html('<p class="cut">… {} <a href="{}">All of it</a></p>', counts, rest)
