"""The database role of workers on a server: it writes to every table and changes none.

On one machine workers come as the tables' owner. On a server the owner is a superuser of PostgreSQL, and
known to the migration alone.
"""

from collections.abc import Collection, Iterator
from typing import Any

from psycopg import Connection, sql

from local.servers import desk, readers, roles

SCHEMAS = (*readers.SCHEMAS, desk.SCHEMA)
_TO_TABLES = "SELECT, INSERT, UPDATE, DELETE"
_TO_SEQUENCES = "USAGE, SELECT"


def grant(connection: Connection[Any], *, role: str, password: str = "", web: Collection[str]) -> bool:
    """Make the role where it is missing, give it the password if there is one, let it work on all tables, now
    and later, and end the sessions of the ``web`` server's roles.

    The connection is that of the tables' owner. False where the role keeps the password that it has. Raises
    RoleTrouble where the role may not be made, or has powers over the whole server.
    """
    if roles.exists(connection, role=role):
        roles.check_powers(connection, role=role, meant_to="index")
    is_given = roles.grant(
        connection, role=role, password=password, statements=list(_statements(connection, role=role))
    )
    for each in web:
        roles.be_left_to(connection, role=each, by=role)
    if roles.is_superuser(connection):
        roles.leave_locks(connection, owner=role)
    roles.check_powers(connection, role=role, meant_to="index")
    return is_given


def _statements(connection: Connection[Any], *, role: str) -> Iterator[sql.Composed]:
    name = sql.Identifier(role)
    yield from roles.entry_to(connection, role=role)
    database = sql.Identifier(connection.info.dbname)
    yield sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(database, name)
    for schema in readers.present(connection, SCHEMAS):
        yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, name)
        for kind, rights in (("TABLES", _TO_TABLES), ("SEQUENCES", _TO_SEQUENCES)):
            what, given = sql.SQL(kind), sql.SQL(rights)
            yield sql.SQL("GRANT {} ON ALL {} IN SCHEMA {} TO {}").format(given, what, schema, name)
            yield sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT {} ON {} TO {}").format(
                schema, given, what, name
            )
