"""That somebody is told of something by mail."""

import uuid

from django.db import models

from explorer.challenges.models.challenge import Party


class Notice(models.Model):
    """A mail to somebody who takes part in a challenge: see `notices`. It is there once for all that it is
    about, so that nobody is told twice.

    The web may do nothing to it; workers make, read and write it. Nothing erases it, and it knows neither an
    address nor a person: whose it is says the party, as long as he has an account.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    party = models.ForeignKey(Party, models.PROTECT, related_name="notices")
    occasion = models.TextField()  # an event or a reminder, as `notices` calls it
    about = models.TextField()  # which of them: the event's ordinal, the time that runs out, or revisions
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party", "occasion", "about"], name="notice_once"),
        ]
