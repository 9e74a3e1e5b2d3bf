"""An index that has all that challenges are counted by: their rows are wide."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("challenges", "0014_report_kinds")]

    operations = [
        AddIndexConcurrently(
            model_name="challenge",
            index=models.Index(
                fields=["ground", "status"],
                include=["elapses_at", "resolution", "close_reason", "is_confirmed", "filed_at"],
                name="challenge_counted",
            ),
        ),
    ]
