"""The tables that all write sides share; they were made by `challenges`, which hands them over."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("challenges", "0004_desk")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Sequence",
                    fields=[
                        ("name", models.TextField(primary_key=True, serialize=False)),
                        ("last", models.BigIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="OutboxEntry",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("name", models.TextField()),
                        ("arguments", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField(null=True)),
                        ("attempts", models.IntegerField(default=0)),
                        ("failure", models.TextField(default="")),
                        ("done_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("due_at__isnull", False)),
                                fields=["due_at"],
                                name="outbox_due",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Quota",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("scope", models.TextField()),
                        ("subject", models.BinaryField()),
                        ("begun_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField(db_index=True)),
                        ("used", models.IntegerField(default=0)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("scope", "subject", "begun_at"), name="quota_once"
                            )
                        ],
                    },
                ),
            ]
        )
    ]
