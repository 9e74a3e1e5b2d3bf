"""Challenges, who takes part in them, and what happened to them."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenges", "0004_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Payload",
            fields=[
                ("sha256", models.BinaryField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(null=True)),
                ("facts", models.JSONField()),
                ("words", models.JSONField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                ("suppressed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("draft", models.UUIDField(unique=True)),
                ("ground", models.TextField()),
                ("rules_sha256", models.BinaryField()),
                ("brid", models.BinaryField()),
                ("prompt_id", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("scout", models.BigIntegerField()),
                ("model_sha256", models.BinaryField()),
                ("provider_sha256", models.BinaryField()),
                ("snapshot", models.JSONField()),
                ("status", models.TextField()),
                ("entered_at", models.DateTimeField()),
                ("elapses_at", models.DateTimeField(null=True)),
                ("is_extended", models.BooleanField(default=False)),
                ("close_reason", models.TextField(default="")),
                ("duplicate_of", models.BigIntegerField(null=True)),
                ("resolution", models.TextField(default="")),
                ("is_confirmed", models.BooleanField(default=False)),
                ("has_response", models.BooleanField(default=False)),
                ("joined", models.IntegerField(default=0)),
                ("filed_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("version", models.IntegerField(default=1)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["brid", "prompt_id"], name="challenge_record"),
                    models.Index(fields=["brid", "scout"], name="challenge_scout"),
                    models.Index(
                        condition=models.Q(("elapses_at__isnull", False)),
                        fields=["elapses_at"],
                        name="challenge_elapses",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["appealed", "decided", "needs-info", "open", "review", "screening"],
                            )
                        ),
                        fields=("brid", "prompt_id", "ground"),
                        name="challenge_pending_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("brid", models.BinaryField()),
                ("prompt_id", models.BigIntegerField()),
                ("revision", models.IntegerField(null=True)),
                ("ground", models.TextField(default="")),
                ("fields", models.JSONField(default=dict)),
                ("statement", models.TextField(default="")),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "challenge",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="challenges.challenge",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.TextField()),
                ("place", models.IntegerField()),
                ("name", models.TextField()),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="challenges.challenge",
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
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("ordinal", models.IntegerField()),
                ("type", models.TextField()),
                ("actor_ref", models.TextField()),
                ("prev_event_sha256", models.BinaryField()),
                ("sha256", models.BinaryField()),
                ("at", models.DateTimeField()),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="challenges.challenge",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="challenges.party",
                    ),
                ),
                (
                    "payload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="challenges.payload"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(fields=("challenge", "role", "place"), name="party_once"),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False)),
                fields=("challenge", "role", "person"),
                name="party_person_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("challenge", "ordinal"), name="event_once"),
        ),
    ]
