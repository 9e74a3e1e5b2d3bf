"""The indexer as a Django application."""

from django.apps import AppConfig


class IndexerConfig(AppConfig):
    """Facts, content, records and progress of every chain that is followed."""

    name = "indexer"
    default_auto_field = "django.db.models.BigAutoField"
