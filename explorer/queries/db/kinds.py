"""Kinds of values that a query asks with: what each may be, and how it is written. Nothing else is taken."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Generic, TypeVar

from explorer.search.faults import NotUnderstood
from explorer.search.parsing import LONGEST, parse
from explorer.search.tree import EVERYTHING, Node
from explorer.search.writing import canonical

LARGEST = 2**63 - 1

DAY = 86_400_000
"""Milliseconds."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_MOMENT = re.compile(rf"{_DAY}(?:T([0-9]{{2}}):([0-9]{{2}})(?::([0-9]{{2}})(?:\.([0-9]{{1,3}}))?)?Z?)?")
_PIECES = re.compile(r"\\([\\*])|(\*)|(.)", re.DOTALL)
_DIGITS = re.compile(r"-?[0-9]+")
_MOST_DIGITS = 19
T = TypeVar("T")


class Misread(ValueError):
    """A text that is none of its kind. ``code`` is a slug for programs; ``rule`` is what it must be, in words
    that follow the parameter's name.
    """

    def __init__(self, code: str, rule: str) -> None:
        super().__init__(rule)
        self.code = code
        self.rule = rule


class MisreadLine(Misread):
    """A query line that cannot be meant: where, and what may have been meant."""

    def __init__(self, error: NotUnderstood) -> None:
        super().__init__(error.faults[0].code, "is a query line")
        self.error = error


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of these words, each of which stands for a value. ``labels`` are for people, where the word itself
    would not do.
    """

    words: Mapping[str, T]
    labels: Mapping[str, str] = field(default_factory=dict)
    is_typed: ClassVar[bool] = False

    def read(self, text: str) -> T:
        """What the word stands for. Raises ``Misread``."""
        if text not in self.words:
            raise Misread("not-a-choice", f"is one of {', '.join(sorted(self.words))}")
        return self.words[text]

    def write(self, value: T) -> str:
        """The word that stands for it."""
        return next(word for word, each in self.words.items() if each == value)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number in decimal digits, within these bounds, both included."""

    least: int = 0
    most: int = LARGEST
    is_typed: ClassVar[bool] = True

    def read(self, text: str) -> int:
        """The number. Raises ``Misread``."""
        is_number = _DIGITS.fullmatch(text) is not None and (self.least < 0 or text[0] != "-")
        if is_number and len(text.lstrip("-")) <= _MOST_DIGITS and self.least <= int(text) <= self.most:
            return int(text)
        code = "out-of-range" if is_number else "not-a-number"
        raise Misread(code, f"is a whole number from {self.least} to {self.most}")

    def write(self, value: int) -> str:
        """Its digits."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Words:
    """A text of at most so many characters, without the spaces around it."""

    most: int
    is_typed: ClassVar[bool] = True

    def read(self, text: str) -> str:
        """The text. Raises ``Misread``."""
        value = text.strip()
        if len(value) > self.most:
            raise Misread("out-of-range", f"has at most {self.most} characters")
        return value

    def write(self, value: str) -> str:
        """The text itself."""
        return value


@dataclass(frozen=True, slots=True)
class Hex:
    """Bytes in hex, of any case; at least and at most so many."""

    least: int
    most: int
    is_typed: ClassVar[bool] = True

    @property
    def rule(self) -> str:
        """What it must be."""
        digits = f"{2 * self.least} to {2 * self.most}" if self.least != self.most else f"{2 * self.most}"
        return f"is {digits} hex digits"

    def read(self, text: str) -> bytes:
        """The bytes. Raises ``Misread``."""
        digits = text
        is_hex = re.fullmatch("(?:[0-9A-Fa-f]{2})*", digits) is not None
        if is_hex and self.least <= len(digits) // 2 <= self.most:
            return bytes.fromhex(digits)
        raise Misread("out-of-range" if is_hex and digits else "not-hex", self.rule)

    def write(self, value: bytes) -> str:
        """Upper-case hex."""
        return value.hex().upper()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name as it is, letter for letter, spaces too, or with ``*`` for any letters. A star of its own is
    written as backslash and star, and a backslash before one of the two is doubled.
    """

    most: int
    is_typed: ClassVar[bool] = True

    def read(self, text: str) -> str:
        """The pattern. Raises ``Misread``."""
        if not 0 < len(text) <= self.most:
            raise Misread("out-of-range", f"has 1 to {self.most} characters")
        return text

    def write(self, value: str) -> str:
        """The pattern itself."""
        return value


def exactly(name: str) -> str:
    """The pattern that this name alone fits."""
    return name.replace("\\", "\\\\").replace("*", "\\*")


