"""What is said of a change of signers that is not proved: two nodes may say it, and it is too large."""

from django.db import migrations, models

STANDINGS = [
    ("genesis", "hashes to the blockchain RID"),
    ("pending", "not in force yet"),
    ("not applied", "the block at its height says that it failed"),
    ("named by headers", "its hash is the headers' config_hash"),
    ("not named", "the chain's headers name no configuration"),
    ("signer change confirmed", "a second node says the same"),
    ("signer change not self-proved", "no second node confirms it"),
    ("unseen", "headers name a configuration that no node gave"),
]


class Migration(migrations.Migration):
    dependencies = [("indexer", "0014_record_unchanged")]

    operations = [
        migrations.AlterField("configurationstanding", "standing", models.TextField(choices=STANDINGS))
    ]
