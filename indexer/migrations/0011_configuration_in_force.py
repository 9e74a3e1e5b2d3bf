"""One answer to which configuration is in force at a height: a view over the standings."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

VIEW = """
    CREATE VIEW indexer_configurationinforce AS
    SELECT s.chain_id, s.height,
           lead(s.height) OVER (PARTITION BY s.chain_id ORDER BY s.height) - 1 AS last,
           s.hash, s.standing, s.why, c.signers, c.raw
    FROM indexer_configurationstanding s
    LEFT JOIN indexer_configuration c
        ON c.chain_id = s.chain_id AND c.height = s.height AND c.hash = s.hash AND s.standing <> 'unseen'
    WHERE s.standing <> 'not applied'
"""


class Migration(migrations.Migration):
    dependencies = [("indexer", "0010_derivation_checkpoint")]

    operations = [
        migrations.RunSQL(
            VIEW,
            "DROP VIEW indexer_configurationinforce",
            state_operations=[
                migrations.CreateModel(
                    name="ConfigurationInForce",
                    fields=[
                        ("pk", models.CompositePrimaryKey("chain_id", "height", primary_key=True)),
                        ("height", models.BigIntegerField()),
                        ("last", models.BigIntegerField(null=True)),
                        ("hash", models.BinaryField()),
                        ("standing", models.TextField()),
                        ("why", models.TextField()),
                        ("signers", ArrayField(models.BinaryField(), null=True)),
                        ("raw", models.BinaryField(null=True)),
                        (
                            "chain",
                            models.ForeignKey("indexer.chain", models.DO_NOTHING, related_name="+"),
                        ),
                    ],
                    options={"managed": False},
                )
            ],
        )
    ]
