"""No statistics may hold what a person typed: it must be gone when it is erased."""

from django.db import migrations

_ALTER = "ALTER TABLE challenges_keptwords ALTER COLUMN typed SET STATISTICS"


class Migration(migrations.Migration):
    dependencies = [("challenges", "0019_kept_words")]

    operations = [migrations.RunSQL(f"{_ALTER} 0", f"{_ALTER} -1")]
