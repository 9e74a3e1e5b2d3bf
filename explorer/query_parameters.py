"""What the query of an address asks for, for pages and the API alike.

An unknown, repeated or unreadable parameter is an error that names the ones there are, never ignored: whoever
mistypes a filter must not get an unfiltered list.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import TypeVar

from django.http import QueryDict

from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.filters import Filter
from explorer.queries.db.kinds import LARGEST, Choice, Misread, MisreadLine, Number, Pattern, Words
from explorer.queries.db.pagination import BELOW_ALL, BEST, LARGEST_PAGE, PAGE, Cursor, PageRequest
from explorer.search.faults import Fault as Place
from explorer.search.faults import NotUnderstood

LONGEST_SOUGHT = 300
"""Characters of what is searched for."""

ORDERS = ("newest", "oldest")
"""Words for the order of a list; the first one goes without saying."""

ORDERS_OF_RECORDS = (*ORDERS, "changed", BEST)
"""Of records also by their newest change, and by how well they match."""

LONGEST_LINK = 14_000
"""Characters of an address, to which a page may add where it goes on."""

_OF_LISTS = ("before", "after", "limit", "order")
_BEGINNINGS = ("before", "after", "cursor")
_LONGEST_SHOWN = 80
_PLAIN = "/:*~,@!"  # what a query may hold as it is, and reads better so
Wanted = TypeVar("Wanted", bound=Filter)
T = TypeVar("T")


def parameters_of(filtered: type[Filter]) -> Collection[str]:
    """The parameters of a list with these filters."""
    return (*_OF_LISTS, *filtered.declarations())


def tidied(query: QueryDict, form: type[Filter]) -> QueryDict:
    """What the form of a list sends, as a link would ask for it: what is empty is left out, what is said
    twice is said once, and spaces around it mean nothing, but for names, which are taken as they are.
    """
    found, declared = QueryDict(mutable=True), form.declarations()
    for name in query:
        is_name = name in declared and isinstance(declared[name].kind, Pattern)
        given = query.getlist(name) if is_name else map(str.strip, query.getlist(name))
        for value in dict.fromkeys(given):
            if value:
                found.appendlist(name, value)
    return found


def written(
    wanted: Filter, part: PageRequest | None = None, known: Mapping[str, str] = MappingProxyType({})
) -> QueryDict:
    """The one query that asks for this part of a list: without what goes without saying. ``known`` is how a
    query writes some of the filters, where that is known.
    """
    found = QueryDict(mutable=True)
    for name, word in wanted.asked(known).items():
        found[name] = word
    if part is None:
        return found
    if part.order != _usual_order(wanted, part):
        found["order"] = part.order
    if part.limit != PAGE:
        found["limit"] = str(part.limit)
    for name, word in part.words.items():
        found[name] = word
    return found


def _usual_order(wanted: Filter, part: PageRequest) -> str:
    """The order that goes without saying: who goes on from a place says it, unless it is the newest first."""
    return ORDERS[0] if part.words else wanted.usual_order()


def ordered(part: PageRequest, wanted: Filter, other: Filter) -> PageRequest:
    """A list's first page for another filter: in that one's usual order, where it is in its own."""
    is_usual = part.order == wanted.usual_order()
    return part.in_order(other.usual_order() if is_usual else part.order)


def address(
    path: str,
    wanted: Filter,
    part: PageRequest | None = None,
    known: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Where that part of a list is; ``known`` as in ``written``."""
    query = written(wanted, part, known).urlencode(safe=_PLAIN)
    return f"{path}?{query}" if query else path


def link(path: str, wanted: Filter, part: PageRequest | None = None) -> str:
    """The same for a link; empty where no address holds it."""
    try:
        found = address(path, wanted, part)
    except UnicodeEncodeError:
        return ""
    return found if len(found) <= LONGEST_LINK else ""


