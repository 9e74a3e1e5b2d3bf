"""Files that people send."""

from django.conf import settings
from django.contrib.postgres.indexes import HashIndex
from django.db import models

from explorer.challenges.models.challenge import Challenge, Event
from explorer.challenges.models.draft import Draft


class EvidenceFile(models.Model):
    """A file that goes with what somebody says: `files`. Its bytes are in the storage, under `stored`.

    The web adds rows, reads them, says of which event they are, and removes those that are of none; everybody
    reads in `desk_public.challenge_file` what is shown once somebody has looked the event's words through.
    Until it is sent it is of a draft, or of somebody who adds to a challenge, and `files.sweep` removes it
    two weeks later at most. Erasing the words of its event erases name, hashes and bytes; type and size stay,
    as the event has them.
    """

    draft = models.ForeignKey(Draft, models.CASCADE, null=True, related_name="files")
    challenge = models.ForeignKey(Challenge, models.PROTECT, null=True, related_name="files")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="files")
    number = models.IntegerField(null=True)  # among the files of its challenge, from 1
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.TextField()  # made of the one that was given
    type = models.TextField()  # of `rules.evidence`
    size = models.IntegerField()  # bytes, as they are kept
    salt = models.BinaryField(null=True)
    sha256 = models.BinaryField(null=True)  # of the bytes as they are kept
    sent_sha256 = models.BinaryField(null=True)  # as they were sent
    stored = models.TextField()  # made of `salted_sha256`; empty where it was erased
    salted_sha256 = models.BinaryField()  # of the salt and the bytes as they are kept, as the event has it
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "number"],
                name="evidence_file_once",
                condition=models.Q(number__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["stored"], name="evidence_file_stored"),
            HashIndex(fields=["sha256"], name="evidence_file_kept"),
            HashIndex(fields=["sent_sha256"], name="evidence_file_sent"),
            models.Index(
                fields=["added_at"], name="evidence_file_waiting", condition=models.Q(event__isnull=True)
            ),
        ]
