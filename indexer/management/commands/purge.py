"""``manage.py purge``: take what was erased out of the database's files."""

from typing import Any

from django.conf import settings

from indexer.records.erase import purge
from local.supervision.command import StateCommand


class Command(StateCommand):
    """Locks the tables that hold text while they are written anew."""

    help = "Write the tables that hold text anew, so that nothing erased is left in files or write-ahead log."

    def run(self, **options: Any) -> None:
        purge(also=settings.PURGED_TABLES)
        self.stdout.write("Purged. Backups and replicas are not touched: clean them yourself.")
