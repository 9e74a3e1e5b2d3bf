"""Changes of an account of which its address is told, and codes that prove another address of it."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_no_statistics_of_sessions")]

    operations = [
        migrations.AddField(
            model_name="signin",
            name="account",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("email", models.TextField()),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("mail-changed", "another address"),
                            ("passkey-added", "a passkey was added"),
                            ("passkey-removed", "a passkey was removed"),
                        ]
                    ),
                ),
                ("made_at", models.DateTimeField(db_index=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
