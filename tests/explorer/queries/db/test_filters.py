"""Filters: one declaration gives the words, the SQL and the sentence."""

from dataclasses import dataclass, field

from explorer.queries.db.filters import Condition, Filter, declared
from explorer.queries.db.kinds import Choice, Number, Words


@dataclass(frozen=True, slots=True)
class Fruit(Filter):
    """A filter of each kind."""

    colour: str | None = field(
        default=None,
        metadata=declared(
            Choice({"any": None, "red": "#F00"}),
            label="Colour",
            about="How it looks.",
            condition=lambda colour: Condition(f"colour = '{colour}'"),
            reads=lambda colour: f"the colour {colour}",
        ),
    )
    weight: int | None = field(
        default=None,
        metadata=declared(
            Number(-5, 5),
            label="Weight",
            about="How heavy it is.",
            condition=lambda weight: Condition("weight = %(weight)s", {"weight": weight}),
        ),
    )
    name: str | None = field(
        default=None,
        metadata=declared(Words(9), label="Name", about="What it is called."),
    )


def test_what_is_left_open_leaves_nothing_out() -> None:
    assert Fruit().condition() == Condition("", {})
    assert Fruit().words() == {"colour": "any"}
    assert Fruit().reads() == []


def test_all_that_is_asked_holds_together() -> None:
    found = Fruit("#F00", weight=0, name="apple")
    assert found.condition() == Condition(" AND colour = '#F00' AND weight = %(weight)s", {"weight": 0})
    assert found.words() == {"colour": "red", "weight": "0", "name": "apple"}
    assert found.reads() == ["the colour #F00", "0", "apple"]


def test_filters_are_in_the_order_in_which_they_are_declared() -> None:
    assert list(Fruit.declarations()) == ["colour", "weight", "name"]
    assert Fruit.declarations()["weight"].label == "Weight"
