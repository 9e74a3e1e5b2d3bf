"""Texts of strangers made safe to look at: what cannot be seen is named, what turns the line is stopped.

Everything else stays as it was written. Joiners and selectors that a script or an emoji needs are let be.
"""

import re
import unicodedata
from html import escape
from itertools import groupby, islice

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

MOST_SIGNS = 500
"""Places of a text at which invisible characters are named; how many later ones hold is said once."""

MOST_MARKS = 5
"""Marks upon one letter: more than any language writes would reach over other lines."""

LONGEST_LINE = 200

_REPLACED = "\ufffd"
_NO_CHARACTERS = "".join(f"{chr(each << 16 | 0xFFFE)}{chr(each << 16 | 0xFFFF)}" for each in range(1, 17))
_HIDDEN = re.compile(
    "(?:[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    f"{_NO_CHARACTERS}]|\r(?!\n))+"
)
"""Runs of what has no shape: control characters but tab and line ends, direction marks, characters without
width, fillers, tags, selectors, lone surrogates and code points that are no characters."""

_UNWORDED = re.compile(rf"[^\w\s\x00-\u02ff]{{{MOST_MARKS + 1},}}")
"""Where marks may be heaped up: marks are no part of words."""

_TAGS = re.compile("\U000e0001?[\U000e0020-\U000e007e]+\U000e007f?")
_FLAGS = frozenset(
    "".join(chr(0xE0000 + ord(each)) for each in flag) + "\U000e007f" for flag in ("gbeng", "gbsct", "gbwls")
)
_JOINERS = frozenset("\u200c\u200d")
_BRAILLE = re.compile("[\u2801-\u28ff]")
_EMOJI = frozenset(("\u200d", "\ufe0e", "\ufe0f", "\ufe0f\u200d"))
_ALSO_EMOJI = frozenset("#*0123456789\u203c\u2049\u2139\u3030\u303d")
_JOINED_SCRIPTS = re.compile(
    "[\u0600-\u0dff\u0f00-\u109f\u1780-\u18af\u1a20-\u1bff\ua840-\ua87f\ua8e0-\ua8ff\ua980-\ua9df\uaae0-\uaaff"
    "\uabc0-\uabff\ufb50-\ufdcf\ufe70-\ufefc\U00010a00-\U00010fff\U00011000-\U00011fff\U0001e900-\U0001e95f]"
)
"""Arabic and the scripts around it, Indic ones and Mongolian: joiners choose the shapes of their letters."""

_CURSIVE = re.compile(
    "[\u0600-\u08ff\u1800-\u18af\ufb50-\ufdcf\ufe70-\ufefc\U00010d00-\U00010d3f\U0001e900-\U0001e95f]"
)
"""Those of them whose letters join in a row: a joiner may stand before the first."""

_UNSPACED_SCRIPTS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9ff\uaa00-\uaadf]"
)
"""Thai, Lao, Burmese, Khmer and their neighbours: a space without width parts their words."""

_SYMBOLS = re.compile("[\u2190-\u21ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f3fb-\U0001f3ff]")
"""Of mathematics and modifiers those that are drawn as emoji too."""

_NOTES, _BEAMS = re.compile("[\U0001d100-\U0001d1ff]"), re.compile("[\U0001d173-\U0001d17a]")
_SHORTHAND, _STEPS = re.compile("[\U0001bc00-\U0001bc9f]"), re.compile("[\U0001bca0-\U0001bca3]")
_LEADING_JAMO, _VOWEL_JAMO = (
    re.compile("[\u1100-\u115e\ua960-\ua97c]"),
    re.compile("[\u1161-\u11a7\ud7b0-\ud7c6]"),
)

_VARIANT = re.compile(
    "[\u2e80-\u9fff\U00020000-\U0003ffff][\ufe00-\ufe02\U000e0100-\U000e01ef]"
    "|[0\u2205\u2229\u222a\u2268\u2269\u2272\u2273\u228a\u228b\u2293-\u2295\u2297\u229c\u22da\u22db\u2a3c\u2a3d"
    "\u2a9d\u2a9e\u2aac\u2aad\u2acb\u2acc\uff10"
    "\u1000\u1002\u1004\u1010\u1011\u1015\u1019\u101a\u101c\u101d\u1022\u1031\u1075\u1078\u107a\u1080"
    "\uaa60-\uaa66\uaa6b\uaa6c\uaa6f\uaa7a\ua856\ua85c\ua85e-\ua860\ua868"
    "\U00010ac5\U00010ac6\U00010ad6\U00010ad7\U00010ae1]\ufe00"
    "|[\U0001d49c-\U0001d4b5\u210b\u2110\u2112\u211b\u212c\u2130\u2131\u2133\uff01\uff0c\uff0e\uff1a\uff1b\uff1f]"
    "[\ufe00\ufe01]"
    "|[\U00013000-\U0001345f][\ufe00-\ufe02]"
    "|[\u1820-\u18aa](?:[\u180b-\u180d\u180f]\u180e?|\u180e)[\u200c\u200d]?"
)
"""What Unicode's StandardizedVariants.txt lists, of mathematics, Burmese, Phags-pa and Manichaean letter by
letter. Of ideographs, Egyptian and Mongolian letters it lists some: of these each may have a variant."""


