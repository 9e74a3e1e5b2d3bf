"""Values of the keys: how each is read, and written back in the shortest way."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from explorer.search.faults import Misread
from explorer.search.tree import Digits, Named, Numbers, Time, Value, Word

LARGEST = 2**63 - 1
SMALLEST = -LARGEST - 1
SHORTEST_HEAD, LONGEST_HEAD = 8, 64
"""Digits of a RID that are given at least, and at most."""

_SECOND, _MINUTE, _DAY = 1_000, 60_000, 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?[0-9]+")
_HEX = re.compile(rf"(?:0[xX])?([0-9a-fA-F]{{{SHORTEST_HEAD},{LONGEST_HEAD}}})")
_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[Tt](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[Zz])?)?",
    re.ASCII,
)
_COMPARED = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)


def named(text: str) -> Named:
    """A name, exact or with ``*``."""
    if not text.strip():
        raise Misread("no-value", "gives no name")
    return Named(text)


def numbers(text: str) -> Numbers:
    """A whole number, ``1..5``, ``1..``, ``..5``, or one behind ``>``, ``>=``, ``<`` or ``<=``."""
    compared = _COMPARED.fullmatch(text)
    if compared is not None:
        bound = _number(compared[2])
        return {
            ">": Numbers(min(bound + 1, LARGEST), None) if bound < LARGEST else _beyond(text),
            ">=": Numbers(bound, None),
            "<": Numbers(None, max(bound - 1, SMALLEST)) if bound > SMALLEST else _beyond(text),
            "<=": Numbers(None, bound),
        }[compared[1]]
    first, dots, last = text.partition("..")
    if not dots:
        number = _number(first)
        return Numbers(number, number)
    if not first and not last:
        raise Misread("not-a-range", "names no end of the range")
    low, high = (_number(each) if each else None for each in (first, last))
    if low is not None and high is not None and low > high:
        raise Misread("upside-down", "begins above its end", instead=f"{high}..{low}")
    return Numbers(low, high)


def heights(text: str) -> Numbers:
    """The same of blocks."""
    found = numbers(text)
    if any(each is not None and each < 0 for each in (found.low, found.high)):
        raise Misread("out-of-range", "goes below block 0")
    return found


def digits(text: str) -> Digits:
    """A RID in hex, whole or at least its first eight digits."""
    found = _HEX.fullmatch(text)
    if found is None:
        raise Misread("not-hex", f"takes hexadecimal: {SHORTEST_HEAD} to {LONGEST_HEAD} digits of a RID")
    return Digits(found[1].upper())


def since(text: str) -> Time:
    """From a day or moment on."""
    return Time(_moment(text)[0], None)


def until(text: str) -> Time:
    """Until before a day or moment."""
    return Time(None, _moment(text)[0])


def changed(text: str) -> Time:
    """A day or moment as a whole, or a range, whose end is exclusive."""
    first, dots, last = text.partition("..")
    if not dots:
        begin, length = _moment(first)
        return Time(begin, begin + length)
    if not first and not last:
        raise Misread("not-a-range", "names no end of the range")
    begin_at, end_at = (_moment(each)[0] if each else None for each in (first, last))
    if begin_at is not None and end_at is not None and begin_at >= end_at:
        flipped = f"{last}..{first}" if begin_at > end_at else first
        raise Misread("upside-down", "ends before it begins (its end is exclusive)", instead=flipped)
    return Time(begin_at, end_at)


def word(text: str, *, of: tuple[str, ...]) -> Word:
    """One of these words."""
    folded = text.casefold()
    if folded in of:
        return Word(folded)
    nearest = next(iter(get_close_matches(folded[:80], of, n=1)), "")
    raise Misread("not-a-choice", f"is one of {', '.join(of)}", nearest=nearest, instead=nearest or None)


def written(key: str, value: Value) -> str:
    """The value as it stands behind its key, before quotes."""
    if isinstance(value, Named):
        return value.pattern
    if isinstance(value, Word):
        return value.word
    if isinstance(value, Digits):
        return value.head
    if isinstance(value, Numbers):
        ends = ["" if each is None else str(each) for each in (value.low, value.high)]
        return ends[0] if ends[0] == ends[1] else "..".join(ends)
    return _written_time(key, value)


def day_of(ms: int) -> str:
    """A moment as it is written: the day alone where that is its beginning."""
    at = _EPOCH + timedelta(milliseconds=ms)
    return f"{at:%Y-%m-%d}".rjust(10, "0") if ms % _DAY == 0 else _clock(ms)


def _written_time(key: str, value: Time) -> str:
    if key in ("since", "until"):
        return day_of((value.since if value.until is None else value.until) or 0)
    begin, end = value.since, value.until
    if begin is not None and end is not None:
        if end - begin == _DAY and begin % _DAY == 0:
            return day_of(begin)
        if end - begin == _MINUTE and begin % _MINUTE == 0:
            return _clock(begin)
        if end - begin == _SECOND:
            return _clock(begin, seconds=True)
    return "..".join("" if each is None else day_of(each) for each in (begin, end))


def _clock(ms: int, *, seconds: bool = False) -> str:
    at = _EPOCH + timedelta(milliseconds=ms)
    clock = f"{at:%H:%M:%S}" if seconds or ms % _MINUTE else f"{at:%H:%M}"
    return f"{at.year:04}-{at:%m-%d}T{clock}"


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Misread("not-a-number", "takes whole numbers, or a range of them such as 100..200")
    if len(text) > 20 or not SMALLEST <= int(text) <= LARGEST:
        _beyond(text)
    return int(text)


def _beyond(text: str) -> Numbers:
    raise Misread("out-of-range", f"goes from {SMALLEST} to {LARGEST}")


def _moment(text: str) -> tuple[int, int]:
    """When it begins and how long it is, in ms."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise Misread("not-a-date", "takes a day such as 2026-10-01, or a moment such as 2026-10-01T12:30")
    parts = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    try:
        at = datetime(**parts, tzinfo=UTC)
    except ValueError:
        raise Misread(
            "no-such-date", "names a day or time that does not exist", instead=_near(parts)
        ) from None
    length = _SECOND if "second" in parts else _MINUTE if "minute" in parts else _DAY
    return (at - _EPOCH) // timedelta(milliseconds=1), length


def _near(parts: dict[str, int]) -> str | None:
    """The last day of a month that has no such day."""
    year, month, day = parts["year"], parts["month"], parts["day"]
    if len(parts) > 3 or not (year >= 1 and 1 <= month <= 12 and 28 < day <= 31):
        return None
    return f"{year:04}-{month:02}-{monthrange(year, month)[1]:02}"
