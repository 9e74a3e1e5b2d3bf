"""``manage.py readers``: let the user that READER_DATABASE_URL names read the tables, and do nothing else."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from local.servers import readers
from local.supervision.command import StateCommand, opened


class Command(StateCommand):
    """Works on a database of one's own; the embedded one has its reader without being asked."""

    help = "Make the database user of the web server, or let one that is there read the tables."

    def run(self, **options: Any) -> None:
        user, password = _named()
        is_given = readers.grant(opened(connection), role=user, password=password)
        self.stdout.write(f"{user} may read the tables of this database, and do nothing else.")
        if not is_given:
            self.stdout.write("He keeps the password that he has: only a superuser may change it.")


def _named() -> tuple[str, str]:
    if settings.DATABASE_IS_EMBEDDED:
        return readers.ROLE, ""
    try:
        given = conninfo_to_dict(settings.READER_DATABASE_URL)
    except ProgrammingError as error:
        # libpq's message may repeat the URL with its password.
        raise CommandError("READER_DATABASE_URL cannot be read.") from error
    if not given.get("user"):
        raise CommandError("Name the user in READER_DATABASE_URL: postgres://user:password@host:5432/name.")
    return str(given["user"]), str(given.get("password") or "")
