"""What the role that writes down what visitors send can do: that, and nothing else."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from local.servers import desk
from local.servers.errors import RoleTrouble
from local.supervision.command import opened

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])
Connection = psycopg.Connection[tuple[Any, ...]]
RIGHTS = settings.DESK_RIGHTS


def connect(user: str, *, asking: bool = False) -> Connection:
    """As this user; `asking` is with the options that the web server's settings give."""
    given = desk.restricted({})["OPTIONS"] if asking else {}
    address = {**conninfo_to_dict(opened(connection).info.dsn), "user": user, **given}
    return psycopg.connect(**address, autocommit=True)


@pytest.fixture
def owner() -> Connection:
    return opened(connection)


@pytest.fixture
def writer(owner: Connection) -> Iterator[Connection]:
    desk.grant(owner, RIGHTS)
    with connect(desk.ROLE) as writing:
        yield writing


@pytest.fixture
def user(owner: Connection) -> Iterator[str]:
    """A user who is there already."""
    name = f"someone_{owner.info.dbname}"
    owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    yield name
    owner.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
    owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_it_adds_a_report_and_reads_its_number_alone(writer: Connection) -> None:
    writer.execute(
        "INSERT INTO challenges_report (id, number, kind, page, text, contact, filed_at)"
        " VALUES (gen_random_uuid(), 1, 'page', '/', 'secret', '', now())"
    )
    assert writer.execute("SELECT number FROM challenges_report").fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT text FROM challenges_report",
        "SELECT * FROM challenges_report",
        "SELECT number FROM challenges_report WHERE text LIKE 's%'",
        "UPDATE challenges_report SET done_at = now()",
        "DELETE FROM challenges_report",
        "TRUNCATE challenges_report",
        "SELECT id FROM desk_outboxentry",
        "UPDATE desk_outboxentry SET due_at = NULL",
        "DELETE FROM desk_quota",
        "DELETE FROM desk_sequence",
        "UPDATE accounts_account SET opened_at = now()",
        "UPDATE accounts_apikey SET account_id = 1",
        "DELETE FROM accounts_account",
        "INSERT INTO accounts_appointment (account_id, role, since) VALUES (1, 'arbiter', now())",
        "UPDATE accounts_appointment SET role = 'arbiter'",
        "UPDATE accounts_signin SET email = ''",
        "SELECT * FROM account_emailaddress",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
        "COPY challenges_report TO STDOUT",
        "SELECT * FROM public.indexer_chain",
        "INSERT INTO public.indexer_name (hash, text) VALUES ('', '')",
        "UPDATE public.indexer_chain SET name = 'mine'",
        "DELETE FROM public.indexer_suppression",
        "DROP TABLE challenges_report",
        "ALTER TABLE challenges_report ADD mine integer",
        "LOCK TABLE challenges_report IN ACCESS EXCLUSIVE MODE",
        "CREATE TABLE desk.mine (n integer)",
        "CREATE TABLE public.mine (n integer)",
        "CREATE VIEW desk_public.mine AS SELECT 1",
        "CREATE TEMPORARY TABLE mine (n integer)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION desk.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "SET ROLE chasm",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT lo_from_bytea(0, 'mine')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1)",
        "SELECT pg_logical_emit_message(false, 'mine', 'mine')",
    ],
)
def test_it_does_nothing_else(writer: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), writer.transaction():
        writer.execute(sql.SQL(statement))


def test_its_settings_are_its_own_even_where_the_client_asks_for_none(writer: Connection) -> None:
    for name, value in desk.SETTINGS.items():
        assert writer.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone() == (value,)


def test_the_client_asks_for_the_same(user: str) -> None:
    with connect(user, asking=True) as writing:
        for name, value in desk.SETTINGS.items():
            assert writing.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone() == (value,)


def test_it_waits_for_nobody_for_long(owner: Connection, writer: Connection) -> None:
    with owner.transaction():
        owner.execute("LOCK TABLE desk.desk_sequence")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            writer.execute("SELECT last FROM desk_sequence")


def test_whether_something_is_left_to_be_granted_is_known(owner: Connection, user: str) -> None:
    assert not desk.has_its_rights(owner, RIGHTS, role="nobody_at_all")
    assert not desk.has_its_rights(owner, RIGHTS, role=user)
    desk.grant(owner, RIGHTS, role=user)
    assert desk.has_its_rights(owner, RIGHTS, role=user)


def test_a_right_that_is_listed_no_more_is_taken_back(owner: Connection, user: str) -> None:
    desk.grant(owner, {**RIGHTS, "challenges_report": ("INSERT", "SELECT", "DELETE")}, role=user)
    assert not desk.has_its_rights(owner, RIGHTS, role=user)
    desk.grant(owner, RIGHTS, role=user)
    assert desk.has_its_rights(owner, RIGHTS, role=user)


@pytest.mark.parametrize(
    ("right", "what"),
    [
        ("GRANT SELECT ON public.indexer_chain TO {}", "read the table indexer_chain"),
        ("GRANT UPDATE (name) ON public.indexer_chain TO {}", "write to the table indexer_chain"),
        ("GRANT CREATE ON SCHEMA desk TO {}", "make tables in desk"),
        ("GRANT USAGE ON SEQUENCE desk.desk_quota_id_seq TO {}", "use the sequence desk_quota"),
        ("GRANT pg_read_all_data TO {} WITH INHERIT FALSE", "act as pg_read_all_data"),
        ("GRANT chasm TO {} WITH INHERIT FALSE", "act as chasm"),
        ("ALTER ROLE {} BYPASSRLS", "pass by rules on rows"),
        ("ALTER ROLE {} SUPERUSER", "do everything, as a superuser"),
    ],
)
def test_a_user_with_any_further_right_is_refused(
    owner: Connection, user: str, right: LiteralString, what: str
) -> None:
    owner.execute(sql.SQL(right).format(sql.Identifier(user)))
    with pytest.raises(RoleTrouble, match=f"meant to write at the desk alone and may .*{what}"):
        desk.grant(owner, RIGHTS, role=user)


def test_what_everybody_may_do_is_too_much_as_well(owner: Connection, user: str) -> None:
    owner.execute("GRANT SELECT ON public.indexer_chain TO PUBLIC")
    try:
        with pytest.raises(RoleTrouble, match="read the table indexer_chain"):
            desk.grant(owner, RIGHTS, role=user)
    finally:
        owner.execute("REVOKE SELECT ON public.indexer_chain FROM PUBLIC")


def test_the_owner_sees_the_same_schema_alone() -> None:
    entry = desk.of_owner({"NAME": "x", "OPTIONS": {"sslmode": "require"}})
    assert entry["OPTIONS"]["options"] == "-c search_path=desk"
    assert entry["OPTIONS"]["sslmode"] == "require"
