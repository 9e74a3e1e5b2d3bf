"""Blocks: rows of a list, and one as the chain signed it."""

from rest_framework import serializers

from explorer.api.fields import Flag, Hex, Moment, Rid, Whole, Words, choice
from explorer.api.serializers.evidence import Evidence
from explorer.api.serializers.lists import AsOf, ListOf
from explorer.queries.chain import blocks, deeds


class Deed(serializers.Serializer[deeds.Deed]):
    """What a block did to records, or to who may write, and how often."""

    did = choice(deeds.Did, help_text="changed-owner is another key that may write from then on.")
    count = Whole(help_text="How many records, or changes of the owner; at least so many where not exact.")
    is_exact = Flag()
    prompt_id = Whole(allow_null=True, help_text="The lowest of their ids; null of changed-owner.")


class BlockRow(serializers.Serializer[blocks.BlockRow]):
    """A block in a list."""

    chain = Rid(help_text="Blockchain RID.")
    height = Whole()
    rid = Rid(help_text="Block RID.")
    at = Moment(help_text="As its builder states it.")
    timestamp = Whole(help_text="The same in ms since 1970.")
    transaction_count = Whole(source="transactions")
    did = Deed(source="deeds", many=True, help_text="What it did; empty where nothing to a record or owner.")


class BlockList(ListOf):
    """A page of blocks, newest first."""

    results = BlockRow(many=True)


class BlocksOfChains(BlockList):
    """The same of several chains."""

    as_of = AsOf(many=True, help_text="Of each chain in the list.")


class Pair(serializers.Serializer[tuple[str, str]]):
    """A name and its value as text."""

    name = Words()
    value = Words(help_text="Bytes in upper-case hex, arrays and dicts as JSON.")

    def to_representation(self, instance: tuple[str, str]) -> dict[str, str]:
        """Both by name."""
        name, value = instance
        return {"name": name, "value": value}


class TransactionRow(serializers.Serializer[blocks.TransactionRow]):
    """A transaction in its block."""

    ordinal = Whole(help_text="From 0.")
    rid = Rid(help_text="Transaction RID.")
    hash = Rid(help_text="Transaction hash: what the block's root is made of.")
    length = Whole(help_text="Bytes.")
    signers = serializers.ListField(child=Hex(), help_text="Public keys.")
    operations = serializers.ListField(child=Words(), help_text="Names of the first 100, in their order.")
    operation_count = Whole()
    erased = Flag(help_text="Whether the operator erased its bytes.")


class Signature(serializers.Serializer[blocks.Signature]):
    """One validator's signature over the block RID."""

    signer = Hex(help_text="Public key.")
    signature = Hex(help_text="64 bytes, r and s.")


class Block(serializers.Serializer[blocks.Block]):
    """A block with its header as the chain signed it."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    height = Whole()
    rid = Rid(help_text="Block RID.")
    previous_rid = Rid(help_text="The RID of the block before; of block 0 the blockchain RID.")
    transactions_root = Rid(help_text="Merkle root of the transactions' hashes.")
    timestamp = Whole(help_text="ms since 1970, as its builder states it.")
    at = Moment(help_text="The same as a time; beyond the years 1 to 9999 the nearest of them.")
    dependencies = serializers.ListField(child=Hex(allow_null=True), allow_null=True)
    extra = Pair(many=True, help_text="The header's extra data.")
    evidence = Evidence()
    signatures = Signature(
        many=True,
        allow_null=True,
        help_text="The witness; null where it is not kept (of an empty block, once it was checked).",
    )
    digest = Rid(allow_null=True, help_text="Of every revision up to it; null where it has none.")
    transaction_count = Whole()
    transactions = TransactionRow(
        many=True, help_text="In their order, at most 500: the first, or those after `transactions_after`."
    )
    transactions_next = Whole(
        allow_null=True, help_text="Where more follow: what to give as `transactions_after`, else null."
    )
    records = serializers.ListField(
        child=Whole(), help_text="Prompt ids of the records that it wrote, changed or removed, at most 500."
    )
    record_count = Whole()
    did = Deed(source="deeds", many=True, help_text="What it did to them, and to who may write.")
    previous = Whole(allow_null=True, help_text="The nearest height below with transactions.")
    next = Whole(allow_null=True, help_text="The nearest height above with transactions.")
    as_of = AsOf(source="chain")
