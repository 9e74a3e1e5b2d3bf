"""That recovery codes were made or used is told too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_respondents"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.TextField(
                choices=[
                    ("mail-changed", "another address"),
                    ("passkey-added", "a passkey was added"),
                    ("passkey-removed", "a passkey was removed"),
                    ("codes-made", "recovery codes were made"),
                    ("code-used", "a recovery code was used"),
                ]
            ),
        ),
    ]
