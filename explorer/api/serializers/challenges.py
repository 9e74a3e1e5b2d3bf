"""Challenges: rows of a list, one with its facts and both sides, and its events."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from explorer.api.fields import Big, ExactMoment, Flag, Hex, Moment, Rid, Whole, Words, Written, choice
from explorer.api.serializers.challenge_files import EvidenceFile
from explorer.api.serializers.lists import AsOf, ListOf
from explorer.queries.records.checks import Result
from explorer.queries.site import challenge_changes, challenge_parts, challenges
from explorer.queries.site.challenge_events import EventRow, Silence
from explorer.rules import deadlines, naming
from explorer.rules.ground import Assurance
from explorer.rules.lifecycle import Action, CloseReason, Resolution, Status

_SILENCE = (
    "Why no words are there though there are some: waiting (to be looked through), suppressed, or "
    "with-record (words of the record are withheld, which these may repeat). Null else."
)


@extend_schema_field({"type": "string"})
class Address(Written):
    """Where a challenge is in this API."""

    def to_representation(self, value: challenges.ChallengeRow) -> str:
        """Such as ``/api/v1/challenges/C-2026-000123``."""
        return reverse("api:challenge", args=[value.name])


@extend_schema_field({"type": "string"})
class Name(Written):
    """What a challenge is called, of its number."""

    def to_representation(self, value: int) -> str:
        """Such as ``C-2026-000123``."""
        return naming.name_of(value)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class Texts(Written):
    """Texts by their names."""


@extend_schema_field({"type": "object", "additionalProperties": True})
class Facts(Written):
    """Words of a list, numbers and hashes, by their names; no text of either side."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
class Outcomes(Written):
    """How many of each resolution; of what is not named there is none."""

    def to_representation(self, value: Mapping[Resolution, int]) -> dict[str, int]:
        """By the words of the resolutions."""
        return {each.value: value[each] for each in Resolution if each in value}


class Deadline(serializers.Serializer[deadlines.Deadline]):
    """A time that runs."""

    step = Words(help_text="The status that it ends; evidence: until when evidence is not marked late.")
    due_by = Moment(source="by")
    past_due = Flag(source="is_past")
    then = choice(
        Action,
        source="itself",
        allow_null=True,
        help_text="What happens by itself at that time; null where people are late then.",
    )


class ChallengeRow(serializers.Serializer[challenges.ChallengeRow]):
    """A challenge in a list: where it stands now, with what happened by itself."""

    number = Words(source="name", help_text="What it is called, as C-2026-000123.")
    url = Address(source="*", help_text="Its path in this API; its page is the same without /api/v1.")
    status = choice(Status)
    resolution = choice(
        Resolution,
        source="outcome",
        allow_null=True,
        help_text="What was decided; null before, and once it is opened again.",
    )
    closed_for = choice(
        CloseReason, allow_null=True, help_text="Why it was closed undecided; null where it was not."
    )
    duplicate_of = Name(allow_null=True, help_text="The challenge that it goes on as; null else.")
    next_actor = choice(
        deadlines.NextActor,
        source="due.actor",
        allow_null=True,
        help_text="Whose turn it is; null: nobody's.",
    )
    deadlines = Deadline(many=True, help_text="The times that run now, the first to end first.")
    ground = Words(source="ground.name", help_text="See /grounds.")
    assurance = choice(Assurance, source="ground.assurance", help_text="What settles it: see /grounds.")
    rules_sha256 = Rid(help_text="Of the grounds as they were when it was filed.")
    chain = Rid(source="brid", help_text="Blockchain RID of the record's chain.")
    prompt_id = Whole(help_text="Of the record.")
    position = Big(help_text="Of the operation that is questioned.")
    scout = Big(help_text="The UID that the record names.")
    is_confirmed = Flag(
        help_text="Whether a check of the chain found it as it was filed. No decision is made by itself."
    )
    has_response = Flag(help_text="Whether the other side answered. Silence is no admission.")
    joined = Whole(help_text="How many joined it; that is no vote.")
    filed_at = Moment()
    changed_at = Moment(help_text="When the last event was written.")
    version = Whole(help_text="How many events it has.")


class Counts(serializers.Serializer[challenges.Counts]):
    """How many challenges the filters leave."""

    every = Whole()
    pending = Whole(help_text="Of these, not over.")
    outcomes = Outcomes(help_text="Of these, by resolution; what is not named is none.")


class ChallengeList(serializers.Serializer[Any]):
    """A page of challenges."""

    results = ChallengeRow(many=True)
    next = Words(allow_null=True, help_text="The whole address of the next page; null on the last one.")
    as_of = AsOf(many=True, help_text="Of each chain.")
    counts = Counts()


class Statement(serializers.Serializer[EventRow]):
    """What somebody says in an event."""

    event = Whole(source="ordinal", help_text="Its ordinal among the events.")
    type = Words()
    role = Words()
    name = Words(help_text="A pseudonym; empty of the system, and of an account that was deleted.")
    at = ExactMoment()
    facts = Facts(help_text="See events.")
    words = Texts(help_text="A stranger's, by what they are; empty where they are not shown.")
    silence = choice(Silence, allow_null=True, help_text=_SILENCE)
    payload_sha256 = Rid(help_text="Of salt and what is said: see events.")
    bytes = Whole(source="size", allow_null=True, help_text="Of the words, as UTF-8; null: not shown.")
    files = EvidenceFile(many=True, help_text="That go with it.")


