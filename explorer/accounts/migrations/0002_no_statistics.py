"""No statistics may hold an address: it must be gone when it is erased."""

from django.db import migrations


def without_statistics(table: str) -> migrations.RunSQL:
    alter = f"ALTER TABLE {table} ALTER COLUMN email SET STATISTICS"
    return migrations.RunSQL(f"{alter} 0", f"{alter} -1")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_tables")]

    operations = [without_statistics("accounts_account"), without_statistics("accounts_signin")]
