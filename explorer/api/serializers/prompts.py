"""Prompts: rows of a list, and one with every different answer to it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api import bounds
from explorer.api.fields import Big, Flag, Moment, Rid, Whole, Words, Written
from explorer.api.serializers.challenged import ChallengedRecords
from explorer.api.serializers.checks import CheckCounts
from explorer.api.serializers.facets import UpTo
from explorer.api.serializers.lists import AsOf
from explorer.api.serializers.texts import Message, Missing, Snippet, Withheld
from explorer.queries.db.texts import Text
from explorer.queries.prompts import asked, cohorts, given, prompt

_COUNTED_TO = "Each chain of which newer records are not in the numbers yet; empty where all are."


class Determinism(serializers.Serializer[Any]):
    """How far records with the same prompt, seed, model and provider agree, where there are two or more."""

    agreeing = Whole(help_text="Records that first gave the commonest answer of theirs.")
    paired = Whole(help_text="Records in such cohorts of two or more: the denominator.")


class Figures(serializers.Serializer[Any]):
    """How many records answer a prompt."""

    records = Whole(source="figures.records", help_text="Ever written.")
    live = Whole(source="figures.live", help_text="Not deleted.")
    edited = Whole(source="figures.edited", help_text="Of the live ones.")
    deleted = Whole(source="figures.deleted")
    answers = Whole(source="figures.answers", help_text="Different ones, as first written.")
    answers_now = Whole(source="figures.answers_now", help_text="Different ones that live records give.")
    answers_ever = Whole(source="figures.answers_ever", help_text="Different ones in all revisions.")
    determinism = Determinism(source="figures")


class PromptRow(Figures):
    """A prompt of one chain in a list."""

    prompt_key = Rid(source="figures.prompt", help_text="SHA-256 of the messages in the dapp's form.")
    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    prompt = Snippet(source="newest.prompt", help_text="The user's last message.")
    newest = Whole(source="newest.prompt_id", help_text="The prompt_id of its newest record.")
    newest_at = Moment(source="newest.block_at", help_text="The time of the block that added that one.")


class PromptList(serializers.Serializer[asked.Prompts]):
    """A page of prompts."""

    results = PromptRow(many=True)
    next = Words(allow_null=True, help_text="The whole address of the next page; null on the last one.")
    as_of = AsOf(many=True, help_text="Of each chain in the list.")
    counted_to = UpTo(many=True, help_text=_COUNTED_TO)


class OnChain(Figures):
    """The prompt on one chain that has it."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    first_at = Moment(help_text="The time of the block that added its first record.")
    newest_at = Moment(help_text="The time of the block that added its newest record.")


class ServedBy(serializers.Serializer[given.Served]):
    """A model and a provider that gave an answer."""

    model = Words()
    provider = Words()
    records = Whole(source="first", help_text="That gave it first; 0 where only an edit did.")


class GivenAnswer(serializers.Serializer[given.Given]):
    """A different answer, over all chains."""

    letter = Words(help_text="Of this answer of the API alone.")
    said_key = Rid(source="key", help_text="What the filter said_key of records takes, with prompt_key.")
    answer = Snippet(source="text")
    records = Whole(source="first", help_text="That gave it first.")
    edited = Whole(help_text="Of these: edited since, and not deleted.")
    deleted = Whole(help_text="Of these: deleted since.")
    now = Whole(help_text="Live records that give it now.")
    revisions = Whole(source="said", help_text="That ever gave it.")
    scout_count = Whole(source="scouts", help_text="Scouts of each chain that ever gave it.")
    scouts = serializers.ListField(
        child=Big(),
        source="first_scouts",
        help_text="Some of them, on the chain that is named: three at most.",
    )
    models = ServedBy(many=True, help_text="Five at most, the one that gave it most often first.")
    has_more_models = Flag()
    chain = Rid(source="chain.brid", help_text="The chain on which it was given first.")
    prompt_id = Whole(help_text="The record that gave it first there.")
    revision = Whole(help_text="Of that record, the revision that gave it.")
    height = Whole(help_text="Of the block in which it did.")
    said_at = Moment(help_text="The time of that block.")


