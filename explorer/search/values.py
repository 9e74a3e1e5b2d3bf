"""Values of the keys: how each is read, and written back in the shortest way."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
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
_COARSE = re.compile(r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?)?", re.ASCII)
"""A year, a month, or a day in another spelling."""

_A_DAY = "takes a day such as 2026-10-01, or a moment such as 2026-10-01T12:30"
_COMPARED = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)


def named(text: str) -> Named:
    """A name, exact or with ``*``."""
    if not text.strip():
        raise Misread("no-value", "takes a name")
    return Named(text)


def numbers(text: str, *, least: int = SMALLEST, most: int = LARGEST) -> Numbers:
    """A whole number, ``1..5``, ``1..``, ``..5``, or one behind ``>``, ``>=``, ``<`` or ``<=``."""

    def number(text: str) -> int:
        return _number(text, least=least, most=most)

    compared = _COMPARED.fullmatch(text)
    if compared is not None:
        bound = number(compared[2])
        if (compared[1], bound) in ((">", most), ("<", least)):
            raise _beyond(least, most)
        return {
            ">": Numbers(bound + 1, None),
            ">=": Numbers(bound, None),
            "<": Numbers(None, bound - 1),
            "<=": Numbers(None, bound),
        }[compared[1]]
    first, dots, last = text.partition("..")
    if not dots:
        only = number(first)
        return Numbers(only, only)
    if not first and not last:
        raise Misread("not-a-range", "takes a range with one end at least, such as 100..")
    low, high = (number(each) if each else None for each in (first, last))
    if low is not None and high is not None and low > high:
        raise Misread("upside-down", "takes a range from the lower to the higher", instead=f"{high}..{low}")
    return Numbers(low, high)


def heights(text: str) -> Numbers:
    """The same of blocks."""
    return numbers(text, least=0)


def digits(text: str) -> Digits:
    """A RID in hex, whole or at least its first eight digits."""
    found = _HEX.fullmatch(text)
    if found is None:
        raise Misread("not-hex", f"takes {SHORTEST_HEAD} to {LONGEST_HEAD} hexadecimal digits of a RID")
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
        begin, length = _whole(first)
        return Time(begin, begin + length)
    if not first and not last:
        raise Misread("not-a-range", "takes a range with one end at least, such as 2026-10-01..")
    try:
        begin_at, end_at = (_moment(each)[0] if each else None for each in (first, last))
    except Misread as error:
        ends = [_mended(each) for each in (first, last)]
        instead = None if None in ends else "..".join(map(str, ends))
        raise Misread(error.fault.code, error.fault.why, instead=instead) from error
    if begin_at is not None and end_at is not None and begin_at >= end_at:
        flipped = f"{last}..{first}" if begin_at > end_at else first
        why = "takes a range from the earlier to the later, which is not part of it"
        raise Misread("upside-down", why, instead=flipped)
    return Time(begin_at, end_at)


def word(text: str, *, of: tuple[str, ...]) -> Word:
    """One of these words."""
    folded = text.casefold()
    if folded in of:
        return Word(folded)
    nearest = next(iter(get_close_matches(folded[:80], of, n=1)), "")
    raise Misread("not-a-choice", f"is one of {', '.join(of)}", nearest=nearest, instead=nearest or None)


RESULTS = ("fail", "pass", "unknown", "not-applicable")
"""What a check can say: that the finding is there, that it is not, and why neither."""


def finding(text: str, *, of: tuple[str, ...]) -> Word:
    """The name of a check, and behind an ``=`` what it says; by itself, that it finds something."""
    name, equals, result = text.casefold().partition("=")
    try:
        named = word(name, of=of)
        said = word(result, of=RESULTS) if equals else Word(RESULTS[0])
    except Misread as error:
        if not equals or error.fault.instead is None:
            raise
        mended = f"{name}={error.fault.instead}" if name in of else f"{error.fault.instead}={result}"
        raise Misread(error.fault.code, error.fault.why, instead=mended) from error
    return named if said.word == RESULTS[0] else Word(f"{named.word}={said.word}")


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


def _number(text: str, *, least: int, most: int) -> int:
    if not _NUMBER.fullmatch(text):
        raise Misread("not-a-number", "takes whole numbers, or a range of them such as 100..200")
    if len(text) > 20 or not least <= int(text) <= most:
        raise _beyond(least, most)
    return int(text)


def _beyond(least: int, most: int) -> Misread:
    return Misread("out-of-range", f"takes whole numbers from {least} to {most}")


def _moment(text: str) -> tuple[int, int]:
    """When it begins and how long it is, in ms."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        days = _days_of(text)
        raise Misread("not-a-date", _A_DAY, instead=None if days is None else days[0])
    parts = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    try:
        at = datetime(**parts, tzinfo=UTC)
    except ValueError:
        raise Misread("no-such-date", "takes a day and a time that exist", instead=_near(parts)) from None
    length = _SECOND if "second" in parts else _MINUTE if "minute" in parts else _DAY
    return (at - _EPOCH) // timedelta(milliseconds=1), length


def _whole(text: str) -> tuple[int, int]:
    """The same, where all of a month or year may have been meant."""
    try:
        return _moment(text)
    except Misread as error:
        days = _days_of(text) if error.fault.code == "not-a-date" else None
        if days is None:
            raise
        raise Misread(error.fault.code, error.fault.why, instead="..".join(days)) from error


def _mended(text: str) -> str | None:
    """The end of a range, or what may have been meant by it."""
    try:
        if text:
            _moment(text)
    except Misread as error:
        return error.fault.instead
    return text


def _days_of(text: str) -> tuple[str, str] | None:
    """The first day of a year, a month or a day in another spelling, and the day behind its last."""
    found = _COARSE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (None if each is None else int(each) for each in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        return first.isoformat(), _behind(first, month=month, day=day).isoformat()
    except (ValueError, OverflowError):
        return None


def _behind(first: date, *, month: int | None, day: int | None) -> date:
    if day is not None:
        return first + timedelta(days=1)
    if month is not None and month < 12:
        return first.replace(month=month + 1)
    return first.replace(year=first.year + 1, month=1)


def _near(parts: dict[str, int]) -> str | None:
    """The last day of a month that has no such day."""
    year, month, day = parts["year"], parts["month"], parts["day"]
    if len(parts) > 3 or not (year >= 1 and 1 <= month <= 12 and 28 < day <= 31):
        return None
    return f"{year:04}-{month:02}-{monthrange(year, month)[1]:02}"
