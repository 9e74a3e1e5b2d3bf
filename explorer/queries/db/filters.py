"""Filters of a list: each is declared once, as a field of the list's own subclass of ``Filter``.

From its declaration come how a query is read (``explorer.query_parameters``), its SQL, its field on the
page (``explorer.pages.frame.fields``), its parameter in the schema and the API's reference
(``explorer.api.describing``), and its row in docs/api.md, which a test compares.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Self

from explorer.queries.db.kinds import Kind, Moment
from explorer.queries.db.pagination import NEWEST

FEW = 5_000
"""Rows that are looked at in one go, wherever they are in a list that is walked in steps."""

_DECLARED = "declared"  # in the metadata of a field


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL, with its parameters.

    What else it says is for a list that is walked in steps (``explorer.queries.lists.walk``), which could
    do without. ``lanes`` are conditions that no two rows share and one of which each of its rows fulfils,
    every one answered by an index in the order of the list; ``few`` are such by an index in no order, good
    where they are few, and cut where they are many; ``few_of`` selects what they are found among, cut at the
    same number, where that may be more than they are. ``number`` selects how many rows it leaves of a chain,
    exactly or up to one more than few, where that takes no look at them. ``bounds`` is what follows from it
    for the position of a row, ``bounds_of_change`` for that of its newest change. ``ids`` selects the prompt
    ids ``f.prompt_id`` of its rows, ``slices`` the slices of prompt ids ``s.slice``
    (``indexer.models.CheckSlice``) in which they are, by an index in that order. ``is_whole`` is whether few
    say all of it, or lanes where there are none, or bounds. ``has_changed`` is whether an index has its lanes
    with the status of those that are edited or deleted.
    """

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    lanes: Sequence[str] = ()
    few: Sequence[str] = ()
    few_of: str = ""
    number: str = ""
    bounds: str = ""
    bounds_of_change: str = ""
    ids: str = ""
    slices: str = ""
    is_whole: bool = False
    has_changed: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """One filter: see ``declared``."""

    kind: Kind[Any]
    label: str
    about: str
    condition: Callable[[Any], Condition] | None
    reads: Callable[[Any], str]
    example: str = ""


def declared(
    kind: Kind[Any],
    *,
    label: str,
    about: str,
    condition: Callable[[Any], Condition] | None = None,
    reads: Callable[[Any], str] = str,
    example: str = "",
) -> Mapping[str, Declaration]:
    """The metadata that make a dataclass field a filter: the field's name is that of the parameter, and None,
    its default, leaves no row out. The first word of a choice stands for it.

    ``label`` names it on the page, ``about`` is a sentence for the schema and docs/api.md. ``condition`` is
    its SQL for a value, absent where the list has a statement of its own for each. ``reads`` is how a value
    reads in "… leaves all of them out". ``example`` stands in an empty box.
    """
    return {_DECLARED: Declaration(kind, label, about, condition, reads, example)}


def upside_down(since: int | None, until: int | None) -> tuple[str, str] | None:
    """The contradiction of times (in ms) that end before they begin, see ``Filter.contradiction``."""
    if since is None or until is None or since < until:
        return None
    return "until", f"is after since, which is {Moment().write(since)}"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows of a list are asked for."""

    @classmethod
    @cache
    def declarations(cls) -> Mapping[str, Declaration]:
        """Every filter that may be given, by name, in the order in which they are shown."""
        return {each.name: each.metadata[_DECLARED] for each in fields(cls)}

    def condition(self) -> Condition:
        """All that is asked, to follow another condition: empty, or beginning with AND."""
        found = self.conditions()
        parameters = {name: value for each in found for name, value in each.parameters.items()}
        return Condition("".join(f" AND {each.sql}" for each in found), parameters)

    def conditions(self) -> Sequence[Condition]:
        """All that is asked, one by one."""
        return [
            declaration.condition(value)
            for declaration, value in self._set().values()
            if declaration.condition is not None
        ]

    def contradiction(self) -> tuple[str, str] | None:
        """A filter that cannot be meant beside the others, and why: words that follow its name."""
        return None

    def usual_order(self) -> str:
        """The order in which a page of what is asked for comes where none is given."""
        return NEWEST

    def unordered(self, order: str) -> str | None:
        """Why what is asked for cannot be had in this order, as words that follow the order's name; None
        where it can.
        """
        return None

    def without(self, name: str) -> Self:
        """The same but for one filter, which leaves nothing out."""
        return replace(self, **{name: None})

    def words(self) -> Mapping[str, str]:
        """What is asked, as a query writes it: every choice, and what is typed."""
        return {
            name: each.kind.write(value)
            for name, each in self.declarations().items()
            if (value := getattr(self, name)) is not None or not each.kind.is_typed
        }

    def asked(self, written: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, str]:
        """What leaves rows out, by name, each as a query writes it; those that are ``written`` so."""
        return {
            name: written[name] if name in written else declaration.kind.write(value)
            for name, (declaration, value) in self._set().items()
        }

    def reads(self) -> Sequence[str]:
        """What leaves rows out, each as people read it."""
        return list(self.given().values())

    def given(self) -> Mapping[str, str]:
        """What leaves rows out, by name, each as people read it."""
        return {name: declaration.reads(value) for name, (declaration, value) in self._set().items()}

    def _set(self) -> Mapping[str, tuple[Declaration, Any]]:
        """The filters that are not left open, each with its value."""
        return {
            name: (each, value)
            for name, each in self.declarations().items()
            if (value := getattr(self, name)) is not None
        }
