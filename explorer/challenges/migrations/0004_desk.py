"""Outbox, quotas and sequences belong to the application `desk`: their tables take its name, rows and all."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("challenges", "0003_no_statistics")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AlterModelTable(name, f"desk_{name.lower()}")
                for name in ("OutboxEntry", "Quota", "Sequence")
            ]
            + [
                migrations.RunSQL(
                    "ALTER SEQUENCE challenges_quota_id_seq RENAME TO desk_quota_id_seq",
                    "ALTER SEQUENCE desk_quota_id_seq RENAME TO challenges_quota_id_seq",
                )
            ],
            state_operations=[migrations.DeleteModel(name) for name in ("OutboxEntry", "Quota", "Sequence")],
        )
    ]
