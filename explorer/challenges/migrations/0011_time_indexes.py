"""Indexes of challenges by when what comes next is due, and of what was withheld of them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("challenges", "0010_times")]

    operations = [
        AddIndexConcurrently(
            model_name="challenge",
            index=models.Index(models.F("due_ms") * -1, models.F("number"), name="challenge_due"),
        ),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                condition=models.Q(("type", "suppress")), fields=["challenge"], name="event_suppress"
            ),
        ),
    ]
