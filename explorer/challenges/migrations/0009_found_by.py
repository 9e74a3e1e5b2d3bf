"""Indexes of challenges by what was decided, and by what their record names."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform

_INDEXES = (
    models.Index(
        fields=["brid", "resolution", "prompt_id"],
        name="challenge_resolved",
        condition=models.Q(("resolution", ""), _negated=True),
    ),
    models.Index(fields=["brid", "model_sha256"], name="challenge_model"),
    models.Index(fields=["brid", "provider_sha256"], name="challenge_provider"),
    models.Index(KeyTextTransform("prompt_key", "snapshot"), name="challenge_prompt"),
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("challenges", "0008_public_views")]

    operations = [AddIndexConcurrently(model_name="challenge", index=each) for each in _INDEXES]
