"""What repeats on pages: numbers, hashes, times, and states in words.

Plain functions, for a list calls them hundreds of times. What repeats from row to row (names, scouts, times)
is kept, none of it a text that may be withheld.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from explorer.pages.rendering import sanitize
from explorer.pages.rendering.fingerprint import bars
from explorer.pages.rendering.interval import wilson
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.evidence import Evidence, ProofStatus
from explorer.queries.ledger.ledger import ChangeRow
from explorer.queries.ledger.ledger_filter import Change
from explorer.queries.records.checks import Result
from explorer.queries.records.edit import Edit
from explorer.queries.records.peers import Peer
from explorer.queries.records.row import RecordRow
from explorer.queries.records.states import Status
from explorer.queries.site.challenges import ChallengeRow

register = template.Library()

LONGEST_CHAIN = 40  # characters of a chain's or network's name
LONGEST_WAY_BACK = 4_000  # characters of an address that another one holds, each as up to three
FIRST, LAST = 8, 6  # digits of a hash in its short form
_GROUP = 8  # digits of a whole hash that stay on one line
_RID = re.compile("[0-9A-F]{64}")
_CODE = re.compile("`+([^`]+)`+")
_MARKS = {
    ProofStatus.ON_CHAIN: "holds",
    ProofStatus.ON_CHAIN_BY_STATED_SIGNERS: "unchecked",
    ProofStatus.WITNESS_NOT_CHECKED: "unchecked",
}
_EDITED = {True: "edited, the text changed", False: "edited, same words", None: "edited"}
_CHANGED = {
    Change.DELETE: "deleted",
    Change.BATCH_DELETE: "deleted in a batch",
    Change.OWNER: "another key may write",
    Change.SIGNERS: "other keys sign blocks",
    Change.CODE: "other code of the chain",
    Change.SETTINGS: "other settings of the chain",
}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_FOUND = {Result.FAIL: "edited", Result.PASS: "", Result.UNKNOWN: "unchecked"}
_RESULTS = {"fail": "found", "pass": "not found", "unknown": "not known", "not-applicable": "does not apply"}
_AT = "%Y-%m-%d %H:%M UTC"
KEPT = 2_000  # different names, scouts, times that are kept as they are shown
_TICK = (
    '<input class="tick" type="checkbox" name="r" value="{0}:{1}{2}" form="compare"'
    ' aria-label="Compare record {1}">'
)
_STACKED = '<time class="stacked" datetime="{}">{} <small>{}</small></time>'
_WHAT = {33: "key", 65: "key", 64: "signature"}  # what so many bytes are
_HASH_LINK = '<a class="{}" href="{}" data-full="{}" data-what="{}">{}</a>'
_HASH_SPAN = '<span class="{}" data-full="{}" data-what="{}">{}</span>'
_HASH = '<svg viewBox="0 0 48 16" aria-hidden="true"><path d="{}"/></svg><code>{}</code>'


@register.filter
def number(value: int | None) -> str:
    """41,207, and *unknown* for none."""
    return "unknown" if value is None else f"{value:,}"


@register.filter
def upper_hex(value: bytes) -> str:
    """Bytes as addresses have them: upper-case hex."""
    return value.hex().upper()


@register.filter
def oneline(value: str, most: int = sanitize.LONGEST_LINE) -> str:
    """A stranger's text on one line of so many characters at most, for titles and labels."""
    return sanitize.line(value, limit=most)


@register.filter
@lru_cache(maxsize=KEPT)
def coded(words: str) -> SafeString:
    """Words of ours: what stands in backticks is code."""
    pieces = _CODE.split(words)
    return format_html_join("", "{}{}", zip(pieces[::2], map(_code, [*pieces[1::2], ""]), strict=True))


@register.filter
def value_name(name: str) -> str:
    """The name of a check's value in words: “answer bytes”, “model, SHA-256”."""
    plain = name.removesuffix("_sha256")
    return plain.replace("_", " ") + (", SHA-256" if plain != name else "")


@register.simple_tag
def chain_name(chain: ChainView) -> SafeString:
    """What a chain is called, else its RID; its network, and whether its records are made up."""
    called = sanitize.line(chain.name, limit=LONGEST_CHAIN) if chain.name else shortened(chain.rid)
    network = f" on {sanitize.line(chain.network, limit=LONGEST_CHAIN)}" if chain.network else ""
    made_up = SafeString(": <strong>made-up records</strong>") if chain.is_made_up else ""
    return format_html("<bdi>{}</bdi>{}{}", called, network, made_up)


