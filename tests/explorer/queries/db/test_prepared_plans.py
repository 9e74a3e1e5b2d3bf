"""How the database answers the statements that are planned once a connection, whatever they are asked."""

from collections.abc import Callable, Mapping

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain.chains import ChainView, chains
from explorer.queries.lists import listing
from explorer.queries.records.record import record
from explorer.queries.records.row import Place
from explorer.queries.records.rows import read_rows
from indexer.models import Record
from indexer.postchain.gtx import Operation
from tests.explorer import shown
from tests.explorer.queries.plans import most_read
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db

ALL = 300
"""Records of the chain; of each table that is looked up in there are so many rows, or near."""

FEW = 40
"""Rows that a step may read: those of a prompt's peers, or of a page."""


@pytest.fixture
def chain() -> ChainView:
    """Of each block's records one is edited later, one deleted, and six answer one prompt."""
    shown.empty()  # rows of other tests, rolled back, still take room on disk, and plans heed that
    made = MadeChain()
    for block in range(ALL // 10):
        made.block(*(_said(block, place) for place in range(10)))
        made.block(update(block * 10 + 1, completion(f"edit {block}")), delete(block * 10 + 2))
    found = shown.index_made(made)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("SET LOCAL enable_seqscan = off")
    return found


def _said(block: int, place: int) -> Operation:
    asked = f"of block {block}" if place < 6 else f"{block} {place}"
    return add(
        completion(f"answer {block} {place % 3}"),
        messages=f'[{{"role":"user","content":"What {asked}?"}}]',
        uid=place,
        model=f"model-{place % 3}",
    )


def _places(chain: ChainView) -> list[Place]:
    found = Record.objects.filter(chain_id=chain.id, prompt_id__lt=30).values_list("position", flat=True)
    return [Place(chain.id, each) for each in found]


ASKED: Mapping[str, Callable[[ChainView], object]] = {
    "chains": lambda _: chains(),
    "an edited record with peers": lambda chain: record(chain, 201),
    "a deleted one, by its first revision": lambda chain: record(chain, 202, revision=1),
    "rows by their places": lambda chain: read_rows(_places(chain)),
    "rows by their ids": lambda chain: listing.named((chain, each) for each in range(1, 30)),
    "the newest": lambda chain: listing.latest([chain]),
    "the newest, and the newest edited": listing.latest_and_edited,
}


def test_a_plan_for_any_values_reads_few_rows_of_a_large_chain(chain: ChainView) -> None:
    for name, asked in ASKED.items():
        with CaptureQueriesContext(connection) as told:
            asked(chain)
        prepared = [each for each in told.captured_queries if each["sql"].startswith("EXECUTE ")]
        assert prepared, name
        for each in prepared:
            assert most_read([each]) <= FEW, (name, each["sql"])
