"""The missing-id map: every hole, and the transaction that made it."""

from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.pagination import PageRequest
from explorer.queries.ledger import missing
from explorer.queries.ledger.missing import Hole, Why
from explorer.queries.records.states import Status
from indexer.models import Record, Revision
from indexer.postchain.gtx import Operation
from tests.explorer import shown
from tests.explorer.queries.every import every_record
from tests.explorer.queries.plans import most_read
from tests.indexer.made import FIRST_AT, MadeChain, add, batch_delete, call, delete, update

pytestmark = pytest.mark.django_db
UNREAD = Operation("add_prompt_history", (7, "[]", "{}", 1, "model", "provider", "a seventh"))


def pages(chain: ChainView, begin: PageRequest) -> Iterator[missing.Missing]:
    """Every page from the beginning on."""
    request: PageRequest | None = begin
    while request is not None:
        found = missing.page(chain, request)
        yield found
        request = found.newer if begin.oldest_first else found.older


def holes(chain: ChainView, *, limit: int = 100, oldest_first: bool = False) -> list[Hole]:
    begin = PageRequest(limit=limit, oldest_first=oldest_first)
    return [row for page in pages(chain, begin) for row in page.rows]


def ids(found: list[Hole]) -> list[int]:
    return [number for each in found for number in range(each.first, each.last + 1)]


def test_every_deleted_record_is_in_one_hole_with_the_transaction_that_deleted_it(
    each_chain: ChainView,
) -> None:
    found = holes(each_chain)
    every = {each.row.prompt_id: each for each in every_record(each_chain)}
    gone = [prompt_id for prompt_id, each in every.items() if each.row.status is Status.DELETED]
    assert sorted(ids(found)) == gone
    assert missing.page(each_chain).total == len(gone)
    for hole in found:
        for number in range(hole.first, hole.last + 1):
            last = every[number].revisions[-1]
            assert hole.transaction == last.transaction_rid
            assert (hole.at, hole.height, list(hole.signers)) == (last.at, last.height, list(last.signers))
            assert last.kind.startswith(hole.why.value.replace("-", "_"))


@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize("most", [2, 5_000])
def test_pages_hold_each_id_once_whichever_way(
    each_chain: ChainView, monkeypatch: pytest.MonkeyPatch, limit: int, most: int
) -> None:
    every = ids(holes(each_chain))
    monkeypatch.setattr(missing, "MOST", most)
    assert sorted(ids(holes(each_chain, limit=limit))) == sorted(every)
    assert sorted(ids(holes(each_chain, limit=limit, oldest_first=True))) == sorted(every)


@pytest.fixture
def made(db: None) -> ChainView:
    """1 stands; 2 to 4 went in a batch, 5 by itself; 6 and 7 lived for one block, 8 and 9 were not read."""
    made = MadeChain()
    made.block(call(add()))
    made.block(call(add(), add(), add()), at=FIRST_AT + 1_000_000)
    made.block(call(add()))
    made.block(call(batch_delete(0, FIRST_AT + 10)), call(delete(5)))
    made.block(call(add(), add(), delete(6), delete(7)))
    made.block(call(UNREAD), call(UNREAD, add()))
    made.block(call(UNREAD, UNREAD, add(), delete(13)))
    return shown.index_again(made)


EXPECTED = [
    (13, 13, Why.DELETE, True),
    (11, 12, Why.NOT_UNDERSTOOD, False),
    (9, 9, Why.NOT_UNDERSTOOD, False),
    (8, 8, Why.NOT_UNDERSTOOD, False),
    (6, 7, Why.DELETE, True),
    (5, 5, Why.DELETE, False),
    (2, 4, Why.BATCH_DELETE, False),
]


def told(found: list[Hole]) -> list[tuple[int, int, Why, bool]]:
    return [(each.first, each.last, each.why, each.is_of_same_block) for each in found]


def test_each_hole_says_what_made_it(made: ChainView) -> None:
    found = missing.page(made)
    assert told(list(found.rows)) == EXPECTED
    assert (found.total, found.given) == (11, 13)
    assert all(each.transaction is not None for each in found.rows)


def test_ids_of_adds_that_are_not_understood_are_counted_from_wherever_a_page_begins(
    made: ChainView,
) -> None:
    for limit, oldest_first in product((1, 2, 3), (False, True)):
        assert_counted_wherever(made, limit=limit, oldest_first=oldest_first)


def assert_counted_wherever(made: ChainView, *, limit: int, oldest_first: bool) -> None:
    found = holes(made, limit=limit, oldest_first=oldest_first)
    assert told(found) == (EXPECTED[::-1] if oldest_first else EXPECTED)
    every = list(pages(made, PageRequest(limit=limit, oldest_first=oldest_first)))
    for before, after in pairwise(every):
        back = after.older if oldest_first else after.newer
        assert back is not None
        again = missing.page(made, back)
        assert told(list(again.rows)) == told(list(before.rows))
    assert (every[0].older if oldest_first else every[0].newer) is None


def test_a_hole_that_nothing_explains_is_said_to_be_one(recorded_chain: ChainView) -> None:
    gone = Record.objects.filter(chain_id=recorded_chain.id, status=3).order_by("-position")[0]
    Revision.objects.filter(
        chain_id=recorded_chain.id, prompt_id=gone.prompt_id, position=gone.revised_position
    ).delete()
    found = next(each for each in holes(recorded_chain) if each.first <= gone.prompt_id <= each.last)
    assert (found.why, found.transaction, found.count) == (Why.UNKNOWN, None, 1)


@pytest.mark.parametrize("oldest_first", [False, True])
def test_a_page_reads_few_of_any_number_of_deleted_records(
    recorded_chain: ChainView, monkeypatch: pytest.MonkeyPatch, oldest_first: bool
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO indexer_record (chain_id, generation, position, prompt_id, scout, seed, created_at,
                revised_position, model_id, provider_id, revisions, status, prompt, answer)
            SELECT r.chain_id, r.generation, (1::bigint << 40) + g, 1000 + g, 1, 1, 1, 1,
                r.model_id, r.provider_id, 2, 3, r.prompt, r.answer
            FROM generate_series(1, 9999) AS g,
                (SELECT * FROM indexer_record WHERE chain_id = %s LIMIT 1) AS r""",
            [recorded_chain.id],
        )
        cursor.execute("ANALYZE indexer_record")
    monkeypatch.setattr(missing, "MOST", 100)
    with CaptureQueriesContext(connection) as asked:
        assert missing.page(recorded_chain, PageRequest(oldest_first=oldest_first)).rows
    assert len(asked) <= 3
    assert most_read(asked) < 1_000


def test_a_cursor_of_another_chain_is_refused(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    onwards = missing.page(recorded_chain, PageRequest(limit=1)).older
    assert onwards is not None
    with pytest.raises(BadQuestion):
        missing.page(one_validator_chain, onwards)


def test_a_chain_without_deletions_misses_nothing() -> None:
    made = MadeChain()
    made.block(call(add(), update(1, "{}")))
    found = missing.page(shown.index_made(made))
    assert (list(found.rows), found.total, found.given, found.newer, found.older) == ([], 0, 1, None, None)
