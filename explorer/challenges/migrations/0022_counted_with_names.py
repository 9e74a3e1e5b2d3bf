"""All that counts of challenges go by, in one index: their rows hold a snapshot each, and are read for none.

The index that it takes the place of goes once this one is there.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("challenges", "0021_same_files")]

    operations = [
        AddIndexConcurrently(
            model_name="challenge",
            index=models.Index(
                fields=["ground", "status"],
                include=[
                    *("elapses_at", "due_ms", "resolution", "close_reason", "is_confirmed"),
                    *("filed_at", "acknowledged_at", "decided_at"),
                    *("brid", "scout", "model_sha256", "provider_sha256"),
                ],
                name="challenge_told",
            ),
        ),
        RemoveIndexConcurrently(model_name="challenge", name="challenge_counted"),
    ]
