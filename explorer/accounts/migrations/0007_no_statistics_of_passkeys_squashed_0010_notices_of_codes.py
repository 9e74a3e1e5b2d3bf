"""What 0007 to 0010 add to the tables of accounts, for a database that has nothing of it yet. It is not one
with what comes before, because a table of allauth's lies between them, which refers to accounts.
"""

from django.conf import settings
from django.db import migrations, models

# No statistics may hold what somebody calls a passkey of his, nor the address that a notice goes to.
_NO_STATISTICS = """
    ALTER TABLE accounts_notice ALTER COLUMN email SET STATISTICS 0;
    ALTER TABLE mfa_authenticator ALTER COLUMN data SET STATISTICS 0
"""
_NOTICES = [
    ("mail-changed", "another address"),
    ("passkey-added", "a passkey was added"),
    ("passkey-removed", "a passkey was removed"),
    ("codes-made", "recovery codes were made"),
    ("code-used", "a recovery code was used"),
]


class Migration(migrations.Migration):
    replaces = [
        ("accounts", name)
        for name in (
            "0007_no_statistics_of_passkeys",
            "0008_wants_mail",
            "0009_respondents",
            "0010_notices_of_codes",
        )
    ]

    dependencies = [
        ("accounts", "0001_tables_squashed_0006_notices"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.RunSQL(_NO_STATISTICS, migrations.RunSQL.noop),
        migrations.AddField("account", "wants_mail", models.BooleanField(db_default=True, default=True)),
        migrations.CreateModel(
            "Respondent",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("brid", models.BinaryField()),
                ("scout", models.BigIntegerField(null=True)),
                ("since", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="responds_for"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "brid", "scout"), name="respondent_once", nulls_distinct=False
                    )
                ]
            },
        ),
        migrations.AlterField("notice", "kind", models.TextField(choices=_NOTICES)),
    ]
