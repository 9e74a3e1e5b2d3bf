"""How many records agree with their peers, in all and by day: what counts prompts begins anew with it."""

import django.db.models.deletion
from django.db import migrations, models

# It counts them from the first block on, with all else that it keeps.
_BEGIN = """
    TRUNCATE indexer_asked, indexer_askedanswer, indexer_answerscout, indexer_cohort, indexer_cohortanswer;
    DELETE FROM indexer_derivationcheckpoint WHERE name = 'prompts'
"""


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(
        "chain_id",
        "generation",
        "of",
        "key",
        *columns,
        blank=True,
        editable=False,
        primary_key=True,
        serialize=False,
    )


def _chain() -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        to="indexer.chain",
    )


class Migration(migrations.Migration):
    dependencies = [("indexer", "0032_served_provider")]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("pk", _key()),
                ("key", models.BigIntegerField()),
                ("compared", models.BigIntegerField()),
                ("agreeing", models.BigIntegerField()),
                ("chain", _chain()),
                ("generation", models.SmallIntegerField()),
                ("of", models.SmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="AgreementDay",
            fields=[
                ("pk", _key("day")),
                ("key", models.BigIntegerField()),
                ("day", models.BigIntegerField()),
                ("compared", models.BigIntegerField()),
                ("agreeing", models.BigIntegerField()),
                ("chain", _chain()),
                ("generation", models.SmallIntegerField()),
                ("of", models.SmallIntegerField()),
            ],
        ),
        migrations.RunSQL(_BEGIN, migrations.RunSQL.noop),
    ]
