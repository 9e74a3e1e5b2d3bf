"""What somebody typed while he was signed out."""

import uuid

from django.conf import settings
from django.db import models


class KeptWords(models.Model):
    """What was sent to an address of a form by a browser whose session was over: `signed_out`.

    The web adds rows, notes whose they are, reads and removes them. The browser's session alone knows the
    id; once somebody signs in there and comes back they are his too, and nobody else's. Filing them removes
    the row, as does deleting the account; `kept_words.expire` removes it after a day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    path = models.TextField()
    typed = models.JSONField()  # as typed, by the names of the form's fields
    expires_at = models.DateTimeField(db_index=True)
