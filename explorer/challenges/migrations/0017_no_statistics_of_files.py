"""No statistics may hold what a file was called, nor a hash of it without its salt: see 0006."""

from django.db import migrations

_COLUMNS = ("name", "salt", "sha256", "sent_sha256")


def without_statistics(column: str) -> migrations.RunSQL:
    alter = f"ALTER TABLE challenges_evidencefile ALTER COLUMN {column} SET STATISTICS"
    return migrations.RunSQL(f"{alter} 0", f"{alter} -1")


class Migration(migrations.Migration):
    dependencies = [("challenges", "0016_evidence_files")]

    operations = [without_statistics(column) for column in _COLUMNS]
