"""The database role of the web server for what people send: it writes to the desk and knows nothing else.

The desk is a schema of its own. What the role may do to each of its tables is listed where its tables are
known, and handed in here; there is nothing that it may do to a table that comes later, nor to the index.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, LiteralString

from psycopg import Connection, sql

from local.servers import roles
from local.servers.roles import Right

ROLE = "chasm_desk"
SCHEMA = "desk"
SEARCH_PATH = {"search_path": SCHEMA}
# Of every session of the role.
SETTINGS = {
    **SEARCH_PATH,
    "statement_timeout": "2s",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "10s",
    "default_transaction_isolation": "read committed",  # rows that are locked are read as they then are
}
Rights = Mapping[str, Sequence[LiteralString]]
"""By table: privileges as GRANT takes them, for some columns alone as ``SELECT (a, b)`` in their order."""


def restricted(entry: dict[str, Any]) -> dict[str, Any]:
    """Django's entry in DATABASES with the role's settings asked for by the client too."""
    return roles.restricted(entry, SETTINGS)


def of_owner(entry: dict[str, Any]) -> dict[str, Any]:
    """Django's entry in DATABASES for the owner at the desk: the same user, who sees this schema alone."""
    return roles.restricted(entry, SEARCH_PATH)


def has_its_rights(connection: Connection[Any], rights: Rights, *, role: str = ROLE) -> bool:
    """Whether the role is there, may do what it should and no more and keeps its limits, so that nothing is
    left to do.
    """
    if not roles.exists(connection, role=role):
        return False
    if roles.held(connection, role=role) != _meant(rights):
        return False
    return roles.keeps_its_limits(connection, role=role, settings=SETTINGS)


def grant(connection: Connection[Any], rights: Rights, *, role: str = ROLE, password: str = "") -> bool:
    """Make the role where it is missing, give it the password if there is one, and these rights and no other.

    The connection is that of the tables' owner; what only a superuser may do is done where he is one. False
    where the role keeps the password that it has, because this owner may not give it one.
    Raises RoleTrouble where the role may not be made, or can do more than it is meant to.
    """
    if roles.exists(connection, role=role):
        beyond = {each for each in roles.held(connection, role=role) if each.schema != SCHEMA}
        roles.check(connection, role=role, meant_to="write at the desk alone", beyond=beyond)
    statements = [*roles.entry_to(connection, role=role), *_statements(rights, role=role)]
    is_given = roles.grant(connection, role=role, password=password, statements=statements)
    roles.limit(connection, role=role, settings=SETTINGS)
    unmeant = roles.held(connection, role=role) - _meant(rights)
    roles.check(connection, role=role, meant_to="write at the desk alone", beyond=unmeant)
    return is_given


def _statements(rights: Rights, *, role: str) -> Iterator[sql.Composed]:
    names = {"role": sql.Identifier(role), "schema": sql.Identifier(SCHEMA)}
    yield sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {role}").format(**names)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}").format(**names)
    for table, privileges in rights.items():
        for privilege in privileges:
            yield sql.SQL("GRANT {privilege} ON {schema}.{table} TO {role}").format(
                privilege=sql.SQL(privilege),
                table=sql.Identifier(table),
                **names,
            )


def _meant(rights: Rights) -> frozenset[Right]:
    return frozenset(
        Right(SCHEMA, table, each) for table, privileges in rights.items() for each in privileges
    )
