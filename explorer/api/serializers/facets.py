"""What records have in common: how many of each chain, model, provider, state, finding of a check,
and day.
"""

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api.fields import Flag, Moment, Rid, Whole, Written
from explorer.api.serializers.lists import AsOf, Count
from explorer.queries.chain.chains import ChainView
from explorer.queries.lists import facets
from explorer.queries.records.states import Status


@extend_schema_field({"type": "string"})
class What(Written):
    """A value as its filter has it."""

    def to_representation(self, value: facets.What) -> str:
        """A RID, a name, a state, a check or a day."""
        if isinstance(value, ChainView):
            return value.rid
        if isinstance(value, Status):
            return value.value
        if isinstance(value, facets.FoundBy):
            return value.name
        return value.isoformat() if isinstance(value, date) else value


class FacetValue(serializers.Serializer[facets.Value]):
    """So many records have this."""

    value = What(
        source="what",
        help_text="The RID of a chain, the name of a model or provider as the chain has it, a state, "
        "the name of a check that finds something, or a day (UTC, of the block that added the record).",
    )
    count = Whole()
    is_chosen = Flag(help_text="Whether the filters ask for it.")


class BackTo(serializers.Serializer[Any]):
    """A chain that was not looked through, and the last block of which records are counted."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    height = Whole(allow_null=True, help_text="Null where none of its records is counted.")
    at = Moment(allow_null=True, help_text="The time of that block, as its builder states it.")


class UpTo(serializers.Serializer[Any]):
    """A chain of which some records are not counted yet: newer ones, or those of which a text was hidden,
    erased or shown again.
    """

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    height = Whole(help_text="Of the last block that is counted.")


class Facet(serializers.Serializer[facets.Facet]):
    """The commonest values of one kind, of days the newest, among the records that fulfil everything else."""

    values = FacetValue(many=True, help_text="Ten at most, and the one that is chosen.")
    has_more = Flag(help_text="Whether there are others among the records that are counted.")
    counted = Count(
        help_text="How many records were counted; is_exact where these are all. Else the newest that were "
        "found in time, 1,000 at most."
    )
    back_to = BackTo(
        source="counted.back_to",
        many=True,
        help_text="How far back the numbers go, of each chain that was not looked through.",
    )
    up_to = UpTo(
        source="counted.up_to", many=True, help_text="Each chain of which some records are not counted yet."
    )


class Facets(serializers.Serializer[Any]):
    """Of the records of one chain."""

    chain = Facet()
    model = Facet()
    provider = Facet()
    status = Facet()
    check = Facet()
    day = Facet()
    as_of = AsOf()


class FacetsOfChains(Facets):
    """Of the records of several chains."""

    as_of = AsOf(many=True, help_text="Of each chain.")
