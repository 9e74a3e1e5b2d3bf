"""Since when and how often models, providers and scouts are named; its derivation fills it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0030_prompts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "of",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.BigIntegerField()),
                ("records", models.BigIntegerField()),
                ("edited", models.BigIntegerField()),
                ("deleted", models.BigIntegerField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("first_at", models.BigIntegerField()),
                ("last_at", models.BigIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="indexer.chain"
                    ),
                ),
                ("generation", models.SmallIntegerField()),
                (
                    "of",
                    models.SmallIntegerField(choices=[(1, "Model"), (2, "Provider"), (3, "Scout")]),
                ),
            ],
        ),
    ]
