"""Management commands that bring their own PostgreSQL, with tables that are up to date."""

import os
import pkgutil
import re
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TextIO, cast

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from local.servers import desk, postgres, readers
from local.servers.errors import LocalError, SchemaTrouble
from local.supervision.interruption import interruptible

# The advisory lock under which tables are brought up to date: of two starters one does it.
MIGRATION_LOCK = 0x6368_6173_6D00
MIGRATION_POLL = 0.05  # seconds
_TABLES = ("django_migrations", f"{desk.SCHEMA}.django_migrations")
# The one migration of the desk's apps that does something elsewhere: it makes their schema.
_SCHEMAS = ("challenges", "0001_schemas")
_NO_ROOM = re.compile(r"no space left on device|disk quota exceeded|could not (extend|write)", re.IGNORECASE)


@contextmanager
def prepared_database() -> Iterator[None]:
    """PostgreSQL running (the embedded one unless DATABASE_URL is set) and its tables up to date.

    Raises LocalError with what to do. Connections are closed before the server may stop.
    """
    embedded = settings.DATABASE_IS_EMBEDDED
    with postgres.running(settings.STATE) if embedded else nullcontext():
        try:
            migrate()
            yield
        finally:
            connections.close_all()


def migrate() -> None:
    """Bring the tables of both aliases up to date where they are behind, and give the embedded server's roles
    their rights. The desk's schema is made with the others' tables, so those come first.

    Raises SchemaTrouble.
    """
    try:
        if not (_is_behind() or _lacks_roles()):
            return
        with _alone():
            if _is_behind():  # still: somebody else may have made them meanwhile
                _make_tables()
            if settings.DATABASE_IS_EMBEDDED:
                readers.grant(opened(connection))
                desk.grant(opened(connection), settings.DESK_RIGHTS)
    except (DatabaseError, psycopg.Error) as error:
        raise SchemaTrouble(
            f"The database cannot be reached or its tables cannot be made: {str(error).strip()}. "
            "Look at DATABASE_URL or STATE, and at the room on its disk."
        ) from error


def _make_tables() -> None:
    MigrationExecutor(connection).migrate([_SCHEMAS])
    for alias in (DEFAULT_DB_ALIAS, desk.SCHEMA):
        _note_what_is_not_its_own(alias)
        call_command("migrate", database=alias, interactive=False, verbosity=0)


def _note_what_is_not_its_own(alias: str) -> None:
    """Have an alias know all migrations of apps that the router keeps out of it as done: to go through them
    and do nothing takes as long there as to make the tables.
    """
    recorder = MigrationRecorder(connections[alias])
    recorder.ensure_schema()
    others = {(app, name) for app, name in _known() if not router.allow_migrate(alias, app)}
    missing = sorted(others - recorder.applied_migrations().keys())
    recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in missing)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the migration lock.

    It is asked for again and again: a statement that waited for it would hold up an index that is built
    concurrently, which waits for every statement that runs.
    """
    with connection.cursor() as cursor:
        while not _take(cursor):
            time.sleep(MIGRATION_POLL)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def _take(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATION_LOCK])
    return bool(cursor.fetchone()[0])


def _is_behind() -> bool:
    known = frozenset(_known())
    return any(not known <= _applied(table) for table in _TABLES)


def _known() -> Iterator[tuple[str, str]]:
    """App and name of each migration, told by the files alone: to import them all takes as long as most
    commands work.
    """
    for app in apps.get_app_configs():
        for module in pkgutil.iter_modules([os.path.join(app.path, "migrations")]):
            yield app.label, module.name


def _applied(table: str) -> set[tuple[str, str]]:
    """Of the desk too over the one connection that there is already: most commands do without another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if not cursor.fetchone()[0]:
            return set()
        cursor.execute(f"SELECT app, name FROM {table}")
        return {(app, name) for app, name in cursor.fetchall()}


def _lacks_roles() -> bool:
    if not settings.DATABASE_IS_EMBEDDED:
        return False
    asked = opened(connection)
    return not (readers.can_read(asked) and desk.has_its_rights(asked, settings.DESK_RIGHTS))


def opened(wrapper: BaseDatabaseWrapper) -> psycopg.Connection[Any]:
    """Django's connection as psycopg's, made where there is none yet."""
    wrapper.ensure_connection()
    return cast("psycopg.Connection[Any]", wrapper.connection)


def in_plain_words(error: BaseException) -> str:
    """What is wrong on this machine and what to do, in one line."""
    said = " ".join(str(error).split())
    if isinstance(error, LocalError):
        return said
    if _NO_ROOM.search(said):
        return f"No room is left on the disk: make some and run this again; nothing is lost. It said: {said}"
    if isinstance(error, DatabaseError | psycopg.Error):
        return (
            f"The database gave up: {said}. Look at the room on its disk and at STATE's postgres/server.log, "
            "then run this again: nothing is lost."
        )
    return said


def silence(stream: TextIO) -> None:
    """Let what is still to be said go nowhere, for nobody hears it.

    Python flushes once more when it ends, and would end with 120 where that fails.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class StateCommand(BaseCommand):
    """A command that works on the state's database: `run` finds it running and up to date."""

    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> str | None:
        with interruptible() as interruption:
            try:
                with self.around(**options), prepared_database():
                    return self.run(**options)
            except BrokenPipeError:
                silence(sys.stdout)  # whoever reads, such as `head`, has enough
                return None
            except (LocalError, DatabaseError, psycopg.Error, KeyboardInterrupt) as error:
                if interruption.came:
                    raise CommandError("Interrupted.", returncode=130) from error
                raise CommandError(in_plain_words(error)) from error

    def around(self, **options: Any) -> AbstractContextManager[None]:
        """What is entered before the database is brought up, and left after it."""
        return nullcontext()

    def run(self, **options: Any) -> str | None:
        """Do the command's work."""
        raise NotImplementedError
