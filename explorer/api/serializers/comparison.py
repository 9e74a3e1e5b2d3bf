"""Two sides compared."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api import explanations
from explorer.api.fields import Flag, Hex, Whole, Words, Written, choice
from explorer.api.serializers.explanations import Explanation
from explorer.diff import texts
from explorer.queries.compare import comparison
from explorer.queries.compare.sides import Side
from explorer.queries.records.states import Status


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 1})
class Ratio(Written):
    """A number from 0 to 1, with four digits."""

    def to_representation(self, value: float) -> float:
        """Such as ``0.9958``."""
        return round(value, 4)


class DiffOperation(serializers.Serializer[Any]):
    """A stretch of both texts: a becomes b."""

    kind = choice(texts.Kind)
    a = Words()
    b = Words()


class DiffPart(serializers.Serializer[Any]):
    """One of several texts that are said, such as calls or a refusal."""

    name = Words(
        help_text="answer, result (where it is no completion), calls, refusal or media; and of which choice."
    )
    is_identical = Flag(source="difference.is_identical")
    changes = Whole(source="difference.changes")
    operations = DiffOperation(many=True, source="difference.operations")


class Similarity(serializers.Serializer[Any]):
    """Measures, each by its name; none of them says that two texts mean the same."""

    exact = Flag(source="is_exact", help_text="Character for character.")
    normalised = Flag(
        source="is_normalised",
        help_text="After Unicode NFC, with ends of lines and runs of white space made one, none at the ends.",
    )
    common_words = Whole(allow_null=True, help_text="Words that agree from the first one on.")
    word_match = Ratio(
        allow_null=True,
        help_text="Twice the longest common subsequence of words, of the words of both. Null above "
        "20,000 words.",
    )
    jaccard_5 = Ratio(
        source="jaccard", allow_null=True, help_text="Runs of five words in both, of those in either."
    )
    length_ratio = Ratio(help_text="Characters of the shorter text, of those of the longer.")


class DiffPath(serializers.Serializer[Any]):
    """A path at which the results differ."""

    path = Words(help_text="A JSON Pointer (RFC 6901); lists go by position.")
    a = Words(allow_null=True, help_text="JSON, at most 2,000 characters of it; null where nothing is there.")
    b = Words(allow_null=True)
    is_volatile = Flag(help_text="Whether it differs in every answer: ids, times, usage.")
    is_cut = Flag(help_text="Whether a or b is longer.")


class DiffSide(serializers.Serializer[Side]):
    """What was compared."""

    record = serializers.SerializerMethodField(
        help_text="What names just these words for ever, BRID:prompt_id.revision; null for a text."
    )
    status = serializers.SerializerMethodField(
        help_text="live, edited or deleted, today; null where there is no record."
    )
    answer_key = serializers.SerializerMethodField(
        help_text="The record's answer key; null where there is none."
    )
    why = Words(help_text="Why what it says cannot be compared; empty where it is.")
    why_no_messages = Words(
        help_text="Why its messages may not be shown; empty where they may, and of a text."
    )

    @extend_schema_field({"type": ["string", "null"]})
    def get_record(self, side: Side) -> str | None:
        """Pinned where it can be."""
        named = side.pin or side.reference
        return None if named is None else str(named)

    @extend_schema_field({"type": ["string", "null"], "enum": [*(each.value for each in Status), None]})
    def get_status(self, side: Side) -> str | None:
        """As lists have it."""
        return None if side.facts is None else side.facts.status.value

    @extend_schema_field({"type": ["string", "null"], "pattern": "^[0-9A-F]{64}$"})
    def get_answer_key(self, side: Side) -> str | None:
        """In upper-case hex."""
        answer = None if side.revision is None else side.revision.answer
        return None if answer is None else Hex().to_representation(answer.hash)


@extend_schema_field(
    {
        "oneOf": [
            {
                "type": "object",
                "properties": {"text": {"type": "string"}},
                "required": ["text"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {"record": {"type": "string"}},
                "required": ["record"],
                "additionalProperties": False,
            },
        ]
    }
)
class GivenSide(Written):
    """A text, or the name of a record."""


class Sides(serializers.Serializer[Any]):
    """What is to be compared."""

    a = GivenSide(help_text='{"text": "…"}, or {"record": "BRID:prompt_id.n"} as in the query of GET.')
    b = GivenSide(help_text="The other one, in the same way.")


class Comparison(serializers.Serializer[Any]):
    """Two sides compared. Where what one says cannot be, what differs is null or empty, but for the messages;
    without sides all of it.
    """

    a = DiffSide(allow_null=True)
    b = DiffSide(allow_null=True)
    is_identical = Flag(
        allow_null=True, help_text="Whether all that is said is the same, character for character."
    )
    first_divergence = Whole(
        allow_null=True,
        help_text="How many characters agree from the first one on, in the first part that differs; "
        "null where none does.",
    )
    changes = Whole(allow_null=True)
    similarity = Similarity(allow_null=True)
    operations = DiffOperation(
        many=True,
        allow_null=True,
        help_text="All a joined are one text, all b the other: the content string where that is the "
        "whole answer. Null where there are several parts.",
    )
    parts = DiffPart(
        many=True, help_text="Where what is said is more than one text, the operations of each; else empty."
    )
    json = DiffPath(
        many=True, help_text="Where the results as signed differ, at most 500 paths, volatile ones last."
    )
    messages_are_identical = Flag(
        allow_null=True,
        help_text="Compared also where what one side says cannot be, unless that takes too long. Null where "
        "not both may be shown.",
    )
    is_line_diff = Flag(help_text="Whether lines were compared, for a side has more than 20,000 tokens.")
    explanation = Explanation(
        allow_null=True, help_text="What can be compared, where neither a nor b is given; else null."
    )


_NULL = (
    *("a", "b", "is_identical", "first_divergence", "changes", "similarity", "operations"),
    *("messages_are_identical", "explanation"),
)
_NOTHING: Mapping[str, Any] = {**dict.fromkeys(_NULL), "parts": [], "json": [], "is_line_diff": False}


def explained(explanation: explanations.Explanation) -> Mapping[str, Any]:
    """What is said where nothing was asked: what can be."""
    return {**_NOTHING, "explanation": Explanation(explanation).data}


def told(
    a: Side, b: Side, found: comparison.Comparison | None, messages: texts.Difference | None
) -> Mapping[str, Any]:
    """What is said of two sides, and of the messages of both."""
    asked = {"messages_are_identical": None if messages is None else messages.is_identical}
    if found is None:
        return {**_NOTHING, **_sides(a, b), **asked}
    first = found.first
    is_one = len(found.parts) == 1
    return {
        **_NOTHING,
        **_sides(a, b),
        **asked,
        "is_identical": found.is_identical,
        "first_divergence": None if first is None else first.difference.first_divergence,
        "changes": found.changes,
        "similarity": Similarity(found.likeness).data,
        "operations": DiffOperation(found.parts[0].difference.operations, many=True).data if is_one else None,
        "parts": [] if is_one else DiffPart(found.parts, many=True).data,
        "json": [] if found.json is None else DiffPath(found.json.listed, many=True).data,
        "is_line_diff": found.is_line_diff,
    }


def _sides(a: Side, b: Side) -> dict[str, Any]:
    return {"a": DiffSide(a).data, "b": DiffSide(b).data}
