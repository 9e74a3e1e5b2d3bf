"""``manage.py readers``: make the web server's two users, and that of workers where one is named, or let
those that are there do what they should.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from local.servers import desk, readers, workers
from local.supervision.command import StateCommand, opened


@dataclass(frozen=True, slots=True)
class User:
    """A user of the database, with the password that he is to have."""

    name: str
    password: str = ""


class Command(StateCommand):
    """Works on a database of one's own; the embedded one has both users without being asked."""

    help = (
        "Make the web server's database users, who READER_DATABASE_URL and DESK_DATABASE_URL name, and that "
        "of workers, if WORKER_DATABASE_URL names one."
    )

    def run(self, **options: Any) -> None:
        reader = _named("READER_DATABASE_URL", embedded=readers.ROLE)
        writer = _named("DESK_DATABASE_URL", embedded=desk.ROLE)
        owners = opened(connection)
        is_given = readers.grant(owners, role=reader.name, password=reader.password)
        self._tell(f"{reader.name} may read the tables of this database, and do nothing else.", is_given)
        is_given = desk.grant(owners, settings.DESK_RIGHTS, role=writer.name, password=writer.password)
        self._tell(f"{writer.name} may write down what visitors send, and do nothing else.", is_given)
        if settings.WORKER_DATABASE_URL and not settings.DATABASE_IS_EMBEDDED:
            worker = _named("WORKER_DATABASE_URL", embedded="")
            web = (reader.name, writer.name)
            is_given = workers.grant(owners, role=worker.name, password=worker.password, web=web)
            self._tell(f"{worker.name} may write to all tables, and change none of them.", is_given)

    def _tell(self, done: str, is_given: bool) -> None:
        self.stdout.write(done)
        if not is_given:
            self.stdout.write("He keeps the password that he has: only a superuser may change it.")


def _named(setting: str, *, embedded: str) -> User:
    if settings.DATABASE_IS_EMBEDDED:
        return User(embedded)
    try:
        given = conninfo_to_dict(getattr(settings, setting))
    except ProgrammingError as error:
        # libpq's message may repeat the URL with its password.
        raise CommandError(f"{setting} cannot be read.") from error
    if not given.get("user"):
        raise CommandError(f"Name the user in {setting}: postgres://user:password@host:5432/name.")
    return User(str(given["user"]), str(given.get("password") or ""))
