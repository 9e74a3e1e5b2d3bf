"""No statistics may hold what somebody calls a passkey of his, nor the address that a notice goes to."""

from django.db import migrations


def without_statistics(table: str, column: str) -> migrations.RunSQL:
    alter = f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS"
    return migrations.RunSQL(f"{alter} 0", f"{alter} -1")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_notices"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [
        without_statistics("accounts_notice", "email"),
        without_statistics("mfa_authenticator", "data"),
    ]
