"""The Django application of pages and API."""

from django.apps import AppConfig


class ExplorerConfig(AppConfig):
    name = "explorer"
