"""No statistics may hold what a person wrote of a challenge: it must be gone when it is erased."""

from django.db import migrations

_COLUMNS = (
    ("challenges_draft", "fields"),
    ("challenges_draft", "statement"),
    ("challenges_party", "name"),
    ("challenges_payload", "salt"),
    ("challenges_payload", "words"),
)


def without_statistics(table: str, column: str) -> migrations.RunSQL:
    alter = f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS"
    return migrations.RunSQL(f"{alter} 0", f"{alter} -1")


class Migration(migrations.Migration):
    dependencies = [("challenges", "0005_challenges")]

    operations = [without_statistics(table, column) for table, column in _COLUMNS]
