"""By which configuration a witness that was not checked was tried in vain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indexer", "0011_configuration_in_force")]

    operations = [migrations.AddField("uncheckedwitness", "tried_by", models.BinaryField(null=True))]
