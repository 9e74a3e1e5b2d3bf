"""What the web server's role can do to the database: read, and nothing else."""

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from local.servers import readers
from local.servers.errors import RoleTrouble
from local.supervision.command import opened

pytestmark = pytest.mark.django_db(transaction=True)

Connection = psycopg.Connection[tuple[Any, ...]]


def connect(user: str, *, database: str = "", asking: bool = False) -> Connection:
    """As this user; `asking` is with the options that the web server's settings give."""
    given = readers.restricted({})["OPTIONS"] if asking else {}
    dsn = opened(connection).info.dsn
    address = {**conninfo_to_dict(dsn, **({"dbname": database} if database else {})), "user": user, **given}
    return psycopg.connect(**address, autocommit=True)


@pytest.fixture
def owner() -> Connection:
    return opened(connection)


@pytest.fixture
def reader(owner: Connection) -> Iterator[Connection]:
    readers.grant(owner)
    with connect(readers.ROLE) as reading:
        yield reading


@pytest.fixture
def user(owner: Connection) -> Iterator[str]:
    """A user who is there already."""
    name = f"somebody_{owner.info.dbname}"
    owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    yield name
    owner.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
    owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def may_do_what_it_likes(reading: Connection) -> None:
    """Lift what a session may lift itself, so that only rights are left to stop it."""
    reading.execute("SET default_transaction_read_only = off")


def test_it_reads_every_table(owner: Connection, reader: Connection) -> None:
    # Not those of the owner's session alone, which a derivation that ran in it may have left.
    tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert len(tables) > 20
    for (table,) in tables:
        reader.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))


def test_it_reads_tables_that_come_later(owner: Connection, reader: Connection) -> None:
    owner.execute("CREATE TABLE later (n integer)")
    try:
        assert reader.execute("SELECT count(*) FROM later").fetchone() == (0,)
    finally:
        owner.execute("DROP TABLE later")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO indexer_name (hash, text) VALUES ('', '')",
        "UPDATE indexer_chain SET name = 'mine'",
        "DELETE FROM indexer_chain",
        "TRUNCATE indexer_chain CASCADE",
        "DROP TABLE indexer_chain",
        "ALTER TABLE indexer_chain ADD mine integer",
        "BEGIN; LOCK TABLE indexer_chain IN ACCESS EXCLUSIVE MODE; COMMIT",
        "CREATE TABLE mine (n integer)",
        "CREATE TEMPORARY TABLE mine (n integer)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "CREATE EXTENSION dblink",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "SET ROLE pg_read_all_data",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT pg_ls_dir('.')",
        "COPY indexer_chain TO PROGRAM 'cat'",
        "SELECT lo_from_bytea(0, 'mine')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_lock(1)",
        "SELECT pg_logical_emit_message(false, 'mine', 'mine')",
        "CHECKPOINT",
    ],
)
def test_it_does_nothing_else_even_where_it_lifts_its_settings(reader: Connection, statement: str) -> None:
    may_do_what_it_likes(reader)
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType)):
        reader.execute(sql.SQL(statement))


def test_it_uses_no_sequence(owner: Connection, reader: Connection) -> None:
    may_do_what_it_likes(reader)
    sequences = owner.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'").fetchall()
    assert sequences
    for (name,) in sequences:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT nextval(%s)", [f"public.{name}"])


def test_its_transactions_are_read_only(reader: Connection) -> None:
    assert reader.execute("SHOW transaction_read_only").fetchone() == ("on",)


@pytest.mark.parametrize("place", ["", "IN DATABASE {database} "])
def test_settings_that_he_changed_himself_are_seen_and_set_again(
    owner: Connection, user: str, place: LiteralString
) -> None:
    readers.grant(owner, role=user)
    names = {"role": sql.Identifier(user), "database": sql.Identifier(owner.info.dbname)}
    with connect(user) as reading:
        may_do_what_it_likes(reading)
        for change in ("SET statement_timeout = 0", "SET work_mem = '1GB'"):
            reading.execute(sql.SQL("ALTER ROLE {role} " + place + change).format(**names))
    assert readers.can_read(owner, role=user) is not bool(place)
    readers.grant(owner, role=user)
    assert readers.can_read(owner, role=user)
    with connect(user) as reading:
        assert reading.execute("SHOW statement_timeout").fetchone() == ("2s",)


def test_what_takes_too_long_is_cut_off(reader: Connection) -> None:
    assert reader.execute("SHOW statement_timeout").fetchone() == ("2s",)
    with pytest.raises(psycopg.errors.QueryCanceled):
        reader.execute("SELECT pg_sleep(20)")


def test_it_does_not_wait_for_the_indexer_s_locks(owner: Connection, reader: Connection) -> None:
    with owner.transaction():
        owner.execute("LOCK TABLE indexer_chain")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            reader.execute("SELECT 1 FROM indexer_chain")


def test_the_client_asks_for_the_same_limits(user: str) -> None:
    with connect(user, asking=True) as reading:
        for name, value in readers.SETTINGS.items():
            assert reading.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone() == (value,)


def test_options_that_were_given_stay() -> None:
    entry = readers.restricted({"NAME": "x", "OPTIONS": {"options": "-c work_mem=1MB", "sslmode": "require"}})
    assert entry["OPTIONS"]["options"].startswith("-c work_mem=1MB -c statement_timeout=2s")
    assert (entry["NAME"], entry["OPTIONS"]["sslmode"]) == ("x", "require")


def test_whether_something_is_left_to_be_granted_is_known(owner: Connection, user: str) -> None:
    assert not readers.can_read(owner, role="nobody_at_all")
    assert not readers.can_read(owner, role=user)
    readers.grant(owner, role=user)
    assert readers.can_read(owner, role=user)


