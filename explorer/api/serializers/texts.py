"""Texts, and why one is not there."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api import bounds
from explorer.api.fields import Flag, Rid, Whole, Words, Written, choice
from explorer.queries.db import texts
from explorer.queries.records.record import Record


@extend_schema_field({"type": "string"})
class Value(Written):
    """The text itself; null where it is withheld."""

    def to_representation(self, value: texts.Text) -> str | None:
        """Verbatim."""
        return value.value


@extend_schema_field(Rid())
class Hash(Written):
    """The hash of a text, which stays where the text does not."""

    def to_representation(self, value: texts.Text) -> str:
        """In upper-case hex."""
        return Rid().to_representation(value.hash)


class Snippet(serializers.Serializer[texts.Snippet]):
    """The beginning of a text on one line."""

    text = Words(help_text="At most 200 characters, white space made single spaces; empty where withheld.")
    cut = Flag(help_text="Whether there is more of it; with an empty text, it is too long to be read here.")
    withheld = choice(texts.Withheld, allow_null=True, help_text="Why it is not there; null where it is.")
    reason = Words(help_text="The reason in words, empty where it is there.")
    note = Words(
        help_text="What there is beside the text, in words: calls, a refusal, media, that it was cut off, "
        "further choices. Empty where nothing is, or it is withheld."
    )


class Message(serializers.Serializer[texts.Message]):
    """One message of a conversation, read from the JSON of ``messages``."""

    role = Words()
    content = Words(
        help_text="Of several parts the texts, one a line; a line names each picture, sound or file. "
        "Half a character is U+FFFD."
    )
    calls = serializers.ListField(
        child=Words(), help_text="The tools that it calls, each as name(argument=value)."
    )
    extra = Words(
        help_text="JSON of what the message says besides, or empty; its content lists what parts say "
        "beside their text."
    )


@dataclass(frozen=True, slots=True)
class Missing:
    """A text of a record that is not there. ``revision`` is None for its messages."""

    field: str
    revision: int | None
    text: texts.Text


class Withheld(serializers.Serializer[Missing]):
    """A text that is not there, and why."""

    field = Words(help_text="messages, result or answer.")
    revision = Whole(allow_null=True, help_text="The number of the revision that said it.")
    hash = Hash(source="text", help_text="As beside the text that is missing.")
    kind = choice(
        texts.Withheld,
        source="text.withheld",
        help_text="hidden and erased are the operator's doing, unreadable is not.",
    )
    reason = Words(source="text.reason")
    length = Whole(source="text.length", help_text="Characters; 0 where that is not known.")


class LeftOut(serializers.Serializer[bounds.LeftOut]):
    """A text that is too long for this answer, and where it is."""

    field = Words(help_text="messages or result.")
    revision = Whole(help_text="The number of the revision that signed it.")
    hash = Hash(source="text", help_text="As beside the text that is left out.")
    length = Whole(source="text.length", help_text="Characters.")
    url = serializers.SerializerMethodField(help_text="The path of all of it, as it was signed.")

    @extend_schema_field({"type": "string"})
    def get_url(self, found: bounds.LeftOut) -> str:
        """That of the download."""
        named = [found.record.chain.rid, found.record.row.prompt_id, found.revision, found.field]
        return reverse("record-raw", args=named)


def missing(record: Record) -> Iterator[Missing]:
    """Every text of a record that is not there."""
    if record.messages.withheld is not None:
        yield Missing("messages", None, record.messages)
    for each in record.revisions:
        for field, text in (("result", each.result), ("answer", each.answer)):
            if text is not None and text.withheld is not None:
                yield Missing(field, each.number, text)
