"""The Django application of what people send."""

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    name = "explorer.challenges"
    label = "challenges"
    default_auto_field = "django.db.models.BigAutoField"
