"""What somebody tells the operator."""

from django.db import models


class Report(models.Model):
    """What somebody tells the operator in private: a problem with a page, or what a record must not show.

    The web adds rows, and reads back number and id alone; workers and commands read and write all of it. It
    refers to no record but by the address of a page. `reports.erase` takes out what was written; the row
    stays, so that numbers have no gap.
    """

    class Kind(models.TextChoices):
        """What it is about."""

        PAGE = "page", "a problem with a page"
        # Named as the private grounds are.
        PERSONAL_DATA = "personal-data", "personal data"
        SECRET_EXPOSED = "secret-exposed", "a secret in the open"
        UNLAWFUL = "unlawful-or-harmful", "something unlawful or harmful"

    id = models.UUIDField(primary_key=True, editable=False)  # of the form and what it said
    number = models.BigIntegerField(unique=True)
    kind = models.TextField(choices=Kind.choices)
    page = models.TextField()  # path and query
    text = models.TextField()
    contact = models.TextField(default="")  # an e-mail address
    filed_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
