"""Arrays are read by PostgreSQL as they were given."""

import pytest
from django.db import connection

from indexer.store import arrays


@pytest.mark.django_db
@pytest.mark.parametrize("values", [[], [b""], [b"\0\xff\\\"'{},%s", b"\\x00", b"a" * 10_000]])
def test_bytes(values: list[bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(%s::bytea[])", [arrays.of_bytes(values)])
        assert [bytes(value) for (value,) in cursor.fetchall()] == values


@pytest.mark.django_db
@pytest.mark.parametrize("values", [[], [0], [-(2**63), 2**63 - 1, 5]])
def test_numbers(values: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(%s::bigint[])", [arrays.of_numbers(values)])
        assert [value for (value,) in cursor.fetchall()] == values
