"""Content: each text once, keyed by the SHA-256 of its Rell-normal JSON."""

from django.db import models


class Text(models.Model):
    """A text, or why it is not here as one.

    ``raw`` holds UTF-8 that PostgreSQL refuses as text. Both are null once the text was erased.
    """

    class Reason(models.IntegerChoices):
        """Why ``text`` is null."""

        NONE = 0
        NUL = 1, "holds a NUL character"
        SIZE = 2, "too large for a text column"
        ERASED = 3, "erased, hash only"

    hash = models.BinaryField(primary_key=True)
    length = models.IntegerField()  # characters
    reason = models.SmallIntegerField(choices=Reason)
    text = models.TextField(null=True)
    raw = models.BinaryField(null=True)

    class Meta:
        abstract = True


class Prompt(Text):
    """The normalised messages of a prompt."""


class Answer(Text):
    """The content string of an answer, or the whole normalised result where there is none."""
