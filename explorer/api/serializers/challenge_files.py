"""The files of challenges."""

from typing import Any

from rest_framework import serializers

from explorer.api.fields import Flag, Hex, Rid, Whole, Words, choice
from explorer.queries.site.challenge_events import EventRow, Silence
from explorer.queries.site.challenge_files import FileRow
from explorer.rules.evidence import EVERY_TYPE


class EvidenceFile(serializers.Serializer[FileRow]):
    """A file that goes with what somebody says. What it is called, and hashes that tell of its content, are
    given once somebody has looked it through; null before, and while it is withheld.
    """

    number = Whole(help_text="Among the files of its challenge, from 1.")
    event = Whole(help_text="The ordinal of the event that it goes with.")
    type = serializers.ChoiceField(list(EVERY_TYPE), help_text="By what is in it, not by its name.")
    bytes = Whole(source="size")
    salted_sha256 = Rid(help_text="Of salt and bytes, as the event has it.")
    is_shown = Flag(help_text="Whether its bytes are given.")
    name = Words(allow_null=True, help_text="Made of what it was called: letters, digits and lines.")
    sha256 = Hex(allow_null=True, help_text="Of its bytes as they are given.")
    sent_sha256 = Hex(
        allow_null=True, help_text="As they were sent. Pictures are drawn anew, so that theirs are others."
    )
    salt = Hex(allow_null=True, help_text="Hashed with the bytes.")


class EvidenceFileDetail(EvidenceFile):
    """The same, with where it is."""

    challenge = serializers.CharField(help_text="What the challenge is called.")
    file = serializers.CharField(
        allow_null=True, help_text="The path at which its bytes are given, as an attachment; null: not shown."
    )
    silence = choice(Silence, allow_null=True, help_text="Why it is not shown, as of the words beside it.")


def detail(challenge: str, event: EventRow, file: FileRow) -> dict[str, Any]:
    """What is told of a file of a challenge with that name."""
    at = f"/challenges/{challenge}/evidence/{file.number}"
    return {
        **EvidenceFile(file).data,
        "challenge": challenge,
        "file": at if file.is_shown else None,
        "silence": None if event.silence is None else event.silence.value,
    }
