"""The tables of accounts as 0001 to 0006 leave them, for a database that has none yet."""

import uuid

from django.conf import settings
from django.db import migrations, models

# Of Django's own users and sessions, which an installation from before there were accounts has: see 0003.
_BEFORE = ("auth_user_groups", "auth_user_user_permissions", "auth_user", "django_session")
# No statistics may hold an address, or what a session holds: it must be gone when it is erased.
_NO_STATISTICS = """
    ALTER TABLE accounts_account ALTER COLUMN email SET STATISTICS 0;
    ALTER TABLE accounts_signin ALTER COLUMN email SET STATISTICS 0;
    ALTER TABLE accounts_session ALTER COLUMN session_data SET STATISTICS 0
"""


def _id() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("accounts", name)
        for name in (
            "0001_tables",
            "0002_no_statistics",
            "0003_instead_of_users",
            "0004_keys",
            "0005_no_statistics_of_sessions",
            "0006_notices",
        )
    ]

    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.CreateModel(
            "Account",
            [
                ("id", _id()),
                ("password", models.CharField(max_length=128)),
                ("handle", models.TextField(null=True, unique=True)),
                ("email", models.TextField(null=True, unique=True)),
                ("opened_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            "SignIn",
            [
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("email", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("attempts", models.IntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
                ("account", models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)),
            ],
        ),
        migrations.CreateModel(
            "Appointment",
            [
                (
                    "account",
                    models.OneToOneField(
                        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.TextField(
                        choices=[("none", "none"), ("arbiter", "arbiter"), ("moderator", "moderator")]
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            "Session",
            [
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("signed_in_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions"
                    ),
                ),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions"},
        ),
        migrations.CreateModel(
            "ApiKey",
            [
                ("id", _id()),
                ("scope", models.TextField(choices=[("challenge", "file challenges")])),
                ("shown", models.TextField()),
                ("digest", models.BinaryField(unique=True)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("account", models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="keys")),
            ],
        ),
        migrations.CreateModel(
            "Notice",
            [
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
                ("account", models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)),
            ],
        ),
        migrations.RunSQL(_NO_STATISTICS, migrations.RunSQL.noop),
        migrations.RunSQL(f"DROP TABLE IF EXISTS {', '.join(_BEFORE)}", migrations.RunSQL.noop),
    ]