def query_of(query: QueryDict, part: PageRequest) -> str:
    """The query for another page of the list that a query asks for."""
    asked = query.copy()
    for name in _BEGINNINGS:
        asked.pop(name, None)
    if asked.get("order", ORDERS[0]) != part.order:
        asked.pop("order", None)
        if part.words and part.order != ORDERS[0]:
            limits = asked.pop("limit", [])
            asked["order"] = part.order
            asked.setlistdefault("limit", limits)
    for name, word in part.words.items():
        asked[name] = word
    return asked.urlencode(safe=_PLAIN)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one parameter. ``code`` is a slug for programs, ``why`` a sentence for people. Of a
    query line, ``place`` is where, and what may have been meant.
    """

    parameter: str
    code: str
    why: str
    place: Place | None = None


class BadParameters(BadQuestion):
    """The query cannot be meant; ``faults`` are all that is wrong with it. ``line`` is the query line that
    cannot be meant, if that is among it.
    """

    def __init__(self, faults: Collection[Fault], line: NotUnderstood | None = None) -> None:
        super().__init__(" ".join(dict.fromkeys(each.why for each in faults)))
        self.faults = tuple(faults)
        self.line = line


class QueryParameters:
    """The parameters of a query, read one by one; ``check`` raises ``BadParameters`` with every fault.

    One that is not ``known`` is a fault already, and is not read.
    """

    __slots__ = ("_faults", "_known", "_line", "_query")

    def __init__(self, query: QueryDict, *, known: Collection[str] = ()) -> None:
        self._query = query
        self._known = known
        self._line: NotUnderstood | None = None
        self._faults = [_unknown(name, known) for name in query if name not in known]
        self._faults += [_repeated(name) for name in query if name in known and len(query.getlist(name)) > 1]

    def value(self, name: str, read: Callable[[str], T]) -> T | None:
        """What a parameter says; None where it is not given, or is at fault: ``read`` raises ``Misread``."""
        text = self._query.get(name) if name in self._known else None
        if text is None:
            return None
        try:
            return read(text)
        except MisreadLine as error:
            self._line = error.error
            self._faults += [Fault(name, each.code, each.why, each) for each in error.error.faults]
            return None
        except Misread as error:
            self._faults.append(Fault(name, error.code, f"{name} {error.rule}, not {_shown(text)}."))
            return None

    def too_many(self, names: Collection[str], why: str) -> None:
        """Say of those of these parameters that there are not, in a sentence with ``{}`` for their names, why
        they are more than there may be.
        """
        further = [each for each in self._query if each in names and each not in self._known]
        rule = why.format(", ".join(further))
        rest = [each for each in self._faults if each.parameter not in further]
        self._faults = [*rest, *(Fault(each, "too-many", rule) for each in further)]

    def is_given(self, name: str) -> bool:
        """Whether the query has this parameter, whatever it says."""
        return name in self._query

    def number(self, name: str, *, least: int = 0, most: int = LARGEST) -> int | None:
        """A whole number in decimal digits; None where it is not given, or is at fault."""
        return self.value(name, Number(least, most).read)

    def text(self, name: str, *, most: int) -> str:
        """A text of at most so many characters without the spaces around it; empty where it is not given, or
        is at fault.
        """
        return self.value(name, Words(most).read) or ""

    def choice(self, name: str, choices: Mapping[str, T]) -> T | None:
        """What one of these words stands for; None where it is not given, or is at fault."""
        return self.value(name, Choice(choices).read)

    def one_of(self, *names: str) -> None:
        """Note a fault where more than one of these is given."""
        given = [name for name in names if name in self._query and name in self._known]
        for name in given[1:]:
            self._faults.append(Fault(name, "not-together", f"Give {given[0]} or {name}, not both."))

    def filter(self, unless_given: Wanted) -> Wanted:
        """Which rows of a list are asked for; what is not given is as it is in this filter."""
        given = {}
        for name, declaration in unless_given.declarations().items():
            if name in self._query:
                given[name] = self.value(name, declaration.kind.read)
        wanted = replace(unless_given, **given)
        if (trouble := wanted.contradiction()) is not None:
            name, rule = trouble
            self._faults.append(
                Fault(name, "upside-down", f"{name} {rule}, not {_shown(self._query.get(name, ''))}.")
            )
        return wanted

    def page(
        self,
        *,
        both_ways: bool = True,
        orders: Sequence[str] = ORDERS,
        of: Filter | None = None,
        usual: str = ORDERS[0],
    ) -> PageRequest:
        """Which part of a list is asked for: ``of`` is what of it, and ``usual`` the order of its first page
        where none is given. Raises ``BadParameters``, so all else is read before.
        """
        before, after = self.number("before"), self.number("after", least=BELOW_ALL)
        cursor = self.value("cursor", Cursor.read)
        limit = self.number("limit", least=1, most=LARGEST_PAGE)
        order = self.choice("order", {each: each for each in orders})
        self.one_of(*_BEGINNINGS)
        if of is not None and order is not None and self._line is None and (why := of.unordered(order)):
            self._faults.append(Fault("order", "no-word", f"order {order} {why}."))
        self.check()
        if order is None and not any(name in self._query for name in _BEGINNINGS):
            order = usual
        return PageRequest(
            before=before, after=after, cursor=cursor, limit=limit or PAGE, both_ways=both_ways,
            oldest_first=order == "oldest", changed_first=order == "changed", best_first=order == BEST,
            sorted_by="" if order is None or order in ORDERS_OF_RECORDS else order,
        )  # fmt: skip

    def check(self) -> None:
        """Raise ``BadParameters`` where anything is wrong."""
        if self._faults:
            raise BadParameters(self._faults, self._line)


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
