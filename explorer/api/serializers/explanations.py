"""What pages say in words of the site's own."""

from typing import Any

from rest_framework import serializers

from explorer.api import explanations
from explorer.api.fields import Words


class ExplanationLine(serializers.Serializer[explanations.Line]):
    """A paragraph, an item of a list, a row of a table, or what is said of a name."""

    name = Words(help_text="What it is said of; empty where it stands for itself.")
    id = Words(help_text="The anchor of its place on the page; empty where it has none.")
    text = Words(help_text="On one line, with links and code as Markdown has them.")


class ExplanationSection(serializers.Serializer[explanations.Section]):
    """What stands below one heading of a page."""

    id = Words(help_text="The anchor of the heading.")
    title = Words()
    lines = ExplanationLine(many=True)


class Explanation(serializers.Serializer[Any]):
    """A page in words of the site's own, as this installation says them."""

    title = Words()
    description = Words(help_text="What the page is about, in a sentence.")
    opening = ExplanationLine(many=True, help_text="What stands before the first section.")
    sections = ExplanationSection(many=True)
