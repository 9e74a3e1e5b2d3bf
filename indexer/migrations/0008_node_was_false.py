"""Whether what a node gave last was refused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indexer", "0007_hash_lookups")]

    operations = [
        migrations.AddField(
            model_name="node", name="was_false", field=models.BooleanField(db_default=False, default=False)
        ),
    ]
