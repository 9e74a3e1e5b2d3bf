"""Statements that are planned once a connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.db import sql
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.sql import Row

pytestmark = pytest.mark.django_db

SUM = Prepared(
    "SELECT w.number + %(more)s, 7 %% 4 FROM unnest(%(numbers)s) AS w (number)",
    {"more": "bigint", "numbers": "bigint[]"},
)
_KNOWN = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %(begun)s"


def added(more: int) -> list[Row]:
    return SUM.rows({"numbers": [1, 2**40], "more": more})


def known() -> int:
    ((count,),) = sql.rows(_KNOWN, {"begun": "PREPARE statement_% (bigint, bigint[])%"})
    return int(count)


def elsewhere(asked: Callable[[], object]) -> object:
    """What is found by a thread, which has a connection of its own."""

    def closing() -> object:
        try:
            return asked()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(closing).result()


def test_a_connection_is_told_it_once_and_then_given_values() -> None:
    with CaptureQueriesContext(connection) as asked:
        found = [added(more) for more in (0, 1, 2**50)]
    assert found == [[(1 + more, 3), (2**40 + more, 3)] for more in (0, 1, 2**50)]
    assert known() == 1
    assert len(asked) == 3
    assert all(each["sql"].startswith("EXECUTE ") for each in asked.captured_queries)


def test_another_connection_is_told_it_too() -> None:
    added(1)
    assert elsewhere(lambda: (known(), added(1), known())) == (0, [(2, 3), (2**40 + 1, 3)], 1)


def test_one_that_takes_the_place_of_a_lost_connection_is_told_it() -> None:
    def lost() -> list[Row]:
        added(1)
        connection.connection.close()
        connection.close_if_unusable_or_obsolete()
        return added(2)

    assert elsewhere(lost) == [(3, 3), (2**40 + 2, 3)]


def test_what_cannot_be_planned_is_an_error_of_the_database_each_time() -> None:
    broken = Prepared("SELECT nothing FROM nowhere", {})

    def refused() -> int:
        for _ in range(2):
            with pytest.raises(DatabaseError, match="nowhere"):
                broken.rows({})
        return len(sql.rows("SELECT 1", {}))

    assert elsewhere(refused) == 1
