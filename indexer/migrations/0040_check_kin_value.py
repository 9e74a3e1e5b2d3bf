"""What records of a cohort said, each answer once: by this a check finds who differs from all others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indexer", "0039_checks_anew"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="checkkin",
            index=models.Index(
                condition=models.Q(("number", 10)),
                fields=["key", "chain", "generation", "value", "prompt_id"],
                name="check_kin_value",
            ),
        ),
    ]
