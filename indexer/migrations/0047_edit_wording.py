"""Whether each edit left the words as they were, so that a list of those need not compare them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0046_check_unsettled"),
    ]

    operations = [
        migrations.CreateModel(
            name="EditWording",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_id",
                        "generation",
                        "prompt_id",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("prompt_id", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("generation", models.SmallIntegerField()),
                ("is_same", models.BooleanField()),
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
                        fields=["chain", "generation", "is_same", "position", "prompt_id"],
                        name="edit_wording_order",
                    )
                ],
            },
        ),
    ]
