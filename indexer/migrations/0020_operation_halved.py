"""Which messages hold half a character, so that lists know where to mark it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indexer", "0019_chain_block_time")]

    operations = [migrations.AddField("operation", "halved", models.BooleanField(null=True))]
