"""Files that go with what people say of a challenge."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenges", "0015_counted"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EvidenceFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField(null=True)),
                ("name", models.TextField()),
                ("type", models.TextField()),
                ("size", models.IntegerField()),
                ("salt", models.BinaryField(null=True)),
                ("sha256", models.BinaryField(null=True)),
                ("sent_sha256", models.BinaryField(null=True)),
                ("stored", models.TextField()),
                ("salted_sha256", models.BinaryField()),
                ("added_at", models.DateTimeField()),
                (
                    "challenge",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="challenges.challenge",
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="challenges.draft",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="challenges.event",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["stored"], name="evidence_file_stored"),
                    models.Index(
                        condition=models.Q(("event__isnull", True)),
                        fields=["added_at"],
                        name="evidence_file_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number__isnull", False)),
                        fields=("challenge", "number"),
                        name="evidence_file_once",
                    )
                ],
            },
        ),
    ]
