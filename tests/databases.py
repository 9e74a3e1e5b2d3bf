"""Databases of the run's server: a template with every table, made once a run, and copies of it.

A copy takes hundredths of a second, where migrations take seconds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from indexer.store import names
from local.servers import postgres
from local.supervision.command import migrate
from tests.once import once, run_folder

TEMPLATE = "template_of_tests"
_numbers = count(1)


def made_template() -> str:
    """The name of a database with all tables, empty; nobody may be connected to it."""
    once(TEMPLATE, _make_template)
    return TEMPLATE


def _make_template() -> None:
    made_empty(TEMPLATE)
    with connected_to(TEMPLATE):
        migrate()


def made_empty(name: str) -> None:
    """Make a database without a table, in place of one of that name."""
    dropped(name)
    _server(sql.SQL("CREATE DATABASE {name} TEMPLATE template0"), name=name)


def by_single_steps(alias: str, *targets: tuple[str, str]) -> None:
    """Migrate to where a database of an earlier version may be: by the migrations that squashed ones replace,
    which `migrate` does not know where none of them is applied.
    """
    executor = MigrationExecutor(connections[alias])
    executor.loader = MigrationLoader(connections[alias], replace_migrations=False)
    executor.migrate(list(targets))


def copied(name: str, *, of: str) -> None:
    """Make a database that is a copy of another one, to which nobody is connected."""
    _server(sql.SQL("CREATE DATABASE {name} TEMPLATE {of} STRATEGY FILE_COPY"), name=name, of=of)


def dropped(name: str) -> None:
    """Remove a database, whoever is connected to it."""
    _server(sql.SQL("DROP DATABASE IF EXISTS {name} (FORCE)"), name=name)


@contextmanager
def copy(*, of: str, worker: str) -> Iterator[str]:
    """The name of a copy of one's own; it is gone afterwards."""
    name = f"copy_{worker}_{next(_numbers)}"
    copied(name, of=of)
    try:
        yield name
    finally:
        dropped(name)


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Every connection of Django's is one to this database; what is remembered of others is forgotten."""
    before = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    _connect(dict.fromkeys(before, name))
    try:
        yield
    finally:
        _connect(before)


def _connect(named: dict[str, Any]) -> None:
    connections.close_all()
    for alias, name in named.items():
        connections[alias].settings_dict["NAME"] = name
    for each in names.ALL:
        each.forget()


def connect(name: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of one's own to a database of the run's server."""
    at = postgres.address(run_folder())
    return psycopg.connect(host=at["HOST"], port=at["PORT"], user=at["USER"], dbname=name, autocommit=True)


def _server(statement: sql.SQL, **named: str) -> None:
    with connect("postgres") as connection:
        connection.execute(statement.format(**{key: sql.Identifier(name) for key, name in named.items()}))


@contextmanager
def emptied_where_not_empty() -> Iterator[None]:
    """Django empties every table after a test that commits. Nearly all are empty, and to empty one costs as
    much as if it were full: so those with rows alone, and what refers to them.
    """
    flush = DatabaseOperations.sql_flush

    def sql_flush(operations: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        each = sql.SQL("(SELECT {} FROM {} LIMIT 1)")
        filled = sql.SQL(" UNION ALL ").join(each.format(name, sql.Identifier(name)) for name in tables)
        with operations.connection.cursor() as cursor:
            cursor.execute(filled)
            found = [name for (name,) in cursor.fetchall()]
        return list(flush(operations, style, found, **options | {"allow_cascade": True}))

    with patch.object(DatabaseOperations, "sql_flush", sql_flush):
        yield
