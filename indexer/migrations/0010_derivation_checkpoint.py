"""A mark of a derivation is called what it is: its checkpoint. The rows stay."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("indexer", "0009_chain_backfilled_at")]

    operations = [migrations.RenameModel("Mark", "DerivationCheckpoint")]
