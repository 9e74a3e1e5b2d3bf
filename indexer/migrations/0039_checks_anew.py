"""A check is new and another one's version was raised: what all say is derived again."""

from django.db import migrations

_ANEW = """
    TRUNCATE indexer_checked, indexer_checkfinding, indexer_checkevent, indexer_checktally, indexer_checkkin;
    DELETE FROM indexer_derivationcheckpoint WHERE name = 'checks'
"""


class Migration(migrations.Migration):
    dependencies = [("indexer", "0038_check_kin")]

    operations = [migrations.RunSQL(_ANEW, migrations.RunSQL.noop)]
