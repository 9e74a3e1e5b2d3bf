"""What all checks say is derived again, and counted by slices of ids as it goes."""

from django.db import migrations

_ANEW = """
    TRUNCATE indexer_checked, indexer_checkfinding, indexer_checkevent, indexer_checktally, indexer_checkkin,
        indexer_checkband, indexer_checknamed, indexer_checkasked, indexer_checkslice, indexer_checkunsettled;
    DELETE FROM indexer_derivationcheckpoint WHERE name = 'checks'
"""


class Migration(migrations.Migration):
    dependencies = [("indexer", "0048_check_slices")]

    operations = [migrations.RunSQL(_ANEW, migrations.RunSQL.noop)]
