"""What was written and changed by day, of each model and provider; its derivation fills it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indexer", "0033_agreement")]

    operations = [
        migrations.CreateModel(
            name="NamedDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "of",
                        "key",
                        "day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.BigIntegerField()),
                ("day", models.BigIntegerField()),
                ("written", models.BigIntegerField()),
                ("edits", models.BigIntegerField()),
                ("deletions", models.BigIntegerField()),
                (
                    "chain",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="indexer.chain",
                    ),
                ),
                ("generation", models.SmallIntegerField()),
                ("of", models.SmallIntegerField()),
            ],
        ),
    ]
