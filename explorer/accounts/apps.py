"""The Django application of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "explorer.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
