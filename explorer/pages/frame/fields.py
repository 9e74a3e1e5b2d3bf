"""The filters of a list as fields of its form, made from how they are declared."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.queries.db.filters import Filter
from explorer.queries.db.kinds import Choice, Number


@dataclass(frozen=True, slots=True)
class Option:
    """What may be chosen."""

    word: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A filter to choose or, where it has no ``options``, to type; ``value`` is what is typed, or nothing."""

    name: str
    label: str
    value: str
    options: Sequence[Option] = ()
    is_number: bool = False
    example: str = ""


def fields_of(wanted: Filter) -> Sequence[Field]:
    """Every filter of a list, filled in with what is asked for."""
    words = wanted.words()
    found = []
    for name, each in wanted.declarations().items():
        value, kind = words.get(name, ""), each.kind
        options = _options(kind, value) if isinstance(kind, Choice) else ()
        found.append(Field(name, each.label, value, options, isinstance(kind, Number), example=each.example))
    return found


def _options(kind: Choice[object], chosen: str) -> Sequence[Option]:
    """Its words; the first one is chosen in a browser anyway."""
    return [
        Option(word, kind.labels.get(word, word), is_chosen=word == chosen and number > 0)
        for number, word in enumerate(kind.words)
    ]
