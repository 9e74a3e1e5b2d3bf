"""The table of contents."""

from typing import Any

from rest_framework import serializers

from explorer.api.fields import Words


class Address(serializers.Serializer[Any]):
    """An address of the API."""

    path = Words(help_text="With its variable parts in braces.")
    method = Words(help_text="What it is asked with.")
    summary = Words()


class Contents(serializers.Serializer[Any]):
    """What there is."""

    title = Words()
    addresses = Address(many=True)
