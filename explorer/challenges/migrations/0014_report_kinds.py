"""Reports of what a record must not show."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("challenges", "0013_notices")]

    operations = [
        migrations.AlterField(
            model_name="report",
            name="kind",
            field=models.TextField(
                choices=[
                    ("page", "a problem with a page"),
                    ("personal-data", "personal data"),
                    ("secret-exposed", "a secret in the open"),
                    ("unlawful-or-harmful", "something unlawful or harmful"),
                ]
            ),
        ),
    ]
