"""Indexes by which the same file is found in other challenges. They hold no hash whole, so that none stays in
them after it was erased.
"""

from django.contrib.postgres.indexes import HashIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("challenges", "0020_no_statistics_of_kept_words")]

    operations = [
        AddIndexConcurrently(
            model_name="evidencefile", index=HashIndex(fields=["sha256"], name="evidence_file_kept")
        ),
        AddIndexConcurrently(
            model_name="evidencefile", index=HashIndex(fields=["sent_sha256"], name="evidence_file_sent")
        ),
    ]
