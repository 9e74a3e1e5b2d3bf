"""How long a chain takes at most from one block to the next, by its configuration."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indexer", "0018_chain_turns")]

    operations = [
        migrations.AddField(
            model_name="chain", name="longest_block_ms", field=models.IntegerField(null=True)
        ),
    ]
