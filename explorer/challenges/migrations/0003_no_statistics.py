"""No statistics may hold what a person wrote: it must be gone when it is erased."""

from django.db import migrations


def without_statistics(column: str) -> migrations.RunSQL:
    alter = f"ALTER TABLE challenges_report ALTER COLUMN {column} SET STATISTICS"
    return migrations.RunSQL(f"{alter} 0", f"{alter} -1")


class Migration(migrations.Migration):
    dependencies = [("challenges", "0002_tables")]

    operations = [without_statistics(column) for column in ("page", "text", "contact")]
