"""The database role of those who only read: the web server's.

It may SELECT from every table of the project, now and later, and nothing else; what it asks is cut off after
`SETTINGS["statement_timeout"]`.
"""

from contextlib import suppress
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege

from local.servers.errors import ReaderTrouble

ROLE = "chasm_reader"
# Of every session of the role. A page that takes longer answers 503; nobody waits for a lock of the indexer.
SETTINGS = {
    "statement_timeout": "2s",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "10s",
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "repeatable read",  # a page and its height are of one state
}
CONNECT_SECONDS = 5
_SPACE = r"\ "  # within a value, as libpq takes it

# What PostgreSQL lets everybody call and a reader must not: large objects and log messages fill the disk,
# advisory locks would hold up the indexer.
_UNWANTED = r"^(lo_.*|loread|lowrite|pg_logical_emit_message|pg_(try_)?advisory_.*)$"
_CALLABLE = """
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ %s
      AND has_function_privilege(%s, p.oid, 'EXECUTE')
"""
# What the tables' owner does his work with.
_LOCKS = r"^pg_(try_)?advisory_"
_TABLES = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')"
_UNREADABLE = f"""
    SELECT c.relname FROM pg_class c WHERE {_TABLES} AND NOT has_table_privilege(%s, c.oid, 'SELECT')
"""
_OWNERS = f"SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_class c WHERE {_TABLES}"
_LACKED = """
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ %s
      AND NOT has_function_privilege(%s, p.oid, 'EXECUTE')
"""
_TOO_MUCH = f"""
    SELECT may.what FROM pg_roles r, LATERAL (VALUES
        (r.rolsuper, 'do everything, as a superuser'),
        (r.rolcreaterole, 'make users'),
        (r.rolcreatedb, 'make databases'),
        (r.rolreplication, 'copy the whole server'),
        (r.rolbypassrls, 'pass by rules on rows')
    ) may (is_so, what)
    WHERE r.rolname = %(role)s AND may.is_so
    UNION ALL SELECT 'act as ' || m.roleid::regrole FROM pg_auth_members m
    WHERE m.member = to_regrole(quote_ident(%(role)s)) AND m.roleid <> 'pg_read_all_data'::regrole
    UNION ALL SELECT 'write to the table ' || c.relname FROM pg_class c
    WHERE {_TABLES} AND (
        has_any_column_privilege(%(role)s, c.oid, 'INSERT, UPDATE, REFERENCES')
        OR has_table_privilege(%(role)s, c.oid, 'DELETE, TRUNCATE, TRIGGER')
    )
    UNION ALL SELECT 'use the sequence ' || s.sequencename FROM pg_sequences s
    WHERE s.schemaname = 'public'
      AND has_sequence_privilege(%(role)s, format('public.%%I', s.sequencename), 'USAGE, UPDATE')
    UNION ALL SELECT 'make tables' WHERE has_schema_privilege(%(role)s, 'public', 'CREATE')
    UNION ALL SELECT 'make schemas' WHERE has_database_privilege(%(role)s, current_database(), 'CREATE')
"""


def restricted(entry: dict[str, Any]) -> dict[str, Any]:
    """Django's entry in DATABASES with the role's settings asked for by the client too."""
    given = dict(entry.get("OPTIONS", {}))
    asked = " ".join(f"-c {name}={value.replace(' ', _SPACE)}" for name, value in SETTINGS.items())
    given["options"] = f"{given.get('options', '')} {asked}".strip()
    given.setdefault("connect_timeout", CONNECT_SECONDS)
    return {**entry, "OPTIONS": given}


def can_read(connection: Connection[Any], *, role: str = ROLE) -> bool:
    """Whether the role is there and reads every table, so that nothing is left to be granted."""
    return _exists(connection, role=role) and connection.execute(_UNREADABLE, [role]).fetchone() is None


