"""What results say is read otherwise than before: of what is stored, that is still to be read."""

from django.db import migrations

# See indexer.records.hearing.
_TO_READ = """
    UPDATE indexer_chain c SET heard_to = -1
    WHERE EXISTS (SELECT FROM indexer_blockbody b WHERE b.chain_id = c.id AND b.body IS NOT NULL)
"""


class Migration(migrations.Migration):
    dependencies = [("indexer", "0025_served")]

    operations = [migrations.RunSQL(_TO_READ, migrations.RunSQL.noop)]