class ChallengedRevision(serializers.Serializer[challenge_parts.ShownRevision]):
    """A revision of the record that is questioned."""

    number = Whole(source="kept.number")
    kind = Words(source="kept.kind")
    height = Whole(source="kept.height")
    transaction = Words(source="kept.transaction_rid")
    proof = Words(source="kept.proof", help_text="How far its block is proved.")
    result_sha256 = Words(source="kept.result_sha256", help_text="Of the result as signed; empty: deleted.")
    is_new = Flag(help_text="Whether it came after the challenge was filed.")


class SaidByCheck(serializers.Serializer[Any]):
    """What a check said of the record at a time."""

    version = Whole()
    result = serializers.ChoiceField([each.value for each in Result])
    reason = Words()
    values = Texts(help_text="Numbers and hashes, as text. Empty while words of the record are withheld.")


class ChallengedCheck(serializers.Serializer[challenge_parts.ShownCheck]):
    """A check that looks for what is questioned."""

    check = Words(source="name")
    then = SaidByCheck(allow_null=True, help_text="When the challenge was filed; null where it was not made.")
    now = SaidByCheck(allow_null=True, help_text="Null where it is not made.")


class ChallengedChange(serializers.Serializer[challenge_changes.Change]):
    """Something about the record that is not as it was when the challenge was filed."""

    what = Words()
    then = Words(help_text="Of a check the reason of what it said.")
    now = Words()
    check = Words(
        help_text="The check that says otherwise, by other records too; empty: of the record itself."
    )


class ChallengeFacts(serializers.Serializer[challenges.ChallengeView]):
    """What is known of a challenge beside where it stands."""

    rules_version = Whole(
        source="row.rules_version",
        allow_null=True,
        help_text="Of the grounds when it was filed; null where they are others than those at /grounds.",
    )
    filed_on = Whole(source="then.height", help_text="The height up to which its chain was indexed then.")
    record_is_here = serializers.SerializerMethodField(help_text="Whether the record is indexed here now.")
    is_withheld = Flag(help_text="Whether words of the record are withheld, or it is not here.")
    changes = ChallengedChange(many=True, help_text="What became of the record since it was filed.")
    as_of = AsOf(source="chain", allow_null=True, help_text="Null where the chain is not indexed here now.")

    @extend_schema_field({"type": "boolean"})
    def get_record_is_here(self, view: challenges.ChallengeView) -> bool:
        """A chain may be followed no more."""
        return view.record is not None


class WithheldWords(serializers.Serializer[challenge_parts.Withholding]):
    """Words that are withheld."""

    event = Whole(help_text="The ordinal of the event that says them.")
    category = Words(help_text="What they are; never why, which may repeat them.")
    is_erased = Flag(help_text="Whether they were taken out for good, which takes two people.")
    by = Words(help_text="Who withheld them, within this challenge.")
    at = ExactMoment()
    second = Words(help_text="Who agreed; empty while nobody did.")
    due_by = Moment(source="due", help_text="By when a second person agrees, or shows them again.")
    past_due = Flag(source="is_late", help_text="Whether he is late. They stay withheld.")


class ChallengeParts(serializers.Serializer[challenge_parts.Parts]):
    """The facts of a challenge, and what each side says."""

    revisions = ChallengedRevision(many=True, help_text="Of the record, the first and the newest ones.")
    checks = ChallengedCheck(many=True, help_text="Those that look for what is questioned.")
    challenging = Statement(many=True, help_text="Of who questions it, and who joined.")
    responding = Statement(many=True, help_text="Of the other side.")
    evidence = Statement(many=True, help_text="What was added.")
    decisions = Statement(many=True, help_text="With their reasons.")
    appeals = Statement(many=True, help_text="Of decisions, with the ground (facts) and the reasons (words).")
    withheld = WithheldWords(
        many=True, help_text="What somebody said that is not shown, of which event and as what."
    )


class ChallengeDetail(ChallengeRow, ChallengeFacts, ChallengeParts):
    """A challenge with all that is known."""


class ChallengeEvent(serializers.Serializer[EventRow]):
    """Something that happened to a challenge."""

    seq = Big(help_text="Its number among the events of all challenges.")
    ordinal = Whole(help_text="Its number among those of this one, from 1.")
    type = Words(help_text="What was done: file, or an action.")
    sentence = Words(help_text="The same in a sentence.")
    actor_ref = Words(help_text="Who did it, within this challenge.")
    role = Words()
    name = Words(help_text="A pseudonym; empty of the system, and of an account that was deleted.")
    at = ExactMoment()
    prev_event_sha256 = Hex(source="prev_sha256", help_text="Of the event before; empty of the first.")
    payload_sha256 = Rid(help_text="Of salt and what the event says: facts and words as canonical JSON.")
    sha256 = Rid(help_text="Of the event: see docs/api.md for how to make it again.")
    facts = Facts()
    words = Texts(help_text="A stranger's, by what they are; empty where there are none or not shown.")
    salt = Hex(allow_null=True, help_text="Hashed with what is said; null while words are not shown.")
    silence = choice(Silence, allow_null=True, help_text=_SILENCE)


class ChallengeEvents(ListOf):
    """All that happened to a challenge, oldest first."""

    results = ChallengeEvent(many=True)