def grant(connection: Connection[Any], *, role: str = ROLE, password: str = "") -> bool:
    """Make the role where it is missing, give it the password if there is one, and let it read.

    The connection is that of the tables' owner; what only a superuser may do is done where he is one. False
    where the role keeps the password that it has, because this owner may not give it one.
    Raises ReaderTrouble where the role may not be made, or can do more than read.
    """
    try:
        if _exists(connection, role=role):
            _check(connection, role=role)
        else:
            _make(connection, role=role)
        is_given = not password or _give_password(connection, role=role, password=password)
        for statement in _grants(connection, role=role):
            connection.execute(statement)
    except InsufficientPrivilege as error:
        raise ReaderTrouble(
            f"The database user {role} cannot be made by {connection.info.user} "
            f"({error.diag.message_primary}). Let a superuser run "
            f"CREATE ROLE \"{role}\" LOGIN PASSWORD '…', then run this again."
        ) from error
    _limit(connection, role=role)
    _check(connection, role=role)
    return is_given


def _exists(connection: Connection[Any], *, role: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None


def _make(connection: Connection[Any], *, role: str) -> None:
    """Roles belong to all databases of a server: another one's owner may have made it just now."""
    made = sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)).as_string(connection)
    caught = sql.SQL("DO {}").format(
        f"BEGIN {made}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END"
    )
    connection.execute(caught)


def _give_password(connection: Connection[Any], *, role: str, password: str) -> bool:
    """It is sent as its hash, which is what a server's log may then hold. False where that is not allowed."""
    kept = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    given = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), kept)
    try:
        with connection.transaction():
            connection.execute(given)
    except InsufficientPrivilege:
        return False
    return True


def _grants(connection: Connection[Any], *, role: str) -> list[sql.Composed]:
    names = {"role": sql.Identifier(role), "database": sql.Identifier(connection.info.dbname)}
    statements: list[LiteralString] = [
        "GRANT CONNECT ON DATABASE {database} TO {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role}",
        "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
    ]
    return [sql.SQL(statement).format(**names) for statement in statements]


def _limit(connection: Connection[Any], *, role: str) -> None:
    """Set the role's settings; a superuser also takes from everybody the calls that no reader needs.

    Whoever may not do the first leaves it to the client, which asks for the same settings.
    """
    names = {"role": sql.Identifier(role), "database": sql.Identifier(connection.info.dbname)}
    set_to = sql.SQL("ALTER ROLE {role} IN DATABASE {database} SET {name} = {value}")
    with suppress(InsufficientPrivilege), connection.transaction():
        for name, value in SETTINGS.items():
            connection.execute(set_to.format(name=sql.Identifier(name), value=value, **names))
    if connection.info.parameter_status("is_superuser") == "on":
        with connection.transaction():
            for (call,) in connection.execute(_CALLABLE, [_UNWANTED, role]).fetchall():
                connection.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.SQL(call)))
            for (owner,) in connection.execute(_OWNERS).fetchall():
                _serve(connection, owner=owner, role=role)


def _serve(connection: Connection[Any], *, owner: str, role: str) -> None:
    """Leave an owner of tables the locks that he works with, and let the role read what he makes later."""
    names = {"owner": sql.Identifier(owner), "role": sql.Identifier(role)}
    for (call,) in connection.execute(_LACKED, [_LOCKS, owner]).fetchall():
        leave = sql.SQL("GRANT EXECUTE ON FUNCTION {call} TO {owner}")
        connection.execute(leave.format(call=sql.SQL(call), **names))
    later = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT ON TABLES TO {role}"
    connection.execute(sql.SQL(later).format(**names))


def _check(connection: Connection[Any], *, role: str) -> None:
    too_much = [may for (may,) in connection.execute(_TOO_MUCH, {"role": role})]
    if too_much:
        raise ReaderTrouble(
            f"The database user {role} is meant to read and may {', '.join(too_much[:5])}. "
            "Name another user, or take that right from this one."
        )
