"""Lists of models, providers and scouts: a page costs the same, whatever number of names a chain has."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import PageRequest
from explorer.queries.groups import presence
from explorer.queries.groups.presence_order import ORDERS, Kind
from tests.explorer.queries.plans import most_read

pytestmark = pytest.mark.django_db
_NAMES = """
    INSERT INTO indexer_name (kind, hash, text)
    SELECT 2, sha256(('model ' || n)::bytea), 'model ' || n FROM generate_series(1, %s) n
"""
_PRESENT = """
    INSERT INTO indexer_presence
        (chain_id, generation, of, key, records, edited, deleted, first, last, first_at, last_at)
    SELECT %s, %s, 1, id, 1 + id %% 5, 0, 0, id, id, id, id FROM indexer_name WHERE text LIKE 'model %%'
    UNION ALL
    SELECT %s, %s, 3, n, 1 + n %% 5, 0, 0, n, n, n, n FROM generate_series(100000, 100000 + %s) n
"""


@pytest.mark.parametrize("kind", [Kind.MODEL, Kind.SCOUT])
@pytest.mark.parametrize("order", ORDERS)
def test_a_page_reads_as_many_rows_as_it_has(order: str, kind: Kind, recorded_chain: ChainView) -> None:
    count, limit = 2_000, 20
    of = [recorded_chain.id, recorded_chain.generation]
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [count])
        cursor.execute(_PRESENT, [*of, *of, count])
        cursor.execute("ANALYZE indexer_name, indexer_presence")
    request = PageRequest(
        limit=limit,
        oldest_first=order == "oldest",
        sorted_by="" if order in ("newest", "oldest") else order,
    )
    seen = set()
    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            found = presence.page([recorded_chain], kind, request, gathers=kind is Kind.MODEL)
        assert most_read(asked) <= 3 * limit
        seen |= {each.name for each in found.rows}
        onwards = found.older if request.is_downwards else found.newer
        assert onwards is not None
        request = onwards
    assert len(seen) == 3 * limit


@pytest.mark.parametrize("order", ORDERS)
def test_of_several_chains_too(order: str, recorded_chain: ChainView, one_validator_chain: ChainView) -> None:
    count, limit = 2_000, 20
    of = [recorded_chain.id, recorded_chain.generation]
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [count])
        cursor.execute(_PRESENT, [*of, *of, count])
        cursor.execute("ANALYZE indexer_name, indexer_presence")
    request = PageRequest(
        limit=limit,
        oldest_first=order == "oldest",
        sorted_by="" if order in ("newest", "oldest") else order,
    )
    with CaptureQueriesContext(connection) as asked:
        presence.page([recorded_chain, one_validator_chain], Kind.MODEL, request, gathers=True)
    assert most_read(asked) <= 5 * limit
