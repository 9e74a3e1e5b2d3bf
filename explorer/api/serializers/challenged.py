"""How many challenges a record has, and how many records are challenged."""

from rest_framework import serializers

from explorer.api.fields import Whole
from explorer.queries.records import challenged


class Challenges(serializers.Serializer[challenged.Tally]):
    """How many challenges a record has. Those that were closed undecided are left out."""

    count = Whole(source="every")
    open = Whole(help_text="Of these, to be decided, or an appeal of them.")
    upheld = Whole(help_text="Of these, if only in part.")


class ChallengedRecords(serializers.Serializer[challenged.Tally]):
    """How many of the records are challenged; what was closed undecided is left out."""

    records = Whole(source="every")
    open = Whole(help_text="Of these, with a challenge that is to be decided, or its appeal.")
    upheld = Whole(help_text="Of these, with a challenge that was upheld, if only in part.")