def test_a_user_who_can_write_is_refused_and_left_alone(owner: Connection, user: str) -> None:
    owner.execute(sql.SQL("GRANT UPDATE ON indexer_chain TO {}").format(sql.Identifier(user)))
    with pytest.raises(RoleTrouble, match="may write to the table indexer_chain"):
        readers.grant(owner, role=user)
    with connect(user) as reading:
        assert reading.execute("SHOW default_transaction_read_only").fetchone() == ("off",)


@pytest.mark.parametrize(
    ("right", "what"),
    [
        ("GRANT UPDATE (name) ON indexer_chain TO {}", "write to the table indexer_chain"),
        ("GRANT TRIGGER ON indexer_chain TO {}", "write to the table indexer_chain"),
        ("GRANT USAGE ON SEQUENCE indexer_incident_id_seq TO {}", "use the sequence indexer_incident_id_seq"),
        ("GRANT pg_read_all_data TO {}", "act as pg_read_all_data"),
        ("GRANT pg_read_all_data TO {} WITH INHERIT FALSE", "act as pg_read_all_data"),
        ("GRANT SELECT (text) ON desk.challenges_report TO {}", "read the table desk.challenges_report"),
        ("GRANT pg_execute_server_program TO {}", "act as pg_execute_server_program"),
        ("GRANT pg_write_all_data TO {} WITH INHERIT FALSE", "act as pg_write_all_data"),
        ("GRANT chasm TO {} WITH INHERIT FALSE", "act as chasm"),
        ("ALTER ROLE {} CREATEROLE", "make users"),
        ("ALTER ROLE {} CREATEDB", "make databases"),
        ("ALTER ROLE {} REPLICATION", "copy the whole server"),
        ("ALTER ROLE {} BYPASSRLS", "pass by rules on rows"),
        ("ALTER ROLE {} SUPERUSER", "do everything, as a superuser"),
    ],
)
def test_a_user_with_any_further_right_is_refused(
    owner: Connection, user: str, right: LiteralString, what: str
) -> None:
    owner.execute(sql.SQL(right).format(sql.Identifier(user)))
    with pytest.raises(RoleTrouble, match=what):
        readers.grant(owner, role=user)


def test_the_owner_himself_is_refused(owner: Connection) -> None:
    with pytest.raises(RoleTrouble, match="may do everything"):
        readers.grant(owner, role=owner.info.user)
    assert owner.execute("SHOW default_transaction_read_only").fetchone() == ("off",)


def is_kept_for(owner: Connection, *, role: str, password: str) -> bool:
    """Whether what PostgreSQL keeps was made of this password (RFC 5802 §3)."""
    ((kept,),) = owner.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role]).fetchall()
    kind, rounds, salt, stored, _ = re.split(r"[$:]", kept)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), b64decode(salt), int(rounds))
    key = hmac.digest(salted, b"Client Key", "sha256")
    return kind == "SCRAM-SHA-256" and b64decode(stored) == hashlib.sha256(key).digest()


def test_a_password_is_kept_as_its_hash_and_can_be_changed(owner: Connection) -> None:
    name = f"with_password_{owner.info.dbname}"
    try:
        for password in ("it's secret", "another"):
            assert readers.grant(owner, role=name, password=password)
            assert is_kept_for(owner, role=name, password=password)
    finally:
        owner.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
        owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_who_may_not_make_users_is_told_what_a_superuser_must_run(user: str) -> None:
    wanted = 'CREATE ROLE "new_one" LOGIN'
    with connect(user) as powerless, pytest.raises(RoleTrouble, match=wanted) as refused:
        readers.grant(powerless, role="new_one", password="it's secret")
    assert "SCRAM" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.fixture
def plain(owner: Connection, user: str) -> Iterator[Connection]:
    """An owner without further rights, in a database of his own with a table, which goes before the user."""
    name = sql.Identifier(f"plain_{owner.info.dbname}")
    owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    owner.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(name))
    try:
        with connect(f"plain_{owner.info.dbname}", database=f"plain_{owner.info.dbname}") as powerless:
            powerless.execute("CREATE TABLE his (n integer)")
            yield powerless
    finally:
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        owner.execute(sql.SQL("DROP ROLE {}").format(name))


def test_an_owner_without_further_rights_lets_a_user_read_that_is_there(plain: Connection, user: str) -> None:
    """As on a hosted PostgreSQL: the settings that he may not give the user are asked for by the client."""
    assert readers.grant(plain, role=user)
    with connect(user, database=plain.info.dbname) as reading:
        assert reading.execute("SELECT count(*) FROM his").fetchone() == (0,)


def test_an_owner_without_further_rights_learns_that_the_password_stays(plain: Connection, user: str) -> None:
    assert not readers.grant(plain, role=user, password="another")
    with connect(user, database=plain.info.dbname) as reading:
        assert reading.execute("SELECT count(*) FROM his").fetchone() == (0,)


def test_a_superuser_leaves_the_tables_owner_what_he_works_with(
    owner: Connection, plain: Connection, user: str
) -> None:
    with connect(owner.info.user, database=plain.info.dbname) as superuser:
        readers.grant(superuser, role=user)
        readers.grant(superuser, role=user)
    assert plain.execute("SELECT pg_try_advisory_lock(1, 2)").fetchone() == (True,)
    assert plain.execute("SELECT pg_advisory_unlock(1, 2)").fetchone() == (True,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        plain.execute("SELECT lo_import('/etc/hostname')")
    plain.execute("CREATE TABLE later (n integer)")
    with connect(user, database=plain.info.dbname) as reading:
        assert reading.execute("SELECT count(*) FROM later").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reading.execute("SELECT pg_try_advisory_lock(1, 2)")
