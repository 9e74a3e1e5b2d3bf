"""What the query of an address asks for, for pages and the API alike.

An unknown, repeated or unreadable parameter is an error that names the ones there are, never ignored: whoever
mistypes a filter must not get an unfiltered list.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from django.http import QueryDict

from explorer.queries.db import pagination
from explorer.queries.db.errors import BadQuestion
from explorer.queries.records.records import LARGEST_PAGE, Status

LARGEST = 2**63 - 1
LONGEST_SOUGHT = 300
"""Characters of what is searched for."""

ORDERS = {"newest": False, "oldest": True}
"""Words for the order of a list: whether the oldest come first."""

OF_LISTS = ("before", "after", "limit", "order")
"""The parameters of every list."""

PAGE = 50
"""Rows of a page, where no limit is given."""

STATUSES: Mapping[str, Status | None] = {"any": None, **{each.value: each for each in Status}}
KINDS_OF_BLOCKS = {"all": False, "with-transactions": True}
"""Words for which blocks a list holds: whether only those with transactions."""

_LONGEST_SHOWN = 80
_DIGITS = re.compile(r"[0-9]+")
_MOST_DIGITS = 19
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one parameter. ``code`` is a slug for programs, ``why`` a sentence for people."""

    parameter: str
    code: str
    why: str


class BadParameters(BadQuestion):
    """The query cannot be meant; ``faults`` are all that is wrong with it."""

    def __init__(self, faults: Collection[Fault]) -> None:
        super().__init__(" ".join(each.why for each in faults))
        self.faults = tuple(faults)


class Asked:
    """The parameters of a query, read one by one; ``check`` raises ``BadParameters`` with every fault."""

    __slots__ = ("_faults", "_query")

    def __init__(self, query: QueryDict, *, known: Collection[str] = ()) -> None:
        self._query = query
        self._faults = [_unknown(name, known) for name in query if name not in known]
        self._faults += [_repeated(name) for name in query if name in known and len(query.getlist(name)) > 1]

    def number(self, name: str, *, least: int = 0, most: int = LARGEST) -> int | None:
        """A whole number in decimal digits; None where it is not given, or is at fault."""
        value = self._query.get(name)
        if value is None:
            return None
        is_number = _DIGITS.fullmatch(value) is not None
        if is_number and len(value) <= _MOST_DIGITS and least <= int(value) <= most:
            return int(value)
        code = "out-of-range" if is_number else "not-a-number"
        self._note(name, code, f"{name} is a whole number from {least} to {most}")
        return None

    def text(self, name: str, *, most: int) -> str:
        """A text of at most so many characters without the spaces around it; empty where it is not given, or
        is at fault.
        """
        value = self._query.get(name, "").strip()
        if len(value) <= most:
            return value
        self._note(name, "out-of-range", f"{name} has at most {most} characters")
        return ""

    def choice(self, name: str, choices: Mapping[str, T]) -> T | None:
        """What one of these words stands for; None where it is not given, or is at fault."""
        value = self._query.get(name)
        if value is None or value in choices:
            return None if value is None else choices[value]
        self._note(name, "not-a-choice", f"{name} is one of {', '.join(sorted(choices))}")
        return None

    def one_of(self, *names: str) -> None:
        """Note a fault where more than one of these is given."""
        given = [name for name in names if name in self._query]
        for name in given[1:]:
            self._faults.append(Fault(name, "not-together", f"Give {given[0]} or {name}, not both."))

    def part(self) -> pagination.Asked:
        """Which part of a list is asked for. Raises ``BadParameters``, so all else is read before."""
        before, after = self.number("before"), self.number("after")
        limit = self.number("limit", least=1, most=LARGEST_PAGE)
        oldest_first = self.choice("order", ORDERS)
        self.one_of("before", "after")
        self.check()
        return pagination.Asked(
            before, after, limit or PAGE, most=LARGEST_PAGE, oldest_first=oldest_first or False
        )

    def check(self) -> None:
        """Raise ``BadParameters`` where anything is wrong."""
        if self._faults:
            raise BadParameters(self._faults)

    def _note(self, name: str, code: str, rule: str) -> None:
        self._faults.append(Fault(name, code, f"{rule}, not {_shown(self._query.get(name) or '')}."))


def _unknown(name: str, known: Collection[str]) -> Fault:
    nearest = get_close_matches(name[:_LONGEST_SHOWN].lower(), known, n=1)
    meant = f" Did you mean {nearest[0]}?" if nearest else ""
    there_are = f" There are: {', '.join(sorted(known))}." if known else " This address takes none."
    return Fault(name[:_LONGEST_SHOWN], "unknown", f"There is no parameter {_shown(name)}.{meant}{there_are}")


def _repeated(name: str) -> Fault:
    return Fault(name, "repeated", f"{name} is given more than once: give it once.")


def _shown(value: str) -> str:
    cut = value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…"
    return f"“{cut}”"
