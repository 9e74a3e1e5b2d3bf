"""Which fingerprints results have, by model and provider; its derivation reads them from the bytes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0035_presence_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fingerprint",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "of",
                        "key",
                        "fingerprint",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("fingerprint", models.UUIDField()),
                ("key", models.BigIntegerField()),
                ("records", models.BigIntegerField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("generation", models.SmallIntegerField()),
                ("of", models.SmallIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["chain", "generation", "of", "key", "last"], name="fingerprint_last")
                ],
            },
        ),
        migrations.CreateModel(
            name="FingerprintRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("fingerprint", models.UUIDField()),
                ("position", models.BigIntegerField()),
                ("generation", models.SmallIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="indexer.name",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="indexer.name",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["fingerprint", "chain", "generation", "position"], name="fingerprint_record"
                    )
                ],
            },
        ),
    ]
