"""The catalogue of problems."""

from rest_framework import serializers

from explorer.api import problems
from explorer.api.fields import Whole, Words
from explorer.api.serializers.lists import ListOf


class Kind(serializers.Serializer[problems.Kind]):
    """A kind of problem."""

    type = Words(help_text="As in a problem: the address of this entry.")
    status = Whole(help_text="The answer's HTTP status.")
    title = Words()
    meaning = Words(help_text="What it means, and what to do about it.")


class KindList(ListOf):
    """All kinds."""

    results = Kind(many=True)
