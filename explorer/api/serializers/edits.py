"""What an edit changed, in short: the same that pages say of it in words."""

from rest_framework import serializers

from explorer.api.fields import Flag, Whole, Words, choice
from explorer.diff.texts import Kind
from explorer.queries.records import edit

TOLD = (
    "null where that is not told: a side is withheld, damaged or too long, or it was not compared in time, "
    "for others compare too."
)


class Replaced(serializers.Serializer[edit.Became]):
    """A place that an edit changed: at most 48 characters of what stood there, and of what stands there."""

    kind = choice(Kind, help_text="replace, insert (a is empty) or delete (b is empty).")
    a = Words(help_text="What stood there, what looks private in it blotted out.")
    b = Words(help_text="What stands there now.")
    is_a_cut = Flag(help_text="Whether there is more of a.")
    is_b_cut = Flag(help_text="Whether there is more of b.")


class Edit(serializers.Serializer[edit.Edit]):
    """What an edit changed of what is said."""

    changes = Whole(help_text="Places that differ; 0 where the words stayed.")
    words = Whole(
        source="told.words", allow_null=True, help_text="Before the edit; null where the words stayed."
    )
    words_removed = Whole(source="told.gone", allow_null=True, help_text="How many of these are gone.")
    words_added = Whole(source="told.come", allow_null=True, help_text="How many came.")
    is_white_space = Flag(help_text="Whether only white space differs.")
    came_back = Flag(
        help_text="Of all edits together: whether the last says what was first written, and one in between "
        "did not; what that one changed is told then."
    )
    is_line_diff = Flag(help_text="Whether lines were compared, for words were too many.")
    is_mostly_different = Flag(help_text="Whether more than half of the words are gone.")
    first = Replaced(many=True, source="became", help_text="The first three changes.")
    beside = serializers.ListField(
        child=Words(),
        help_text="Where the words stayed, the first twenty names of what else of the result changed.",
        source="first_beside",
    )