def pieces(pattern: str) -> Sequence[str]:
    """What stands between the stars of a pattern: one piece where it has none, which is the name."""
    found = [""]
    for escaped, star, plain in _PIECES.findall(pattern):
        if star:
            found.append("")
        else:
            found[-1] += escaped or plain
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers from ``first`` to ``last``, both included; None is an open end."""

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number, or from one to another, as ``100..200``, ``100..`` or ``..200``."""

    least: int = 0
    most: int = LARGEST
    is_typed: ClassVar[bool] = True

    def read(self, text: str) -> Span:
        """The numbers. Raises ``Misread``."""
        first, dots, last = text.partition("..")
        if not dots:
            only = self._number(first)
            return Span(only, only)
        if not first and not last:
            raise self._misread("not-a-range")
        found = Span(self._number(first) if first else None, self._number(last) if last else None)
        if found.first is not None and found.last is not None and found.first > found.last:
            raise Misread("upside-down", f"goes from the lower to the higher: {found.last}..{found.first}")
        return found

    def write(self, value: Span) -> str:
        """With two dots, where it is more than one number."""
        if value.first == value.last:
            return str(value.first)
        first, last = ("" if each is None else str(each) for each in (value.first, value.last))
        return f"{first}..{last}"

    def _number(self, text: str) -> int:
        try:
            return Number(self.least, self.most).read(text)
        except Misread as error:
            raise self._misread("not-a-range" if error.code == "not-a-number" else error.code) from error

    def _misread(self, code: str) -> Misread:
        return Misread(code, f"is a whole number from {self.least} to {self.most}, or a range as 100..200")


@dataclass(frozen=True, slots=True)
class Moment:
    """A day or a moment in UTC, in ms since 1970: a day is its beginning."""

    is_typed: ClassVar[bool] = True

    def read(self, text: str) -> int:
        """The time. Raises ``Misread``."""
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise Misread("not-a-time", "is a day as 2026-10-01 or a moment as 2026-10-01T12:30:00Z, in UTC")
        *parts, ms = (int(each or 0) for each in (*found.groups()[:6], (found[7] or "").ljust(3, "0")))
        try:
            at = datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]
        except ValueError as error:
            raise Misread("no-such-time", "is a day and a time that exist") from error
        return (at - _BEGINNING) // timedelta(milliseconds=1) + ms

    def write(self, value: int) -> str:
        """A day where it is the beginning of one."""
        at = _BEGINNING + timedelta(milliseconds=value)
        if value % DAY == 0:
            return f"{at:%Y-%m-%d}".rjust(10, "0")
        exact = at.isoformat(timespec="milliseconds" if value % 1_000 else "seconds")
        return exact.replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first`` on, and before ``end``, in ms since 1970; None is an open end."""

    first: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Times:
    """A day, or from one day or moment to before another, as ``2026-10-01..2026-11-01``."""

    is_typed: ClassVar[bool] = True

    def read(self, text: str) -> Period:
        """The times. Raises ``Misread``."""
        first, dots, end = text.partition("..")
        if not dots:
            return self._day(first)
        if not first and not end:
            raise self._misread("not-a-time")
        found = Period(self._moment(first) if first else None, self._moment(end) if end else None)
        if found.first is not None and found.end is not None and found.first >= found.end:
            raise Misread("upside-down", f"goes from the earlier to the later: {end}..{first}")
        return found

    def write(self, value: Period) -> str:
        """With two dots, where it is not just a day."""
        if value.first is not None and value.first % DAY == 0 and value.end == value.first + DAY:
            return Moment().write(value.first)
        first, end = ("" if each is None else Moment().write(each) for each in (value.first, value.end))
        return f"{first}..{end}"

    def _day(self, text: str) -> Period:
        first = self._moment(text)
        if "T" in text:
            raise self._misread("not-a-time")
        return Period(first, first + DAY)

    def _moment(self, text: str) -> int:
        try:
            return Moment().read(text)
        except Misread as error:
            raise error if error.code == "no-such-time" else self._misread(error.code) from error

    def _misread(self, code: str) -> Misread:
        return Misread(
            code, "is a day as 2026-10-01, or from one to before another as 2026-10-01..2026-11-01"
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A query line (``explorer.search``)."""

    most: ClassVar[int] = LONGEST
    is_typed: ClassVar[bool] = True

    def read(self, text: str) -> Node:
        """What it means. Raises ``Misread``, and ``MisreadLine`` where a place in it cannot be meant."""
        try:
            found = parse(text)
        except NotUnderstood as error:
            raise MisreadLine(error) from error
        if found == EVERYTHING:
            raise Misread("no-word", "has a word or a key in it")
        return found

    def write(self, value: Node) -> str:
        """The shortest line that means the same."""
        return canonical(value)


Kind = Choice[T] | Number | Words | Hex | Pattern | Range | Moment | Times | Line
"""``is_typed`` is whether a person types it: a box that is left empty is then as if it were not given."""
