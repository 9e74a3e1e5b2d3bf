"""Lists: ``results``, the address of the ``next`` page, and as of when."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from explorer.api.fields import Flag, Moment, Rid, Whole, Words
from explorer.queries.chain.chains import ChainView


class AsOf(serializers.Serializer[ChainView]):
    """How far the chain was indexed: what is said is so after that block."""

    chain = Rid(source="brid", help_text="Blockchain RID.")
    height = Whole(source="freshness.height", help_text="Of the last block that is indexed; -1 before any.")
    at = Moment(
        source="freshness.block_at",
        allow_null=True,
        help_text="The time of that block, as its builder states it.",
    )


class ListOf(serializers.Serializer[Mapping[str, Any]]):
    """What every list has beside its results."""

    next = Words(allow_null=True, help_text="The whole address of the next page; null on the last one.")
    as_of = AsOf(allow_null=True, help_text="Null where the results are of several chains.")


class Count(serializers.Serializer[Any]):
    """How many there are in all: just so many, or at least so many where it is not exact."""

    value = Whole()
    is_exact = Flag()


class Ranking(serializers.Serializer[Any]):
    """Of how many of the newest matches a list by how well they match has the best."""

    value = Whole(help_text="How many were compared: the newest, 1,000 at most.")
    is_all = Flag(help_text="Whether these are all that match.")
    rest = Words(allow_null=True, help_text="The list of older ones, the newest first; null with all.")


class WordsTo(serializers.Serializer[Any]):
    """To which block the words of a chain are indexed so far: newer records are not searched yet."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    height = Whole(help_text="-1 where none are.")
    withdraws = Flag(
        source="chain.withdraws",
        help_text="Whether a text was hidden, erased or shown again: the records that say it are found by no "
        "word until theirs are indexed anew.",
    )


class SearchedTo(serializers.Serializer[Any]):
    """How far a chain was searched when time was up: nothing is said of what lies beyond that block."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    height = Whole(allow_null=True, help_text="Null where none of the chain was searched yet.")
    at = Moment(allow_null=True, help_text="The time of that block, as its builder states it.")