def words(text: str) -> SafeString:
    """The text as HTML: escaped, invisible characters as named signs, heaped marks cut."""
    parts: list[str] = []
    last = 0
    hidden = (found for found in _HIDDEN.finditer(text) if not _belongs(text, found))
    for found in islice(hidden, MOST_SIGNS):
        parts.append(escape(_thinned(text[last : found.start()])))
        parts.append(_sign(found[0]))
        last = found.end()
    is_unnamed = len(parts) == 2 * MOST_SIGNS
    parts.append(_unnamed(text[last:]) if is_unnamed else escape(_thinned(text[last:])))
    return mark_safe("".join(parts))


def _unnamed(text: str) -> SafeString:
    """What follows the last sign, without what cannot be seen; before it is said how much that is."""
    hidden = [found for found in _HIDDEN.finditer(text) if not _belongs(text, found)]
    starts = (0, *(found.end() for found in hidden))
    ends = (*(found.start() for found in hidden), len(text))
    seen = "".join(text[start:end] for start, end in zip(starts, ends, strict=True))
    shown = SafeString(escape(_thinned(seen)))
    if not hidden:
        return shown
    count = sum(len(found[0]) for found in hidden)
    return _named("too many to name each", f"{count:,} more invisible characters are left out below") + shown


def line(text: str, *, limit: int = LONGEST_LINE) -> str:
    """The beginning of the text on one line, not escaped: for titles and labels, where no sign can stand.

    Invisible characters become replacement signs.
    """
    shown = visible(" ".join(text[: 4 * limit].split()))
    return f"{shown[:limit]}…" if len(shown) > limit or len(text) > 4 * limit else shown


def visible(text: str) -> str:
    """The text, not escaped, with replacement signs for what cannot be seen, and without heaped marks."""
    return _thinned(_HIDDEN.sub(lambda found: found[0] if _belongs(text, found) else _REPLACED, text))


def _thinned(text: str) -> str:
    return _UNWORDED.sub(_cut, text)


def _cut(found: re.Match[str]) -> str:
    """The run with so many marks as may follow each other, and a sign where there are more."""
    kept: list[str] = []
    for are_marks, run in groupby(found[0], key=_is_mark):
        marks = "".join(run)
        kept.append(f"{marks[:MOST_MARKS]}{_REPLACED}" if are_marks and len(marks) > MOST_MARKS else marks)
    return "".join(kept)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _belongs(text: str, found: re.Match[str]) -> bool:
    """Whether what has no shape of its own gives its neighbours theirs."""
    before = text[max(found.start() - 1, 0) : found.start()]
    after, run = text[found.end() : found.end() + 1], found[0]
    if run in _JOINERS and _joins(before, after):
        return True
    if run == "\u200b":
        return _is_between(_UNSPACED_SCRIPTS, before, after)
    if not run.strip("\u2800"):
        return _is_between(_BRAILLE, before, after)
    if run == "\u115f":
        return bool(_VOWEL_JAMO.match(after))
    if _BEAMS.fullmatch(run):
        return bool(_NOTES.match(before) or _NOTES.match(after))
    if not before:
        return False
    if run in _EMOJI and _is_symbol(before):
        return not run.endswith("\u200d") or not after or _is_symbol(after)
    if run == "\u034f":
        return _is_mark(before) and bool(after) and _is_mark(after)
    return (
        bool(_VARIANT.fullmatch(before + run))
        or (before == "\U0001f3f4" and run in _FLAGS)
        or (run == "\u1160" and bool(_LEADING_JAMO.match(before)))
        or (_STEPS.fullmatch(run) is not None and bool(_SHORTHAND.match(before)))
    )


def _joins(before: str, after: str) -> bool:
    """Whether a joiner stands by a letter or mark of a script that has such, or by a digit before one."""
    if before and _JOINED_SCRIPTS.match(before):
        kind = unicodedata.category(before)
        return kind[0] in "LM" or (kind == "Nd" and bool(_JOINED_SCRIPTS.match(after)) and after.isalpha())
    return bool(_CURSIVE.match(after)) and after.isalpha() and not before.isalnum()


def _is_between(script: re.Pattern[str], before: str, after: str) -> bool:
    """Whether it stands by a letter of a script, and by none of another one."""
    is_beside = bool(script.match(before) or script.match(after))
    return is_beside and not any(each.isalpha() and not script.match(each) for each in (before, after))


def _is_symbol(character: str) -> bool:
    if unicodedata.category(character) == "So" or character in _ALSO_EMOJI:
        return True
    return _SYMBOLS.match(character) is not None


def _sign(run: str) -> SafeString:
    if _TAGS.fullmatch(run):
        hidden = "".join(chr(ord(each) - 0xE0000) for each in run.strip("\U000e0001\U000e007f"))
        return _named("text written in invisible tag characters", f"hidden: {line(hidden)}")
    kinds = [(character, len(list(same))) for character, same in groupby(run)]
    if len(kinds) > 3:
        return _named("characters that cannot be seen", f"{len(run):,} invisible characters")
    return mark_safe("".join(_one(character, count) for character, count in kinds))


def _one(character: str, count: int) -> SafeString:
    times = f" \N{MULTIPLICATION SIGN}{count:,}" if count > 1 else ""
    return _named(_name(character), f"U+{ord(character):04X}{times}")


def _name(character: str) -> str:
    try:
        return unicodedata.name(character).lower()
    except ValueError:
        return "lone surrogate" if "\ud800" <= character <= "\udfff" else "control character"


def _named(name: str, shown: str) -> SafeString:
    return format_html('<span class="unseen" title="{}">{}</span>', name, shown)