class Cohort(serializers.Serializer[cohorts.Cohort]):
    """The records of one chain with the same messages, seed, model and provider."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    seed = Big()
    model = Words()
    provider = Words()
    records = Whole(help_text="Ever written.")
    live = Whole()
    answers = Whole(help_text="Different ones, as first written.")
    agreeing = Whole(source="most", help_text="Records that first gave the commonest answer.")
    letter = Words(help_text="Of the commonest answer; empty where that is not listed.")
    has_most = Flag(help_text="Whether more than half first gave the commonest; else no answer has most.")


class Differing(serializers.Serializer[cohorts.Differing]):
    """Records of a cohort that first gave an answer other than its commonest, the same one."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    prompt_id = Whole(help_text="The first of them.")
    scout = Big(help_text="That of this one.")
    seed = Big()
    model = Words()
    provider = Words()
    letter = Words(help_text="Of their answer; empty where that is not listed.")
    commonest = Words(help_text="The letter of the commonest answer; empty where that is not listed.")
    records = Whole(help_text="How many they are.")
    commonest_records = Whole(help_text="How many first gave the commonest answer.")
    cohort_records = Whole(help_text="How many the cohort has.")
    has_most = Flag(
        help_text="Whether they differ from most: false where no more than half first gave the commonest, so "
        "that no answer has most."
    )


@extend_schema_field({"type": "string"})
class BoundedValue(Written):
    """A text that is null where it is withheld, or too long for an answer."""

    def to_representation(self, value: Text) -> str | None:
        """Verbatim."""
        return value.value if value.length <= bounds.MOST else None


class Prompt(serializers.Serializer[prompt.Prompt]):
    """A prompt over all chains that have it, and every different answer to it."""

    prompt_key = Rid(source="key", help_text="SHA-256 of the messages in the dapp's form.")
    messages = BoundedValue(
        allow_null=True,
        help_text="The argument as signed (JSON as text); null where withheld, and where it has over 500,000 "
        "characters.",
    )
    messages_length = Whole(source="messages.length", help_text="Characters; 0 where that is not known.")
    messages_url = serializers.SerializerMethodField(help_text="The path of all of it, as it was signed.")
    conversation = Message(
        many=True, allow_null=True, help_text="messages read; null where they are no list of messages."
    )
    withheld = serializers.SerializerMethodField(help_text="The messages, where they are not there, and why.")
    records = Whole(source="total.records", help_text="Ever written, on all chains.")
    live = Whole(source="total.live")
    edited = Whole(source="total.edited", help_text="Of the live ones.")
    deleted = Whole(source="total.deleted")
    determinism = Determinism(source="total")
    challenged = ChallengedRecords(help_text="Of its records, by now.")
    checks = CheckCounts()
    chains = OnChain(source="on_chains", many=True)
    answer_count = Whole(source="answers.first", help_text="Different answers, as first written.")
    answers = GivenAnswer(
        source="answers.listed", many=True, help_text="The first ten, by how many records gave them first."
    )
    answers_left_out = Whole(
        source="answers.others",
        help_text="How many follow, of all ever given: of one chain told on the first page.",
    )
    answers_are_exact = Flag(
        source="answers.is_exact", help_text="False where answer_count and answers_left_out may be less."
    )
    answers_next = Words(
        source="answers.next",
        allow_null=True,
        help_text="The whole address of the answers that follow; null at their end. Where several chains "
        "have the prompt that is after the first 500 of each: give chain to go on.",
    )
    cohort_count = Whole(source="total.cohorts", help_text="Of all chains.")
    cohorts = Cohort(many=True, help_text="The largest 200 of each chain.")
    differing_count = Whole(source="total.differing", help_text="Records in all that differ.")
    differing = Differing(many=True, help_text="Of each chain the first 25 lines.")
    counted_to = UpTo(many=True, help_text=_COUNTED_TO)
    as_of = serializers.SerializerMethodField(help_text="Of each chain that has it.")

    def get_messages_url(self, found: prompt.Prompt) -> str:
        """That of the download."""
        return reverse("record-raw", args=[found.chain.rid, found.prompt_id, 1, "messages"])

    @extend_schema_field(Withheld(many=True))
    def get_withheld(self, found: prompt.Prompt) -> Sequence[Any]:
        """Nothing where they are shown."""
        if found.messages.withheld is None:
            return []
        return [Withheld(Missing("messages", None, found.messages)).data]

    @extend_schema_field(AsOf(many=True))
    def get_as_of(self, found: prompt.Prompt) -> Sequence[Any]:
        """Each as a list has it."""
        return [AsOf(each.chain).data for each in found.on_chains]

    def to_representation(self, instance: prompt.Prompt) -> dict[str, Any]:
        """Without a conversation where the messages are too long."""
        told: dict[str, Any] = super().to_representation(instance)
        return told if told["messages"] is not None else told | {"conversation": None}
