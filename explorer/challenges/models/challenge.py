"""A challenge, who takes part in it, and all that happened to it."""

from django.conf import settings
from django.db import models
from django.db.models.fields.json import KeyTextTransform

from explorer.rules import deadlines, lifecycle, naming

_PENDING = sorted(each.value for each in lifecycle.PENDING)


class Challenge(models.Model):
    """A record that is questioned on a ground, and where that stands: `filing` and `acting`.

    The web and workers read and write it, always with an event in the same transaction; everybody reads it
    in `desk_public.challenge`. It names the record by chain and prompt id, and holds of the chain what
    `snapshot` holds: hashes, numbers and offsets, no text. Nothing erases it, and there is no word of a
    person in it.
    """

    number = models.BigIntegerField(primary_key=True)  # see `explorer.rules.naming`
    draft = models.UUIDField(unique=True)  # that it was filed from: filed twice, it is one challenge
    ground = models.TextField()
    rules_sha256 = models.BinaryField()  # of all grounds as they were when it was filed
    brid = models.BinaryField()
    prompt_id = models.BigIntegerField()
    position = models.BigIntegerField()  # of the operation that is questioned
    scout = models.BigIntegerField()
    model_sha256 = models.BinaryField()  # of the name as the record has it
    provider_sha256 = models.BinaryField()
    snapshot = models.JSONField()
    status = models.TextField()  # of `lifecycle.Status`
    entered_at = models.DateTimeField()  # its status
    elapses_at = models.DateTimeField(null=True)  # when that ends by itself: `deadlines.elapses_at`
    due_ms = models.BigIntegerField(default=deadlines.NEVER)  # what comes next: `deadlines.due_ms`
    is_extended = models.BooleanField(default=False)
    close_reason = models.TextField(default="")
    duplicate_of = models.BigIntegerField(null=True)
    resolution = models.TextField(default="")
    is_confirmed = models.BooleanField(default=False)  # by its check, as it was filed
    has_response = models.BooleanField(default=False)
    joined = models.IntegerField(default=0)
    filed_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)  # when an arbiter first accepted, asked or refused
    decided_at = models.DateTimeField(null=True)  # first
    changed_at = models.DateTimeField()
    version = models.IntegerField(default=1)  # counts its events

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brid", "prompt_id", "ground"],
                name="challenge_pending_once",
                condition=models.Q(status__in=_PENDING),
            ),
        ]
        indexes = [
            models.Index(fields=["brid", "prompt_id"], name="challenge_record"),
            models.Index(fields=["brid", "scout"], name="challenge_scout"),
            models.Index(
                fields=["elapses_at"], name="challenge_elapses", condition=models.Q(elapses_at__isnull=False)
            ),
            models.Index(
                fields=["brid", "resolution", "prompt_id"],
                name="challenge_resolved",
                condition=~models.Q(resolution=""),
            ),
            models.Index(
                fields=["ground", "status"],
                include=[
                    *("elapses_at", "due_ms", "resolution", "close_reason", "is_confirmed"),
                    *("filed_at", "acknowledged_at", "decided_at"),
                    *("brid", "scout", "model_sha256", "provider_sha256"),
                ],
                name="challenge_told",
            ),
            models.Index(fields=["brid", "model_sha256"], name="challenge_model"),
            models.Index(fields=["brid", "provider_sha256"], name="challenge_provider"),
            models.Index(KeyTextTransform("prompt_key", "snapshot"), name="challenge_prompt"),
            models.Index(models.F("due_ms") * -1, models.F("number"), name="challenge_due"),
        ]

    @property
    def name(self) -> str:
        """What it is called: C-2026-000123."""
        return naming.name_of(self.number)


class Party(models.Model):
    """Somebody who takes part in a challenge, in a role, and the name under which everybody sees him.

    The web adds rows and takes people out of them; everybody reads role, place and name in
    `desk_public.challenge_event`. Who removes an account erases `name`, and `person` is null from then on:
    events name a party by role and place, which stay.
    """

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="parties")
    role = models.TextField()  # of `lifecycle.Role`
    place = models.IntegerField()  # among those of the role, from 1
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "role", "place"], name="party_once"),
            models.UniqueConstraint(
                fields=["challenge", "role", "person"],
                name="party_person_once",
                condition=models.Q(person__isnull=False),
            ),
        ]

    @property
    def ref(self) -> str:
        """What events call it."""
        return f"{self.role}-{self.place}"


class Payload(models.Model):
    """What an event says: `facts` in words of ours and numbers, `words` of a person.

    The web adds rows and reads back of each person what is his own, in `challenges_own_words`; everybody
    reads `facts`, and `words` once they were looked through
    (`published_at`), in `desk_public.challenge_event`. `withholding.suppress` hides the words or erases
    them, with the salt, without which nobody can try out what they may have been; the event and the hash
    stay.
    """

    sha256 = models.BinaryField(primary_key=True)  # of the salt, and both as canonical JSON: see `events`
    salt = models.BinaryField(null=True)
    facts = models.JSONField()
    words = models.JSONField(null=True)  # null: there are none, or they were erased
    published_at = models.DateTimeField(null=True)
    suppressed_at = models.DateTimeField(null=True)


class Event(models.Model):
    """Something that happened to a challenge, chained to what happened before it: `events`.

    The web and workers add rows; nobody changes or removes one, which a trigger refuses. Everybody reads it
    in `desk_public.challenge_event`. Nothing erases it, and there is no word of a person in it.
    """

    seq = models.BigIntegerField(primary_key=True)  # over all challenges, without gaps
    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="events")
    ordinal = models.IntegerField()  # in its challenge, from 1
    type = models.TextField()
    actor_ref = models.TextField()
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")  # null: the system
    payload = models.ForeignKey(Payload, models.PROTECT, related_name="+")
    prev_event_sha256 = models.BinaryField()  # of the event before it; empty for the first
    sha256 = models.BinaryField()  # of its envelope
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "ordinal"], name="event_once"),
        ]
        indexes = [
            models.Index(fields=["challenge"], name="event_suppress", condition=models.Q(type="suppress")),
        ]
