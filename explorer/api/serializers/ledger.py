"""Changes: rows of a ledger."""

from typing import Any

from rest_framework import serializers

from explorer.api.fields import Big, Flag, Hex, Moment, Rid, Whole, Words, choice
from explorer.api.serializers.edits import TOLD, Edit
from explorer.api.serializers.lists import AsOf, Count, ListOf, SearchedTo
from explorer.queries.ledger import ledger, missing
from explorer.queries.ledger.ledger_filter import Change as Kind


class Change(serializers.Serializer[ledger.ChangeRow]):
    """Something that was changed after it was written: a record, or who writes, who signs, or what runs."""

    kind = choice(
        Kind,
        help_text="edit, delete and batch-delete change a record; owner is another key that may write; "
        "signers, code and settings are what a configuration changed.",
    )
    chain = Rid(help_text="Blockchain RID.")
    prompt_id = Whole(allow_null=True, help_text="Of the record; null where none was changed.")
    position = Big(
        help_text="height * 2^20 + the operation's ordinal in its block. All records of a batch share it; "
        "of a configuration it is that of its block's first operation."
    )
    height = Whole(help_text="Of the block that did so.")
    at = Moment(help_text="The time of that block, as its builder states it.")
    transaction = Rid(
        allow_null=True, help_text="Its RID; null of a configuration, which no transaction sets."
    )
    signers = serializers.ListField(child=Hex(), help_text="Public keys that signed the transaction.")
    allowed = Hex(allow_null=True, help_text="The key that the dapp let write then; null where not known.")
    revision = Whole(
        allow_null=True,
        help_text="Of an edit, the number of the revision that it made, which took the place of the one "
        "before it; else null.",
    )
    words_changed = Flag(
        source="has_other_words",
        allow_null=True,
        help_text="Of an edit, whether it changed what is said, white space too (change.is_white_space), or "
        "only ids, times and the like; else null.",
    )
    change = Edit(
        source="edit", allow_null=True, help_text=f"What an edit changed of what was said before it; {TOLD}"
    )
    scout = Big(allow_null=True, help_text="Of the record.")
    model = Words(allow_null=True)
    provider = Words(allow_null=True)
    key = Hex(allow_null=True, help_text="Of an owner, the new one; null where that is not known.")


class Hole(serializers.Serializer[missing.Hole]):
    """Ids that follow each other and that one transaction took out of the chain's table."""

    first = Whole(help_text="The lowest id.")
    last = Whole(help_text="The highest one.")
    count = Whole(help_text="How many these are.")
    kind = choice(
        missing.Why,
        source="why",
        help_text="What took them: delete or batch-delete; not-understood where an add gave them out whose "
        "arguments cannot be read, so that it is not known whether the table has them; unknown where no "
        "operation is known that took them.",
    )
    position = Big(allow_null=True, help_text="Of the operation that took the first of them.")
    height = Whole(allow_null=True, help_text="Of its block.")
    at = Moment(allow_null=True, help_text="The time of that block, as its builder states it.")
    transaction = Rid(allow_null=True, help_text="Its RID; null where unknown.")
    signers = serializers.ListField(child=Hex(), help_text="Public keys that signed it.")
    same_block = Flag(source="is_of_same_block", help_text="Whether the block that wrote them deleted them.")


class Missing(ListOf):
    """A page of the ids that are missing from a chain's table."""

    results = Hole(many=True)
    total = Whole(help_text="How many ids are missing in all.")
    given = Whole(help_text="How many ids were given out.")


_COUNT = "Of all that the filters leave, counted one by one up to 1,000."
_SEARCHED = (
    "Null where the page is whole. Else time ran out: how far each chain was searched that was not searched "
    "through, and next goes on from there."
)


class Ledger(ListOf):
    """A page of changes."""

    results = Change(many=True)
    count = Count(help_text=_COUNT)
    searched_to = SearchedTo(many=True, allow_null=True, help_text=_SEARCHED)


class LedgerOfChains(serializers.Serializer[Any]):
    """A page of changes of several chains."""

    results = Change(many=True)
    next = Words(allow_null=True, help_text="The whole address of the next page; null on the last one.")
    as_of = AsOf(many=True, help_text="Of each chain in the list.")
    count = Count(help_text=_COUNT)
    searched_to = SearchedTo(many=True, allow_null=True, help_text=_SEARCHED)
