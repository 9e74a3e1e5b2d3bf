"""The tables of the desk that accounts and challenges share. None belongs to a generation or follows a
derivation's checkpoint, and fsck derives none again: nothing of them follows from the chain.

What the web server's role may do to each is in ``config.databases``; the readers' role may do nothing.
"""

import uuid

from django.db import models

DESK = "desk"
"""The alias of these tables; a transaction over them names it."""


class Sequence(models.Model):
    """The last number that was given out under a name, in numbers without gaps: see `sequences`.

    The web and workers read and write it. Nothing erases it, and there is nothing of a person in it.
    """

    name = models.TextField(primary_key=True)
    last = models.BigIntegerField(default=0)


class Quota(models.Model):
    """How often something was done in a period, by one client address or by everybody: see `quotas`.

    The web and workers read and write it. `subject` is a keyed hash that nobody can compare with that of
    another period; `quotas.expire` removes the row when its period is over.
    """

    scope = models.TextField()
    subject = models.BinaryField()  # empty: everybody
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "subject", "begun_at"], name="quota_once"),
        ]


class OutboxEntry(models.Model):
    """Something for a worker to do, written with what asks for it in one transaction: see `outbox`.

    The web adds rows and reads none; workers do the rest. `arguments` hold numbers and ids, never a person's
    words. One that was never done stays, with why; `outbox.expire` removes those that were.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.TextField()
    arguments = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # null: done, or given up
    attempts = models.IntegerField(default=0)
    failure = models.TextField(default="")  # of the last attempt
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="outbox_due", condition=models.Q(due_at__isnull=False)),
        ]
