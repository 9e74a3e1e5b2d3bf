"""Filters of a list: each is declared once, as a field of the list's own subclass of ``Filter``.

From its declaration come how a query is read (``explorer.query_parameters``), its SQL, its field on the
page (``explorer.pages.frame.fields``), its parameter in the schema and the API's reference
(``explorer.api.describing``), and its row in docs/api.md, which a test compares.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from explorer.queries.db.kinds import Kind

_DECLARED = "declared"  # in the metadata of a field


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL, with its parameters."""

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One filter: see ``declared``."""

    kind: Kind[Any]
    label: str
    about: str
    condition: Callable[[Any], Condition] | None
    reads: Callable[[Any], str]


def declared(
    kind: Kind[Any],
    *,
    label: str,
    about: str,
    condition: Callable[[Any], Condition] | None = None,
    reads: Callable[[Any], str] = str,
) -> Mapping[str, Declaration]:
    """The metadata that make a dataclass field a filter: the field's name is that of the parameter, and None,
    its default, leaves no row out. The first word of a choice stands for it.

    ``label`` names it on the page, ``about`` is a sentence for the schema and docs/api.md. ``condition`` is
    its SQL for a value, absent where the list has a statement of its own for each. ``reads`` is how a value
    reads in "… is what leaves them out".
    """
    return {_DECLARED: Declaration(kind, label, about, condition, reads)}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows of a list are asked for."""

    @classmethod
    def declarations(cls) -> Mapping[str, Declaration]:
        """Every filter that may be given, by name, in the order in which they are shown."""
        return {each.name: each.metadata[_DECLARED] for each in fields(cls)}

    def condition(self) -> Condition:
        """All that is asked, to follow another condition: empty, or beginning with AND."""
        found = [
            declaration.condition(value)
            for declaration, value in self._set()
            if declaration.condition is not None
        ]
        parameters = {name: value for each in found for name, value in each.parameters.items()}
        return Condition("".join(f" AND {each.sql}" for each in found), parameters)

    def words(self) -> Mapping[str, str]:
        """What is asked, as a query writes it: every choice, and what is typed."""
        every = {name: (each.kind, getattr(self, name)) for name, each in self.declarations().items()}
        return {
            name: kind.write(value)
            for name, (kind, value) in every.items()
            if value is not None or not kind.is_typed
        }

    def reads(self) -> Sequence[str]:
        """What leaves rows out, each as people read it."""
        return [declaration.reads(value) for declaration, value in self._set()]

    def _set(self) -> Sequence[tuple[Declaration, Any]]:
        """The filters that are not left open, each with its value."""
        every = [(each, getattr(self, name)) for name, each in self.declarations().items()]
        return [(each, value) for each, value in every if value is not None]
