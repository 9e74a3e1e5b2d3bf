"""By what records are compared with each other; the derivation of checks fills it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0037_checks"),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckKin",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "number",
                        "prompt_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("prompt_id", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("generation", models.SmallIntegerField()),
                ("number", models.SmallIntegerField()),
                ("key", models.BinaryField()),
                ("value", models.BinaryField()),
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
                    models.Index(
                        fields=["key", "number", "chain", "generation", "prompt_id", "value"],
                        name="check_kin_key",
                    )
                ],
            },
        ),
    ]
