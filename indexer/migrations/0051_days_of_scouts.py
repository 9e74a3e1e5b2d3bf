"""Days and agreement are derived again, for scouts too."""

from django.db import migrations

_ANEW = """
    TRUNCATE indexer_namedday, indexer_asked, indexer_askedanswer, indexer_answerscout, indexer_cohort,
        indexer_cohortanswer, indexer_agreement, indexer_agreementday;
    DELETE FROM indexer_derivationcheckpoint WHERE name IN ('days', 'prompts')
"""


class Migration(migrations.Migration):
    dependencies = [("indexer", "0050_withdrawal_is_partial")]

    operations = [migrations.RunSQL(_ANEW, migrations.RunSQL.noop)]
