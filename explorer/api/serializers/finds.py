"""What an identifier names."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api.fields import Rid, Words, Written, choice
from explorer.api.serializers.explanations import Explanation
from explorer.api.serializers.lists import ListOf
from explorer.queries.site import find


@extend_schema_field({"type": "string"})
class Address(Written):
    """The path of something in this API; of a configuration that never was in force, that of the list."""

    def to_representation(self, value: find.Found) -> str:
        """Such as ``/api/v1/chains/…/records/1``."""
        if value.kind is find.Kind.CHAIN:
            return reverse("api:chain", args=[value.chain.rid])
        if not value.governs:
            return reverse("api:configurations", args=[value.chain.rid])
        return reverse(f"api:{value.kind.value}", args=[value.chain.rid, value.key])


class Found(serializers.Serializer[find.Found]):
    """Something that has the name."""

    kind = choice(find.Kind)
    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    key = Words(
        help_text="Prompt id of a record, height of a block or configuration, RID of a chain or transaction."
    )
    why = Words(help_text="What of it is so named, in a few words.")
    address = Address(source="*", help_text="Its path in this API; of a configuration that failed, the list.")


class FoundList(ListOf):
    """Everything that has the name, the likeliest first."""

    results = Found(many=True)
    explanation = Explanation(allow_null=True, help_text="How to search, without q; else null.")
