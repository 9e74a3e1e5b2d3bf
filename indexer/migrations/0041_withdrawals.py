"""What is to be made anew since texts were hidden, erased or shown again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0040_check_kin_value"),
    ]

    operations = [
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                (
                    "subject",
                    models.TextField(choices=[("content", "Content"), ("transaction", "Transaction")]),
                ),
                ("hash", models.BinaryField()),
                ("is_listed", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("subject", "hash"), name="withdrawal_once")],
            },
        ),
        migrations.CreateModel(
            name="WithdrawnOperation",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "withdrawal_id",
                        "chain_id",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("position", models.BigIntegerField()),
                ("is_erased", models.BooleanField()),
                ("chain", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="indexer.chain")),
                (
                    "withdrawal",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="indexer.withdrawal"
                    ),
                ),
            ],
        ),
    ]
