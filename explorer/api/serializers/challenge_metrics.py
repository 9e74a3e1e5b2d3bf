"""Challenges in numbers."""

from collections.abc import Mapping
from datetime import timedelta

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api.fields import Moment, Whole, Words, Written, choice
from explorer.api.serializers.challenges import Outcomes
from explorer.queries.site import challenge_metrics
from explorer.queries.site.challenge_metrics import Metrics, Step, Taken, Withheld
from explorer.rules.lifecycle import CloseReason, Status


@extend_schema_field({"type": "integer", "nullable": True})
class Seconds(Written):
    """A span of time."""

    def to_representation(self, value: timedelta) -> int:
        """In whole seconds."""
        return round(value.total_seconds())


class WaitingStep(serializers.Serializer[Step]):
    """The challenges in a status that is not over."""

    status = choice(Status)
    every = Whole()
    filed_within_7_days = Whole(source="within_week")
    filed_within_30_days = Whole(source="within_month", help_text="And not within 7.")
    filed_before = Whole(source="before")


class TimeTaken(serializers.Serializer[Taken]):
    """How long something took."""

    count = Whole(help_text="Of how many challenges this is known.")
    median_seconds = Seconds(source="median", allow_null=True, help_text="Null where it is known of none.")


class OutcomesOf(serializers.Serializer[challenge_metrics.Outcomes]):
    """What became of challenges."""

    every = Whole()
    undecided = Whole(help_text="Of these, neither decided nor closed.")
    decided = Whole(source="decided_in_all", help_text="Of these.")
    outcomes = Outcomes(source="decided", help_text="Of those decided, by resolution; the others are none.")
    closed = Whole(help_text="Of these, before they were decided.")


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
class Closed(Written):
    """How many were closed for which reason."""

    def to_representation(self, value: Mapping[CloseReason, int]) -> dict[str, int]:
        """By the words of the reasons."""
        return {each.value: count for each, count in value.items()}


class WithheldClass(serializers.Serializer[Withheld]):
    """Words that were withheld."""

    category = Words(help_text="What they were, in the words of who withheld them.")
    every = Whole(help_text="How often.")
    erased = Whole(help_text="Of these, for good.")


class ChallengeMetrics(serializers.Serializer[Metrics]):
    """Challenges in numbers: each beside what it is a part of."""

    at = Moment(help_text="When this was read.")
    total = OutcomesOf()
    waiting = WaitingStep(many=True, source="steps")
    acknowledged = TimeTaken(help_text="From filing to when an arbiter first accepted, asked or refused.")
    decided = TimeTaken(help_text="From filing to the first decision.")
    by_ground = serializers.DictField(child=OutcomesOf(), help_text="By the names of the grounds.")
    confirmed = OutcomesOf(help_text="Those that a check found as they were filed.")
    unconfirmed = OutcomesOf(help_text="The others.")
    closed = Closed(help_text="How many were closed undecided, by reason.")
    withheld = WithheldClass(many=True, help_text="At most 20 classes, the commonest first.")
