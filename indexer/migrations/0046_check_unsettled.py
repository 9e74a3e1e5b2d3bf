"""Who is to be compared anew since a text stands for another record, and how far that is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0045_checks_with_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckUnsettled",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "band",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("band", models.BigIntegerField()),
                ("text_of", models.BigIntegerField()),
                ("after", models.BigIntegerField()),
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
            ],
        ),
    ]
