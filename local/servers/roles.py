"""What the web server's database roles have in common: how one is made, limited and held to what it may do.

`readers` and `desk` say what each of them may. Each is held to it by its rights, by settings of its own, and
by a look at all that it could do besides. Any session may lift its settings again, and any role change those
that it begins with; so the number of its sessions and what they put on the disk is limited where it reaches
neither, and `overdue` ends from outside what lasts too long.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege, InternalError_

from local.servers.errors import RoleTrouble

CONNECT_SECONDS = 5
MOST_SESSIONS = 40
"""Sessions of a role at once. A process of the web server has at most as many as it has threads."""

MARK = "of the web server of Chasm"
"""The comment by which such a role is known. No role may change its own."""

_OUT_OF_REACH = {"temp_file_limit": "1GB"}
"""Settings of a role that only a superuser changes: of files that large sorts write."""
_SPACE = r"\ "  # within a value, as libpq takes it

# What PostgreSQL lets everybody call and no role here needs: large objects and log messages fill the disk,
# advisory locks would hold up the indexer.
_UNWANTED = r"^(lo_.*|loread|lowrite|pg_logical_emit_message|pg_(try_)?advisory_.*)$"
_CALLABLE = """
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ %s
      AND has_function_privilege(%s, p.oid, 'EXECUTE')
"""
# What the tables' owner does his work with.
_LOCKS = r"^pg_(try_)?advisory_"
_LACKED = """
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ %s
      AND NOT has_function_privilege(%s, p.oid, 'EXECUTE')
"""
_OWNERS = """
    SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
"""
_KEPT = """
    SELECT unnest(s.setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
    WHERE d.datname = current_database() AND s.setrole = to_regrole(quote_ident(%s))
"""
_IS_MARKED = """
    SELECT FROM pg_roles WHERE rolname = %(role)s AND rolconnlimit = %(most)s
      AND shobj_description(oid, 'pg_authid') = %(mark)s
"""
_IS_LEFT = """
    SELECT FROM pg_auth_members WHERE inherit_option AND roleid = to_regrole(quote_ident(%(role)s))
      AND member = to_regrole(quote_ident(%(by)s))
"""
_TRIES = 5
_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"  # schemas
# A view that an extension lets everybody read is its own affair.
_HELD = f"""
    SELECT n.nspname, c.relname, p.name, CASE WHEN NOT has_table_privilege(%(role)s, c.oid, p.name) THEN (
        SELECT array_agg(a.attname ORDER BY a.attname) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND has_column_privilege(%(role)s, c.oid, a.attnum, p.name)
    ) END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
         unnest('{{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}}'::text[]) p (name)
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS}
      AND (has_table_privilege(%(role)s, c.oid, p.name) OR (
        p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
        AND has_any_column_privilege(%(role)s, c.oid, p.name)
      ))
      AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
      )
    ORDER BY 1, 2, 3
"""
_POWERS = """
    SELECT may.what FROM pg_roles r, LATERAL (VALUES
        (r.rolsuper, 'do everything, as a superuser'),
        (r.rolcreaterole, 'make users'),
        (r.rolcreatedb, 'make databases'),
        (r.rolreplication, 'copy the whole server'),
        (r.rolbypassrls, 'pass by rules on rows')
    ) may (is_so, what)
    WHERE r.rolname = %(role)s AND may.is_so
"""
_TOO_MUCH = f"""
    {_POWERS}
    UNION ALL SELECT 'act as ' || m.roleid::regrole FROM pg_auth_members m
    WHERE m.member = to_regrole(quote_ident(%(role)s))
    UNION ALL SELECT 'use the sequence ' || c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE CASE WHEN c.relkind = 'S' AND {_OURS} THEN
        has_sequence_privilege(%(role)s, c.oid, 'USAGE, UPDATE')
    END
    UNION ALL SELECT 'make tables in ' || n.nspname FROM pg_namespace n
    WHERE {_OURS} AND has_schema_privilege(%(role)s, n.oid, 'CREATE')
    UNION ALL SELECT 'make schemas' WHERE has_database_privilege(%(role)s, current_database(), 'CREATE')
"""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """What a role may do to a table: ``SELECT``, or for some columns alone ``SELECT (a, b)``."""

    schema: str
    table: str
    privilege: str

    def __str__(self) -> str:
        does = "read" if self.privilege.startswith("SELECT") else "write to"
        return f"{does} the table {'' if self.schema == 'public' else f'{self.schema}.'}{self.table}"


def restricted(entry: dict[str, Any], settings: Mapping[str, str]) -> dict[str, Any]:
    """Django's entry in DATABASES with these settings asked for by the client too."""
    given = dict(entry.get("OPTIONS", {}))
    asked = " ".join(f"-c {name}={value.replace(' ', _SPACE)}" for name, value in settings.items())
    given["options"] = f"{given.get('options', '')} {asked}".strip()
    given.setdefault("connect_timeout", CONNECT_SECONDS)
    return {**entry, "OPTIONS": given}


def exists(connection: Connection[Any], *, role: str) -> bool:
    """Whether the server knows the role."""
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None


def held(connection: Connection[Any], *, role: str) -> frozenset[Right]:
    """All that the role may do to tables and views, the system's own and those of extensions left out."""
    rows = connection.execute(_HELD, {"role": role}).fetchall()
    return frozenset(
        Right(schema, table, privilege if columns is None else f"{privilege} ({', '.join(columns)})")
        for schema, table, privilege, columns in rows
    )


