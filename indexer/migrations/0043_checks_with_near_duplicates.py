"""A check is new, near-duplicate: what all say is derived again."""

from django.db import migrations

_ANEW = """
    TRUNCATE indexer_checked, indexer_checkfinding, indexer_checkevent, indexer_checktally, indexer_checkkin,
        indexer_checkband;
    DELETE FROM indexer_derivationcheckpoint WHERE name = 'checks'
"""


class Migration(migrations.Migration):
    dependencies = [("indexer", "0042_check_bands")]

    operations = [migrations.RunSQL(_ANEW, migrations.RunSQL.noop)]
