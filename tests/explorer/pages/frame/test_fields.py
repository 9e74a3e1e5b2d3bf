"""Fields of a form, as their filters are declared."""

from dataclasses import dataclass, field

from explorer.pages.frame.fields import Field, Option, fields_of
from explorer.queries.db.filters import Filter, declared
from explorer.queries.db.kinds import Number, Words
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.states import Status


@dataclass(frozen=True, slots=True)
class Typed(Filter):
    seed: int | None = field(default=None, metadata=declared(Number(), label="Seed", about="The seed."))
    model: str | None = field(default=None, metadata=declared(Words(9), label="Model", about="Its name."))


def test_a_choice_is_of_all_its_words() -> None:
    found = fields_of(RecordFilter(Status.LIVE))[1]
    assert (found.name, found.label, found.value) == ("status", "State", "live")
    assert found.options == (
        Option("any", "any", is_chosen=False),
        Option("live", "as first written", is_chosen=True),
        Option("edited", "edited", is_chosen=False),
        Option("deleted", "deleted", is_chosen=False),
    )
    assert '<option value="live" selected>as first written</option>' in found.shown


def test_the_first_word_is_chosen_without_being_marked() -> None:
    found = fields_of(RecordFilter())[1]
    assert [each.is_chosen for each in found.options] == [False] * 4


def test_what_is_typed_is_shown_again() -> None:
    assert fields_of(Typed(0, "m")) == [
        Field("seed", "Seed", "0", is_number=True),
        Field("model", "Model", "m"),
    ]
    assert [each.value for each in fields_of(Typed())] == ["", ""]


def test_what_is_typed_stands_in_its_field_whatever_it_is() -> None:
    seed, model = (each.shown for each in fields_of(Typed(-1, '"><b>')))
    assert 'value="-1" inputmode="numeric"' in seed
    assert 'value="&quot;&gt;&lt;b&gt;"' in model
    assert "<b>" not in model
