"""The models, providers and scouts that records name."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api.fields import Big, Flag, Moment, Rid, Whole, Words, Written
from explorer.api.serializers.chains import OfDay
from explorer.api.serializers.challenged import ChallengedRecords
from explorer.api.serializers.checks import CheckCounts
from explorer.api.serializers.facets import UpTo
from explorer.api.serializers.lists import AsOf
from explorer.queries.groups import fingerprints, present
from explorer.queries.groups.naming import part_of
from explorer.queries.groups.presence_order import Kind
from explorer.queries.groups.present import Beside, Present

_TO = "Each chain of which newer records are not in these numbers yet."
_AGREEMENT_TO = "The same of with_peers and agreeing."
_CHALLENGED = "Of its records, by now."
_DAYS = "The last thirty up to the newest block's, oldest first."


@extend_schema_field({"type": "string"})
class Address(Written):
    """Where one of them is in this API."""

    def to_representation(self, value: Present | Beside) -> str:
        """Such as ``/api/v1/models/gemma2-9b-it``."""
        if isinstance(value, Beside):
            return reverse(f"api:{value.kind.value}", args=[part_of(value.name)])
        if value.kind is Kind.SCOUT:
            assert value.chain is not None
            return reverse("api:scout", args=[value.chain.rid, value.part])
        return reverse(f"api:{value.kind.value}", args=[value.part])


class Numbers(serializers.Serializer[present.Numbers]):
    """So many records, and what became of them."""

    records = Whole(help_text="Ever written.")
    live = Whole(help_text="Of these, not deleted: in the chain's table now.")
    edited = Whole(help_text="Of these, edited and not deleted.")
    deleted = Whole(help_text="Of these.")


class Dated(Numbers):
    """The same, with how far they agree, and when they were written."""

    with_peers = Whole(
        source="compared",
        help_text="Of these, how many have peers: other records with the same prompt, seed, model and "
        "provider.",
    )
    agreeing = Whole(help_text="Of those that have peers: first gave an answer that a peer first gave too.")
    first_at = Moment(help_text="The time of the block that added the first, as its builder states it.")
    last_at = Moment(help_text="The time of the block that added the last.")


class NameOfModel(Numbers):
    """One of the names of a model, and the records that name it."""

    model = Words(source="name")
    url = Address(source="*", help_text="Its path in this API.")


class Family(Numbers):
    """A model that is known under several names: the sums over those that records name. No filter knows of
    them.
    """

    name = Words(help_text="What the model is called.")
    version = Whole(help_text="Of the file that says which names are of one model.")
    with_peers = Whole(source="compared", help_text="As in a row, added up.")
    agreeing = Whole(help_text="As in a row, added up.")
    challenged = ChallengedRecords(help_text="As in a row, added up.")
    models = NameOfModel(many=True, help_text="Its names that records have.")
    unseen = serializers.ListField(child=Words(), help_text="Its names that no record has.")


class _Row(Dated):
    challenged = ChallengedRecords(help_text=_CHALLENGED)
    url = Address(source="*", help_text="Its path in this API; without /api/v1 it is that of its page.")


class ModelRow(_Row):
    """A model, over all chains."""

    family = Family(allow_null=True, help_text="Null where it is known under this name alone.")

    model = Words(source="name", help_text="The name, as records have it.")
    sha256 = Rid(source="hash", help_text="Of the name in UTF-8: it leads to it too, whatever the name.")


class ProviderRow(_Row):
    """A provider, over all chains."""

    provider = Words(source="name", help_text="The name, as records have it.")
    sha256 = Rid(source="hash", help_text="Of the name in UTF-8: it leads to it too, whatever the name.")


class ScoutRow(_Row):
    """A scout of a chain."""

    scout = Big(source="name", help_text="Its UID, as records have it.")
    chain = Rid(source="chain.brid", help_text="Blockchain RID. Scouts of other chains are others.")


class _List(serializers.Serializer[object]):
    next = Words(allow_null=True, help_text="The whole address of the next page; null on the last one.")
    as_of = AsOf(many=True, help_text="Of each chain.")
    counted_to = UpTo(many=True, help_text=_TO)
    agreement_to = UpTo(many=True, source="compared_to", help_text=_AGREEMENT_TO)


class ModelList(_List):
    """A page of models."""

    results = ModelRow(many=True)


class ProviderList(_List):
    """A page of providers."""

    results = ProviderRow(many=True)


class ScoutList(_List):
    """A page of scouts, chain by chain."""

    results = ScoutRow(many=True)


class ScoutsOfChain(ScoutList):
    """A page of the scouts of one chain."""

    as_of = AsOf()


class NamedOnChain(Dated):
    """The same of one chain."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    first = Whole(help_text="Prompt id of the first record.")
    last = Whole(help_text="Prompt id of the last record.")


