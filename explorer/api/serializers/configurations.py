"""Configurations: a list of all, and the one in force at a height."""

from rest_framework import serializers

from explorer.api.fields import Flag, Hex, Rid, Whole, Words
from explorer.api.serializers.blocks import Pair
from explorer.api.serializers.lists import AsOf, ListOf
from explorer.queries.chain import configurations


class ConfigurationRow(serializers.Serializer[configurations.ConfigurationRow]):
    """A configuration in a list."""

    chain = Rid(help_text="Blockchain RID.")
    height = Whole(help_text="At which it was set.")
    hash = Rid()
    standing = Words(help_text="How far it is proved.")
    meaning = Words(help_text="What that standing means.")
    why = Words(help_text="A sentence where there is more to say, else empty.")
    signer_count = Whole(source="signers", allow_null=True)
    governs = Flag(help_text="Whether it is or was in force: one that failed never was.")
    last = Whole(allow_null=True, help_text="The last height that it governs; null while it does.")


class ConfigurationList(ListOf):
    """Every configuration, lowest height first."""

    results = ConfigurationRow(many=True)


class ConfigurationsOfChains(ConfigurationList):
    """The same of several chains, one chain after the other."""

    as_of = AsOf(many=True, help_text="Of each chain in the list.")


class Source(serializers.Serializer[configurations.Source]):
    """A file of the dapp's code."""

    path = Words()
    text = Words()


class Configuration(serializers.Serializer[configurations.Configuration]):
    """The configuration in force at a height."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    height = Whole(source="row.height", help_text="At which it was set.")
    hash = Rid(source="row.hash")
    standing = Words(source="row.standing", help_text="How far it is proved.")
    meaning = Words(source="row.meaning", help_text="What that standing means.")
    why = Words(source="row.why", help_text="A sentence where there is more to say, else empty.")
    by = serializers.ListField(child=Words(), help_text="Nodes that gave it, where that matters.")
    governs = Flag(source="row.governs")
    last = Whole(source="row.last", allow_null=True, help_text="The last height that it governs.")
    merkle_version = Whole(
        allow_null=True, help_text="Null, as what follows is empty, where no node gave it."
    )
    signers = serializers.ListField(child=Hex(), help_text="Public keys of the validators.")
    needed = Whole(allow_null=True, help_text="How many of them have to sign a block.")
    features = Pair(many=True)
    sources = Source(many=True, help_text="The dapp's Rell code.")
    as_of = AsOf(source="chain")