@register.filter
def share(part: int, whole: int) -> str:
    """Part of whole in per cent: digits that say something, and never 0 or 100 where it is not quite."""
    if not whole:
        return "0\xa0%"
    percent = 100 * part / whole
    shown = f"{percent:.2f}" if percent < 1 or percent > 99 else f"{percent:.1f}"
    if part and float(shown) == 0:
        return "less than 0.01\xa0%"
    if part != whole and float(shown) == 100:
        return "more than 99.99\xa0%"
    return f"{shown.rstrip('0').rstrip('.')}\xa0%"


register.filter(wilson)


@register.filter
def interval(part: int, whole: int) -> str:
    """Between which shares in per cent the true one may lie (see ``wilson``); empty where there are none."""
    found = wilson(part, whole)
    if found is None:
        return ""
    low, high = (f"{100 * each:.1f}".removesuffix(".0") for each in (found.low, found.high))
    return f"{low} to {high}\xa0%"


@register.filter
def shortened(path: str) -> str:
    """An address for reading: its RIDs in the short form."""
    return _RID.sub(lambda found: _short(found[0]), path)


@register.filter
def way_back(address: str) -> str:
    """The address of this page for another one that leads back to it; its path alone where it is too long
    to stand in another address.
    """
    return address if len(address) <= LONGEST_WAY_BACK else address.partition("?")[0]


@register.simple_block_tag
def said_here(content: str) -> str:
    """What stands between the tags, to be said more than once: ``{% said_here as name %}``."""
    return content


@register.simple_tag
@lru_cache(maxsize=KEPT)
def term(anchor: str, words: str) -> SafeString:
    """Words that the glossary explains, as a link to what it says of them."""
    return format_html('<a class="term" href="{}#{}">{}</a>', reverse("glossary"), anchor, words)


@register.filter
def nth(index: int) -> str:
    """What is at an index from 0, in words: “first”, “second”, “11th”."""
    if index < len(_ORDINALS):
        return _ORDINALS[index]
    place = index + 1
    ending = "th" if place % 100 in (11, 12, 13) else _ENDINGS.get(place % 10, "th")
    return f"{place:,}{ending}"


@register.simple_tag(name="hash")
def show_hash(value: bytes, *, href: str = "", full: bool = False, of: str = "") -> SafeString:
    """A hash or key: fingerprint and its first and last digits, or all of it. A short one is a link to where
    it stands in full. ``of`` is what it is, as the button that copies it says; by its length where that does.
    """
    digits = value.hex().upper()
    inside = format_html(_HASH, bars(value), _grouped(digits) if full else _short(digits))
    kind, what = "hash full" if full else "hash", of or _WHAT.get(len(value), "hash")
    if href:
        return format_html(_HASH_LINK, kind, href, digits, what, inside)
    return format_html(_HASH_SPAN, kind, digits, what, inside)


@register.simple_tag
@lru_cache(maxsize=KEPT)
def moment(at: datetime | None, form: str = "full") -> SafeString | str:
    """A time in UTC. Forms: ``full``, ``clock``, ``date``, ``stacked`` (the clock below the date)."""
    if at is None:
        return "never"
    at = at.astimezone(UTC)
    day, clock = f"{at.day} {at:%b} {at.year}", f"{at:%H:%M:%S} UTC"
    stated = f"{at:%Y-%m-%dT%H:%M:%S}Z"
    if form == "stacked":
        return format_html(_STACKED, stated, day, clock)
    shown = {"full": f"{day}, {clock}", "clock": clock, "date": day}[form]
    return format_html('<time datetime="{}">{}</time>', stated, shown)


@register.simple_tag
@lru_cache(maxsize=KEPT)
def mark(state: str, words: str, tip: str = "") -> SafeString:
    """A state: its glyph and its word. States are those of look.css; an empty one is “as first written”.
    ``tip`` is shown where a pointer rests on it, and stands elsewhere on the page too.
    """
    title = format_html(' title="{}"', tip) if tip else ""
    return format_html('<span class="{}"{}>{}</span>', f"mark {state}".strip(), title, words)


@register.filter
def spaced(slug: str) -> str:
    """A slug as words: not-upheld is not upheld."""
    return slug.replace("-", " ")


@register.filter
def found(result: str) -> str:
    """The result of a check as pages say it."""
    return _RESULTS[result]


@register.simple_tag
def check_result(result: Result) -> SafeString:
    """What a check says, as a mark; quiet where it does not apply."""
    words = found(result.value)
    if result is Result.NOT_APPLICABLE:
        return format_html('<span class="quiet">{}</span>', words)
    return mark(_FOUND[result], words)


