"""Checks: what each is, what it says of a record, and how often it finds something."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api.fields import Flag, Rid, Whole, Words, Written, choice
from explorer.api.serializers.facets import UpTo
from explorer.api.serializers.lists import AsOf, ListOf
from explorer.queries.records import check_counts, checks

_RESULT = "fail where the finding is there, pass where it is not."
_HEIGHT = "As of the block at this height."
_SINCE = "The height of the block that caused the finding; null of what is none."
_ANEW = (
    "Whether records that say a text which was hidden, erased or shown again are being judged anew: they are "
    "counted as they were until then."
)
_REASON = "A slug for programs: which of the check's outcomes it is."


@extend_schema_field(
    {"type": "object", "additionalProperties": {"oneOf": [{"type": "integer"}, {"type": "string"}]}}
)
class Values(Written):
    """Numbers, and hashes in upper-case hex, by their names."""


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Sentences(Written):
    """Texts of ours."""

    def to_representation(self, value: Any) -> list[str]:
        """In their order."""
        return list(value)


class CheckResult(serializers.Serializer[checks.Told]):
    """What a check says of a record. It is about the record, and about nobody."""

    check = Words(source="check.name", help_text="Its name; see /checks.")
    version = Whole(source="check.version", help_text="Of the check: results of another one may differ.")
    title = Words(source="check.title")
    result = choice(checks.Result, source="outcome.result", help_text=_RESULT)
    reason = Words(source="outcome.reason", help_text=_REASON)
    words = Words(source="outcome.words", help_text="The same in a sentence.")
    values = Values(help_text="Of a finding: by which it can be made again. Empty of what is none.")
    causes = Sentences(source="check.causes", help_text="Innocent ones that such a finding may have.")
    since = Whole(allow_null=True, help_text=_SINCE)
    height = Whole(help_text=_HEIGHT)


class CheckChange(serializers.Serializer[checks.Event]):
    """That a check said something else of the record from a block on."""

    check = Words(source="check.name")
    height = Whole(help_text="Of the block that caused it.")
    was = Words(source="was.reason", help_text="The reason before.")
    now = Words(source="now.reason", help_text="The reason from then on.")


class RecordChecks(ListOf):
    """What every check says of a record: none where it was not judged yet."""

    results = CheckResult(many=True, source="told")
    changes = CheckChange(many=True, source="events", help_text="By height. The add is none.")
    height = Whole(help_text="As of which block; -1 where the record was not judged yet.")


class CheckResults(serializers.Serializer[check_counts.Results]):
    """Of how many of these records a check has which result."""

    check = Words(source="check.name", help_text="Its name; see /checks.")
    title = Words(source="check.title")
    found = Whole(help_text="Have the finding.")
    passed = Whole(help_text="Have it not.")
    not_applicable = Whole(help_text="To how many it does not apply.")
    unknown = Whole(help_text="Of how many it is not known.")


class CheckCounts(serializers.Serializer[check_counts.CheckCounts]):
    """What checks say of all these records, deleted ones among them."""

    records = Whole(help_text="That were judged: the four numbers of each check add up to it.")
    results = CheckResults(many=True, help_text="Every check, in the order of /checks.")
    counted_to = UpTo(many=True, help_text="Each chain of which newer records are not judged yet.")
    are_judged_anew = Flag(help_text=_ANEW)


class CheckOutcome(serializers.Serializer[checks.Counted]):
    """One thing that a check can say, and of how many records it says that."""

    reason = Words(source="outcome.reason", help_text=_REASON)
    result = choice(checks.Result, source="outcome.result", help_text=_RESULT)
    words = Words(source="outcome.words")
    records = Whole()


class CheckEntry(serializers.Serializer[checks.Entry]):
    """A check, and how often it finds something."""

    check = Words(source="check.name", help_text="Its name, and the last part of its address.")
    version = Whole(source="check.version")
    title = Words(source="check.title")
    question = Words(source="check.question")
    how = Words(source="check.how", help_text="How it is made, and how to make it again.")
    causes = Sentences(source="check.causes", help_text="Innocent ones that a finding may have.")
    limits = Words(source="check.limits", help_text="What it cannot tell.")
    reads_texts = Flag(
        source="check.reads_texts", help_text="Whether it reads results, so that withheld ones are unknown."
    )
    records = Whole(help_text="That were judged, over all chains.")
    found = Whole(help_text="Of these, how many have the finding.")
    passed = Whole(help_text="Of these, how many have it not.")
    not_applicable = Whole(help_text="To how many of these it does not apply.")
    unknown = Whole(help_text="Of how many of these it is not known.")
    outcomes = CheckOutcome(source="counts", many=True)


class CheckList(serializers.Serializer[Any]):
    """The checks that are made of every record."""

    results = CheckEntry(many=True)
    next = Words(allow_null=True, help_text="Null: these are all.")
    as_of = AsOf(many=True, help_text="Of each chain.")
    counted_to = UpTo(many=True, help_text="Each chain of which newer records are not judged yet.")
    are_judged_anew = Flag(help_text=_ANEW)


class CheckFinding(CheckResult):
    """A finding, and the record that has it."""

    chain = Rid(source="chain.brid", help_text="Blockchain RID.")
    prompt_id = Whole()


class CheckDetail(CheckEntry):
    """A check with the newest records of which it finds something, ten of each chain at most."""

    findings = CheckFinding(many=True, source="examples")
    counted_to = UpTo(many=True, help_text="Each chain of which newer records are not judged yet.")
    are_judged_anew = Flag(help_text=_ANEW)
    as_of = AsOf(many=True, source="of", help_text="Of each chain.")
