"""What somebody is about to file."""

import uuid

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """A challenge that is being written: `drafts`.

    The web and workers read and write it. Its id is the link to it, and before somebody signed in the only
    right to it; from then on it is that person's alone. Filing takes all words out of it; what is not filed
    is removed two weeks after it was last written to, or 90 days after it was begun, by `drafts.expire`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=True
    )
    brid = models.BinaryField()
    prompt_id = models.BigIntegerField()
    revision = models.IntegerField(null=True)  # the one that is questioned, where it is a certain one
    ground = models.TextField(default="")
    fields = models.JSONField(default=dict)  # as typed, by the names of the ground's fields
    statement = models.TextField(default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    challenge = models.ForeignKey("challenges.Challenge", models.CASCADE, null=True, related_name="+")
