"""The Django application of what all write sides have in common."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "explorer.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
