"""Statements and the rows that they give."""

import pytest

from explorer.queries.db import sql

pytestmark = pytest.mark.django_db
STATEMENT = "SELECT n, %(raw)s::bytea FROM generate_series(1, %(last)s) AS s (n) ORDER BY n"


def test_all_rows_or_the_first_are_given_and_bytes_are_bytes() -> None:
    parameters = {"raw": b"\x00\xff", "last": 3}
    assert sql.rows(STATEMENT, parameters) == [(number, b"\x00\xff") for number in (1, 2, 3)]
    assert sql.row(STATEMENT, parameters) == (1, b"\x00\xff")
    assert sql.rows("SELECT ARRAY[%s::bytea]", [b"\x00"]) == [([b"\x00"],)]


def test_where_there_is_none_it_is_said_so() -> None:
    nothing = {"raw": b"", "last": 0}
    assert sql.rows(STATEMENT, nothing) == []
    assert sql.row(STATEMENT, nothing) is None
