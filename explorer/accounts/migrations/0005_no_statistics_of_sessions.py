"""No statistics may hold what a session holds, which may be words of a person."""

from django.db import migrations

_ALTER = "ALTER TABLE accounts_session ALTER COLUMN session_data SET STATISTICS"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_keys")]

    operations = [migrations.RunSQL(f"{_ALTER} 0", f"{_ALTER} -1")]
