"""When a backfill that is under way gave its last sign."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indexer", "0008_node_was_false")]

    operations = [
        migrations.AddField(model_name="chain", name="backfilled_at", field=models.DateTimeField(null=True)),
    ]
