"""The keys of what was said, and how far they are read of what is stored already."""

from django.db import migrations, models

# Of what is stored, all is still to be read: see indexer.records.hearing.
_TO_READ = """
    UPDATE indexer_chain c SET heard_to = -1
    WHERE EXISTS (SELECT FROM indexer_blockbody b WHERE b.chain_id = c.id AND b.body IS NOT NULL)
"""


class Migration(migrations.Migration):
    dependencies = [("indexer", "0015_standing_words")]

    operations = [
        migrations.AddField("operation", "said", models.BinaryField(null=True)),
        migrations.AddField("operation", "noted", models.BooleanField(null=True)),
        migrations.AddField("record", "said", models.BinaryField(null=True)),
        migrations.AddField("chain", "heard_to", models.BigIntegerField(null=True)),
        migrations.RunSQL(_TO_READ, migrations.RunSQL.noop),
    ]