@register.simple_tag
def challenge_status(row: ChallengeRow) -> SafeString:
    """Where a challenge stands, and what was decided, in neutral words."""
    told = row.status.words
    if row.resolution is not None and row.status.is_decided:
        told = f"{told}: {spaced(row.resolution.value)}"
    elif row.closed_for is not None:
        told = f"{told}: {spaced(row.closed_for.value)}"
    return mark("challenged", told, next_step(row))


def next_step(row: ChallengeRow) -> str:
    """What comes next in a challenge and by when, in plain words."""
    due = row.due
    if due is None:
        return "Nothing more is to come."
    if row.is_late:
        return f"Overdue: {due.who.lower()} {due.does}; was due {due.by:{_AT}}."
    return f"Next: {due.who.lower()} {due.does}, by {due.by:{_AT}}."


@register.simple_tag
def record_status(row: RecordRow, edit: Edit | None = None) -> SafeString:
    """How a record stands, in words; more exactly where it is told what its edits changed."""
    if row.status is Status.LIVE:
        return mark("", "as first written")
    edits = row.revisions - 1
    if row.status is Status.EDITED:
        return mark("edited", f"edited {_times(edits)}{_stayed(row, edit or row.edit)}")
    return mark("deleted", "deleted" if edits < 2 else f"deleted after {_edits(edits - 1)}")


def tick(row: RecordRow) -> SafeString:
    """A box that ticks a record to be compared, as it stands now: of a deleted one, before that."""
    said = row.revisions - 1 if row.status is Status.DELETED else row.revisions
    return format_html(_TICK, row.rid, row.prompt_id, f".{max(1, said)}")


@register.simple_tag
def tick_revision(rid: str, prompt_id: int, number: int) -> SafeString:
    """The same of one of its revisions."""
    return format_html(_TICK, rid, prompt_id, f".{number}")


@register.simple_tag
def change_kind(row: ChangeRow) -> SafeString | str:
    """What a change was, in words."""
    if row.kind is Change.EDIT:
        return mark("edited", _edited(row))
    state = "deleted" if row.kind in (Change.DELETE, Change.BATCH_DELETE) else ""
    return mark(state, _CHANGED[row.kind]) if state else _CHANGED[row.kind]


@register.simple_tag
def standing(evidence: Evidence) -> SafeString:
    """What vouches for it, in the words that are kept apart; no plain tick where one validator alone does."""
    if evidence.standing is ProofStatus.ON_CHAIN and not evidence.is_plain:
        return mark("unchecked", "on chain, by one validator alone")
    return mark(_MARKS[evidence.standing], evidence.standing.value)


@register.filter
def tone(letter: str | None) -> str:
    """The class of a mark in a tally: A, B and C have a ground of their own, a deleted one is hatched."""
    if letter is None:
        return "gone"
    return letter.lower() if letter in ("A", "B", "C") else ""


@register.filter
def changed(peers: Sequence[Peer]) -> bool:
    """Whether any of these records is not as it was first written."""
    return any(each.now != each.first for each in peers)


@register.filter
def link(given: str) -> SafeString | str:
    """An e-mail address or a URL that the operator gave, as a link; any other words as they are."""
    if given.startswith(("https://", "http://")):
        return format_html('<a href="{}">{}</a>', given, given)
    if re.fullmatch(r"[^\s@:/?]+@[^\s@:/?]+", given):
        return format_html('<a href="mailto:{}">{}</a>', given, given)
    return given


def _code(words: str) -> SafeString | str:
    return format_html("<code>{}</code>", words) if words else ""


def _short(digits: str) -> str:
    return digits if len(digits) <= FIRST + LAST else f"{digits[:FIRST]}…{digits[-LAST:]}"


def _grouped(digits: str) -> SafeString:
    """The digits with places where a line may break."""
    groups = (digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))
    return format_html_join(SafeString("<wbr>"), "{}", ((group,) for group in groups))


def _stayed(row: RecordRow, edit: Edit | None) -> str:
    """What of its first words it says again, where it does."""
    if row.same_words:
        return ", same words"
    if edit is not None and edit.is_white_space_alone:
        return ", only white space"
    return ", the first words again" if edit is not None and edit.came_back else ""


def _edited(row: ChangeRow) -> str:
    if row.edit is None or not row.has_other_words:
        return _EDITED[row.has_other_words]
    return "edited, only white space" if row.edit.is_white_space else "edited, other words"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _edits(count: int) -> str:
    return "1 edit" if count == 1 else f"{count:,} edits"
