"""The grounds of a challenge."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api.fields import Flag, Rid, Whole, Words, Written, choice
from explorer.api.serializers.checks import Sentences
from explorer.rules import registry
from explorer.rules.ground import Assurance


@extend_schema_field({"type": "object", "additionalProperties": True})
class JsonSchema(Written):
    """A JSON Schema."""


class GroundEntry(serializers.Serializer[Any]):
    """A ground: a reason to question a record."""

    ground = Words(help_text="Its name.")
    title = Words()
    assurance = choice(
        Assurance,
        help_text="What settles it: the chain alone, records compared across, a rerun of a model, or the "
        "judgement of people.",
    )
    meaning = Words(help_text="What is questioned.")
    asks = Words(help_text="What to write.")
    causes = Sentences(help_text="Innocent ones.")
    best = Words(help_text="The best that can come of it.")
    checks = Sentences(help_text="Names of the checks that look for it, the one that decides first.")
    is_private = Flag(help_text="Whether it is told to the operator alone.")
    deciders = Whole(help_text="How many arbiters decide it together.")
    fields = JsonSchema(  # type: ignore[assignment]  # declared fields are taken out of the class
        help_text="JSON Schema of what it asks for beside a statement."
    )


class GroundList(serializers.Serializer[Any]):
    """All grounds, those that can be settled best first."""

    results = GroundEntry(many=True)
    next = Words(allow_null=True, help_text="Null: these are all.")
    as_of = Words(allow_null=True, help_text="Null: they hang on no chain.")
    version = Whole(help_text="Of the rules.")
    sha256 = Rid(help_text="Of the rules; each challenge names those that it was filed under.")
    not_challengeable = Words(help_text="What no challenge can settle.")


def grounds() -> Mapping[str, Any]:
    """As a ``GroundList``, with the entries just as they are hashed."""
    return {
        "results": registry.document()["grounds"],
        "next": None,
        "as_of": None,
        "version": registry.VERSION,
        "sha256": registry.sha256_hex(),
        "not_challengeable": registry.NOT_CHALLENGEABLE,
    }
