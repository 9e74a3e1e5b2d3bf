"""When a chain's nodes are asked next, and since when they had nothing new."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("indexer", "0017_operation_said")]

    operations = [
        migrations.AddField(model_name="chain", name="turn_at", field=models.DateTimeField(db_default=Now())),
        migrations.AddField(model_name="chain", name="round_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="chain", name="news_at", field=models.DateTimeField(null=True)),
    ]