def grant(
    connection: Connection[Any], *, role: str, password: str, statements: Sequence[sql.Composed]
) -> bool:
    """Make the role where it is missing, give it the password if there is one, and run the statements, all or
    none of them.

    False where the role keeps the password that it has, because this owner may not give it one. Raises
    RoleTrouble where the role may not be made.
    """
    try:
        if not exists(connection, role=role):
            _make(connection, role=role)
        is_given = not password or _give_password(connection, role=role, password=password)
        with connection.transaction():
            for statement in statements:
                connection.execute(statement)
    except InsufficientPrivilege as error:
        raise RoleTrouble(
            f"The database user {role} cannot be made by {connection.info.user} "
            f"({error.diag.message_primary}). Let a superuser run "
            f"CREATE ROLE \"{role}\" LOGIN PASSWORD '…', then run this again."
        ) from error
    return is_given


def entry_to(connection: Connection[Any], *, role: str) -> Iterator[sql.Composed]:
    """The statements that let a role into this database, where nobody makes temporary tables."""
    database = sql.Identifier(connection.info.dbname)
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(role))
    yield sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database)


def limit(connection: Connection[Any], *, role: str, settings: Mapping[str, str]) -> None:
    """Set the role's settings, in place of what it may have set itself, mark it, and let the tables' owners
    end its sessions. A superuser also sets what the role cannot lift, takes from everybody the calls that no
    role here needs, and leaves the tables' owners the locks that they work with.

    Whoever may not do the first leaves it to the client, which asks for the same settings.
    """
    with suppress(InsufficientPrivilege), connection.transaction():
        _set(connection, role=role, settings=settings)
    with suppress(InsufficientPrivilege), connection.transaction():
        _mark(connection, role=role)
    if is_superuser(connection):
        with connection.transaction():
            _set(connection, role=role, settings={**settings, **_OUT_OF_REACH})
            for (call,) in connection.execute(_CALLABLE, [_UNWANTED, role]).fetchall():
                connection.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.SQL(call)))
            for owner in owners(connection):
                leave_locks(connection, owner=owner)


def keeps_its_limits(connection: Connection[Any], *, role: str, settings: Mapping[str, str]) -> bool:
    """Whether the role begins its sessions with these settings, which it may have changed itself. True where
    the connection is no superuser's, who may not set them.
    """
    if not is_superuser(connection):
        return True
    meant = {f"{name}={value}" for name, value in {**settings, **_OUT_OF_REACH}.items()}
    return {each for (each,) in connection.execute(_KEPT, [role])} == meant


def check_powers(connection: Connection[Any], *, role: str, meant_to: str) -> None:
    """Raise RoleTrouble where the role has powers over the whole server."""
    powers = [may for (may,) in connection.execute(_POWERS, {"role": role})]
    if powers:
        raise RoleTrouble(
            f"The database user {role} is meant to {meant_to} and may {', '.join(powers)}. "
            "Name another user, or take that right from this one."
        )


def be_left_to(connection: Connection[Any], *, role: str, by: str) -> None:
    """Let another role, ``by``, end the sessions of this one."""
    if connection.execute(_IS_LEFT, {"role": role, "by": by}).fetchone() is None:
        left = sql.SQL("GRANT {} TO {} WITH INHERIT TRUE")
        _settle(connection, left.format(sql.Identifier(role), sql.Identifier(by)))


def leave_locks(connection: Connection[Any], *, owner: str) -> None:
    """Let a role that works on the tables take the locks that are taken from everybody else."""
    for (call,) in connection.execute(_LACKED, [_LOCKS, owner]).fetchall():
        leave = sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}")
        connection.execute(leave.format(sql.SQL(call), sql.Identifier(owner)))


def is_superuser(connection: Connection[Any]) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"


def owners(connection: Connection[Any]) -> list[str]:
    """Who owns tables of the index."""
    return [owner for (owner,) in connection.execute(_OWNERS).fetchall()]


def check(
    connection: Connection[Any], *, role: str, meant_to: str, beyond: Collection[Right] = frozenset()
) -> None:
    """Raise RoleTrouble where the role can do more than it is meant to; ``beyond`` is that of its rights."""
    too_much = [may for (may,) in connection.execute(_TOO_MUCH, {"role": role})]
    too_much += dict.fromkeys(str(right) for right in sorted(beyond))
    if too_much:
        raise RoleTrouble(
            f"The database user {role} is meant to {meant_to} and may {', '.join(too_much[:5])}. "
            "Name another user, or take that right from this one."
        )


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


def _set(connection: Connection[Any], *, role: str, settings: Mapping[str, str]) -> None:
    names = {"role": sql.Identifier(role), "database": sql.Identifier(connection.info.dbname)}
    connection.execute(sql.SQL("ALTER ROLE {role} IN DATABASE {database} RESET ALL").format(**names))
    set_to = sql.SQL("ALTER ROLE {role} IN DATABASE {database} SET {name} = {value}")
    for name, value in settings.items():
        connection.execute(set_to.format(name=sql.Identifier(name), value=value, **names))


def _settle(connection: Connection[Any], statement: sql.Composed) -> None:
    """Run what changes a catalogue of the whole server: another database's owner may change the same just
    now, which PostgreSQL refuses to the later one as an internal error.
    """
    for _ in range(_TRIES):
        with suppress(InternalError_), connection.transaction():
            connection.execute(statement)
            return
    connection.execute(statement)


def _mark(connection: Connection[Any], *, role: str) -> None:
    name = sql.Identifier(role)
    marks = {"role": role, "most": MOST_SESSIONS, "mark": MARK}
    if connection.execute(_IS_MARKED, marks).fetchone() is None:
        _settle(connection, sql.SQL("ALTER ROLE {} CONNECTION LIMIT {}").format(name, MOST_SESSIONS))
        _settle(connection, sql.SQL("COMMENT ON ROLE {} IS {}").format(name, MARK))
    for owner in {*owners(connection), connection.info.user}:
        be_left_to(connection, role=role, by=owner)
