"""Whether an account wants mail of challenges."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_no_statistics_of_passkeys"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="wants_mail",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
