"""The filters of a list as fields of its form, made from how they are declared."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from explorer.queries.db.filters import Filter
from explorer.queries.db.kinds import Choice, Number

_KEPT = 200  # different fields as they are shown
_LONG = 15  # letters of an example that take the room of two fields

_FIELD = '<p{}><label for="{}">{}</label>{}</p>'
_SELECT = '<select id="{}" name="{}">{}</select>'
_OPTION = '<option value="{}"{}>{}</option>'
_INPUT = '<input id="{}" name="{}" value="{}"{}{} autocomplete="off" autocapitalize="off" spellcheck="false">'


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

    @property
    def shown(self) -> SafeString:
        """The field in its form. Those that say nothing but what was chosen among few are written once."""
        return _kept(self) if self.options or not self.value else _shown(self)


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
    return tuple(
        Option(word, kind.labels.get(word, word), is_chosen=word == chosen and number > 0)
        for number, word in enumerate(kind.words)
    )


def _shown(field: Field) -> SafeString:
    wide = SafeString(' class="two"') if len(field.example) > _LONG else ""
    return format_html(_FIELD, wide, field.name, field.label, _control(field))


_kept = lru_cache(maxsize=_KEPT)(_shown)


def _control(field: Field) -> SafeString:
    if not field.options:
        example = format_html(' placeholder="{}"', field.example) if field.example else ""
        number = SafeString(' inputmode="numeric"') if field.is_number else ""
        return format_html(_INPUT, field.name, field.name, field.value, example, number)
    chosen = SafeString(" selected")
    options = ((each.word, chosen if each.is_chosen else "", each.label) for each in field.options)
    return format_html(_SELECT, field.name, field.name, format_html_join("", _OPTION, options))
