"""Whether what says a withdrawn text was listed before it was known of every record which texts it holds."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0049_checks_with_slices"),
    ]

    operations = [
        migrations.AddField(
            model_name="withdrawal",
            name="is_partial",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
