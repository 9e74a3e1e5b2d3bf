"""Transactions, operation by operation and argument by argument."""

from rest_framework import serializers

from explorer.api.fields import Big, Hex, Moment, Rid, Whole, Words, choice
from explorer.api.serializers.evidence import Evidence
from explorer.api.serializers.lists import AsOf
from explorer.api.serializers.texts import Hash, Value
from explorer.queries.chain import transactions
from explorer.queries.db.texts import Text, Withheld


class Held(serializers.Serializer[Text]):
    """Why something is withheld."""

    kind = choice(Withheld, source="withheld")
    reason = Words()


class Argument(serializers.Serializer[transactions.Argument]):
    """One argument of an operation."""

    name = Words(help_text="As the dapp declares it; empty where its declaration is not known.")
    type = choice(transactions.Kind, source="kind", help_text="In GTV's words.")
    value = Value(
        source="shown",
        allow_null=True,
        help_text="As text: digits of a number, upper-case hex of a byte array, JSON of arrays and dicts; "
        "null where it is withheld, or too long for this answer (`withheld` is null then).",
    )
    sha256 = Hash(source="shown", help_text="Over the UTF-8 of value.")
    length = Whole(source="shown.length", help_text="Characters of value.")
    withheld = choice(Withheld, source="shown.withheld", allow_null=True)
    reason = Words(source="shown.reason", help_text="Why it is withheld, else empty.")


class Operation(serializers.Serializer[transactions.Operation]):
    """One operation of a transaction."""

    index = Whole(help_text="In its transaction, from 0.")
    position = Big(help_text="height * 2^20 + its ordinal in the block.")
    name = Words()
    arguments = Argument(
        many=True, allow_null=True, help_text="In their order; null where the transaction is withheld."
    )
    note = Words(help_text="What was not understood of it, else empty.")
    records = serializers.ListField(
        child=Whole(), help_text="Prompt ids of the records that it wrote, changed or removed."
    )


class Transaction(serializers.Serializer[transactions.Transaction]):
    """A transaction at its place in a block."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    rid = Rid(help_text="Transaction RID: what its signers signed.")
    hash = Rid(help_text="Transaction hash, signatures and all: what the block's root is made of.")
    height = Whole()
    block = Rid(source="block_rid", help_text="Block RID.")
    ordinal = Whole(help_text="In its block, from 0.")
    at = Moment(help_text="The time of its block, as its builder states it.")
    timestamp = Whole(help_text="The same in ms since 1970.")
    length = Whole(help_text="Bytes.")
    signers = serializers.ListField(child=Hex(), help_text="Public keys.")
    oddities = serializers.ListField(child=Words(), help_text="Sentences; none where it is like others.")
    evidence = Evidence()
    operation_count = Whole()
    operations = Operation(many=True, help_text="In their order, at most 1,000.")
    withheld = Held(allow_null=True, help_text="Null where all of it is shown.")
    as_of = AsOf(source="chain")
