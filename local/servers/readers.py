"""The database role of those who only read: the web server's, for all that the index holds.

It may SELECT from every table in the index's schema, now and later, and from the views that the desk makes
public, and nothing else; what it asks is cut off after `SETTINGS["statement_timeout"]`.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection, sql

from local.servers import roles
from local.servers.roles import Right

ROLE = "chasm_reader"
SCHEMAS = ("public", "desk_public")
"""Of the index, and of what the desk shows to everybody: views alone."""

# Of every session of the role. A page that takes longer answers 503; nobody waits for a lock of the indexer.
SETTINGS = {
    "statement_timeout": "2s",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "10s",
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "repeatable read",  # a page and its height are of one state
}
_PRESENT = "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY nspname"
_UNREADABLE = """
    SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm')
      AND NOT (has_table_privilege(%(role)s, c.oid, 'SELECT')
               AND has_schema_privilege(%(role)s, n.oid, 'USAGE'))
"""


def restricted(entry: dict[str, Any]) -> dict[str, Any]:
    """Django's entry in DATABASES with the role's settings asked for by the client too."""
    return roles.restricted(entry, SETTINGS)


def can_read(connection: Connection[Any], *, role: str = ROLE) -> bool:
    """Whether the role is there, reads every table and keeps its limits, so that nothing is left to do."""
    if not roles.exists(connection, role=role):
        return False
    named = {"schemas": list(SCHEMAS), "role": role}
    if connection.execute(_UNREADABLE, named).fetchone() is not None:
        return False
    return roles.keeps_its_limits(connection, role=role, settings=SETTINGS)


def grant(connection: Connection[Any], *, role: str = ROLE, password: str = "") -> bool:
    """Make the role where it is missing, give it the password if there is one, and let it read.

    The connection is that of the tables' owner; what only a superuser may do is done where he is one. False
    where the role keeps the password that it has, because this owner may not give it one.
    Raises RoleTrouble where the role may not be made, or can do more than read.
    """
    if roles.exists(connection, role=role):
        _check(connection, role=role)
    statements = _statements(connection, role=role)
    is_given = roles.grant(connection, role=role, password=password, statements=statements)
    roles.limit(connection, role=role, settings=SETTINGS)
    if roles.is_superuser(connection):
        with connection.transaction():
            for owner in roles.owners(connection):
                for statement in _later(connection, owner=owner, role=role):
                    connection.execute(statement)
    _check(connection, role=role)
    return is_given


def present(connection: Connection[Any], schemas: Sequence[str]) -> list[sql.Identifier]:
    """Those of these schemas that there are, in the order of their names."""
    return [sql.Identifier(name) for (name,) in connection.execute(_PRESENT, [list(schemas)]).fetchall()]


def _statements(connection: Connection[Any], *, role: str) -> list[sql.Composed]:
    statements = list(roles.entry_to(connection, role=role))
    for schema in present(connection, SCHEMAS):
        names = {"role": sql.Identifier(role), "schema": schema}
        statements += [
            sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {role}").format(**names),
            sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}").format(**names),
            sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {role}").format(
                **names
            ),
        ]
    return statements


def _later(connection: Connection[Any], *, owner: str, role: str) -> list[sql.Composed]:
    """Let the role read what another owner of tables makes later."""
    later = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} GRANT SELECT ON TABLES TO {}")
    return [
        later.format(sql.Identifier(owner), schema, sql.Identifier(role))
        for schema in present(connection, SCHEMAS)
    ]


def _check(connection: Connection[Any], *, role: str) -> None:
    beyond = {each for each in roles.held(connection, role=role) if not _is_meant(each)}
    roles.check(connection, role=role, meant_to="read", beyond=beyond)


def _is_meant(right: Right) -> bool:
    return right.schema in SCHEMAS and right.privilege.startswith("SELECT")
