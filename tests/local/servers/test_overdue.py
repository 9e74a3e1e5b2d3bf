"""What the web server's users do for too long is ended, whatever limits they lift; and nobody else's is."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from indexer import tasks
from local.servers import overdue, readers, roles, workers
from local.supervision.command import opened
from tests.endtoend.commands import await_that

pytestmark = pytest.mark.django_db(transaction=True)
Connection = psycopg.Connection[tuple[Any, ...]]


def connect(user: str) -> Connection:
    address: dict[str, Any] = {**conninfo_to_dict(opened(connection).info.dsn), "user": user}
    return psycopg.connect(**address, autocommit=True)


@pytest.fixture
def owner() -> Connection:
    return opened(connection)


@pytest.fixture
def names(owner: Connection) -> Iterator[tuple[str, str]]:
    """A reader and a worker."""
    found = (f"reading_{owner.info.dbname}", f"working_{owner.info.dbname}")
    readers.grant(owner, role=found[0])
    workers.grant(owner, role=found[1], web=found[:1])
    yield found
    for name in map(sql.Identifier, found):
        owner.execute(sql.SQL("DROP OWNED BY {}").format(name))
        owner.execute(sql.SQL("DROP ROLE {}").format(name))


def lifts_its_limits(session: Connection) -> None:
    for name in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
        session.execute(sql.SQL("SET {} = 0").format(sql.Identifier(name)))
    session.execute("SET default_transaction_read_only = off")


def is_ended(session: Connection) -> bool:
    try:
        session.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


@pytest.mark.parametrize("by_worker", [True, False])
def test_a_session_that_lifted_its_limits_is_ended(
    owner: Connection, names: tuple[str, str], by_worker: bool
) -> None:
    reader, worker = names
    with connect(worker) as working, connect(reader) as reading:
        lifts_its_limits(reading)
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM indexer_chain")
        ending = working if by_worker else owner
        assert overdue.end(ending, longest=600) == 0
        assert not is_ended(reading)
        assert overdue.end(ending, longest=0) == 1
        await_that(lambda: is_ended(reading))


def test_sessions_of_others_and_those_without_a_transaction_go_on(
    owner: Connection, names: tuple[str, str]
) -> None:
    reader, worker = names
    with connect(worker) as working, connect(reader) as reading:
        working.execute("BEGIN")
        working.execute("SELECT count(*) FROM indexer_chain")
        assert overdue.end(owner, longest=0) == 0
        assert not is_ended(working)
        assert not is_ended(reading)


def test_a_reader_changes_neither_his_mark_nor_what_he_may_not_lift(
    owner: Connection, names: tuple[str, str]
) -> None:
    reader, _ = names
    with connect(reader) as reading:
        lifts_its_limits(reading)
        for statement in (
            "COMMENT ON ROLE {} IS NULL",
            "ALTER ROLE {} CONNECTION LIMIT -1",
            "ALTER ROLE {} SET temp_file_limit = -1",
            "SET temp_file_limit = -1",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reading.execute(sql.SQL(statement).format(sql.Identifier(reader)))
        assert reading.execute("SHOW temp_file_limit").fetchone() == ("1GB",)
    found = owner.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = %s", [reader])
    assert found.fetchone() == (roles.MOST_SESSIONS,)


def test_the_schedule_s_task_ends_them(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    readers.grant(owner)
    with connect(readers.ROLE) as reading:
        lifts_its_limits(reading)
        reading.execute("BEGIN")
        reading.execute("SELECT 1")
        monkeypatch.setattr(overdue.end, "__kwdefaults__", {"longest": 0})
        tasks.end_overdue()
        await_that(lambda: is_ended(reading))
