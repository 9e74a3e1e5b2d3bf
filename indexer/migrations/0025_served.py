"""How many records each model and provider has; its derivation fills it from the first block on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0024_record_filters"),
    ]

    operations = [
        migrations.CreateModel(
            name="Served",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "model_id",
                        "provider_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("generation", models.SmallIntegerField()),
                ("records", models.BigIntegerField()),
                ("edited", models.BigIntegerField()),
                ("deleted", models.BigIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="indexer.chain"
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
        ),
    ]
