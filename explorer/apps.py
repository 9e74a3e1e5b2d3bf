"""The Django application of pages and API."""

from django.apps import AppConfig
from django.conf import settings


class ExplorerConfig(AppConfig):
    name = "explorer"

    def ready(self) -> None:
        """Tell the questions what the operator decided: of settings they know nothing."""
        from explorer.queries.lists.search import decided

        decided.SEARCHES_DELETED = settings.SEARCH_DELETED