class FingerprintSeen(serializers.Serializer[fingerprints.Seen]):
    """A ``system_fingerprint``, as results name it: reported by the provider, and checked by nobody."""

    fingerprint = Words(
        source="text",
        allow_null=True,
        help_text="Its first 200 characters; null where the newest result that has it cannot be shown.",
    )
    is_cut = Flag(source="cut", help_text="Whether there is more of it.")
    records = Whole(help_text="Whose result had it when they were written.")
    first_at = Moment(help_text="The time of the block that added the first of them.")
    last_at = Moment(help_text="The time of the block that added the last of them.")
    chain = Rid(source="chain.brid", help_text="Blockchain RID, of the newest of them.")
    prompt_id = Whole(allow_null=True, help_text="Of the newest of them.")


class Fingerprints(serializers.Serializer[fingerprints.Fingerprints]):
    """The fingerprints that were seen last."""

    seen = FingerprintSeen(many=True, help_text="At most 20, the one seen last first.")
    has_more = Flag(help_text="Whether there are others.")


class ProviderBeside(Numbers):
    """A provider, and the records that name both it and the model."""

    provider = Words(source="name")
    url = Address(source="*", help_text="Its path in this API.")


class ModelBeside(Numbers):
    """A model, and the records that name both it and the provider."""

    model = Words(source="name")
    url = Address(source="*", help_text="Its path in this API.")


class Model(ModelRow):
    """A model with all that is counted of it."""

    checks = CheckCounts()
    chains = NamedOnChain(many=True, source="on_chains", help_text="Those that have records of it.")
    providers = ProviderBeside(
        many=True, source="beside", help_text="Named with it: at most 50, those with most records."
    )
    has_more = Flag(help_text="Whether more providers are named with it.")
    days = OfDay(many=True, help_text=_DAYS)
    counted_to = UpTo(many=True, help_text=_TO)
    agreement_to = UpTo(many=True, source="compared_to", help_text=_AGREEMENT_TO)
    days_to = UpTo(many=True, help_text="The same of days.")
    fingerprints = Fingerprints()
    fingerprints_to = UpTo(many=True, help_text="The same of fingerprints.")
    providers_to = UpTo(many=True, source="beside_to", help_text="The same of providers.")
    as_of = AsOf(many=True, source="of", help_text="Of each chain.")


class Provider(ProviderRow):
    """A provider with all that is counted of it."""

    checks = CheckCounts()
    chains = NamedOnChain(many=True, source="on_chains", help_text="Those that have records of it.")
    models = ModelBeside(
        many=True, source="beside", help_text="Named with it: at most 50, those with most records."
    )
    has_more = Flag(help_text="Whether more models are named with it.")
    days = OfDay(many=True, help_text=_DAYS)
    counted_to = UpTo(many=True, help_text=_TO)
    agreement_to = UpTo(many=True, source="compared_to", help_text=_AGREEMENT_TO)
    days_to = UpTo(many=True, help_text="The same of days.")
    fingerprints = Fingerprints()
    fingerprints_to = UpTo(many=True, help_text="The same of fingerprints.")
    models_to = UpTo(many=True, source="beside_to", help_text="The same of models.")
    as_of = AsOf(many=True, source="of", help_text="Of each chain.")


class Scout(ScoutRow):
    """A scout with all that is counted of it."""

    checks = CheckCounts()
    first = Whole(source="on_chain.first", help_text="Prompt id of its first record.")
    last = Whole(source="on_chain.last", help_text="Prompt id of its last record.")
    days = OfDay(many=True, help_text=_DAYS)
    counted_to = UpTo(many=True, help_text=_TO)
    agreement_to = UpTo(many=True, source="compared_to", help_text=_AGREEMENT_TO)
    days_to = UpTo(many=True, help_text="The same of days.")
    as_of = AsOf(source="chain")
