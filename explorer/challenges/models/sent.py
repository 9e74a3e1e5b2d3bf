"""What a program sent under a key of its own."""

from django.conf import settings
from django.db import models


class SentOnce(models.Model):
    """Something that was done for a program, under a text by which it knows it again: see `once`.

    The web adds rows, notes the answer and removes them. The text and what was sent are kept as hashes, and
    `answer` holds the name of a challenge and where it stood. `once.expire` removes the row after a day, and
    whoever deletes the account erases it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key_sha256 = models.BinaryField()
    sent_sha256 = models.BinaryField()
    answer = models.JSONField(default=dict)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "key_sha256"], name="sent_once"),
        ]
