"""How many rows came since a page was made: what the list itself would add, and no more is looked at."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain import blocks
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import LARGEST_PAGE, PageRequest
from explorer.queries.ledger import ledger
from explorer.queries.ledger.ledger_filter import Change, LedgerFilter
from explorer.queries.lists import listing, walk
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.states import Status
from explorer.queries.site import news
from explorer.queries.site.news import MOST, News
from explorer.search.parsing import parse
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.conftest import Tables
from tests.indexer.made import MadeChain, add, call, completion, delete, update

pytestmark = pytest.mark.django_db
MANY = MOST + 5


def made() -> MadeChain:
    """Block 0 adds 1 and 2, block 1 adds 3 and 4, edits 1; block 2 is empty; block 3 deletes 2, adds 5;
    then comes a block with very many.
    """
    found = MadeChain()
    found.block(add(completion("a heron"), model="first"), add(completion("an egret"), model="second"))
    found.block(
        call(add(completion("a heron again"), model="first")),
        call(update(1, completion("a stork"))),
        call(add(completion("a secret"), model="second", provider="other")),
    )
    found.block()
    found.block(call(delete(2)), call(add(completion("a heron at last"), model="first", uid=9)))
    found.block(*(add(completion(f"bird {each}"), model="third") for each in range(MANY)))
    return found


@pytest.fixture(scope="module")
def chain(_tables: Tables) -> ChainView:
    return _tables.hold("news", lambda: shown.index_made(made(), is_kept=True))


def of(
    chain: ChainView, seen: int, wanted: RecordFilter | None = None, *, changed_first: bool = False
) -> News:
    return news.of_records([chain], wanted or RecordFilter(), {chain.id: seen}, changed_first=changed_first)


def line(text: str) -> RecordFilter:
    return RecordFilter(q=parse(text))


FIRST = RecordFilter(model="first")


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (FIRST, [3, 2, 1, 1, 0, 0]),
        (RecordFilter(model="first", scout=9), [1, 1, 1, 1, 0, 0]),
        (RecordFilter(provider="other"), [1, 1, 0, 0, 0, 0]),
        (RecordFilter(status=Status.DELETED), [1, 0, 0, 0, 0, 0]),
        (RecordFilter(model="no such name"), [0, 0, 0, 0, 0, 0]),
        (line("heron"), [3, 2, 1, 1, 0, 0]),
        (line("heron model:first -last"), [2, 1, 0, 0, 0, 0]),
        (line("nothing that was said"), [0, 0, 0, 0, 0, 0]),
    ],
)
def test_what_fits_is_counted_above_what_was_seen(
    wanted: RecordFilter, numbers: list[int], chain: ChainView
) -> None:
    assert [of(chain, seen, wanted) for seen in range(-1, 5)] == [News(each, True) for each in numbers]


def test_it_is_what_the_list_has_above(chain: ChainView) -> None:
    for seen in range(-1, chain.freshness.height + 1):
        rows = listing.page(chain, request=PageRequest(limit=LARGEST_PAGE, after=((seen + 1) << 20) - 1)).rows
        found = of(chain, seen)
        assert (min(found.value, MOST), found.is_exact) == (len(rows), True)
        changes = ledger.page([chain], request=PageRequest(limit=LARGEST_PAGE)).rows
        expected = sum(each.height > seen for each in changes)
        assert news.of_changes([chain], LedgerFilter(), {chain.id: seen}) == News(expected, True)


def test_of_very_many_it_says_that_they_are_more(chain: ChainView) -> None:
    found = of(chain, 3)
    assert (found.are_more, found.is_final, found.is_any) == (True, True, True)


def test_a_list_by_change_counts_what_changed(chain: ChainView) -> None:
    assert [of(chain, seen, changed_first=True).value for seen in range(-1, 5)] == [2, 2, 1, 1, 0, 0]
    edited = RecordFilter(status=Status.EDITED)
    assert [of(chain, seen, edited, changed_first=True).value for seen in range(3)] == [1, 0, 0]
    words = line("heron")
    assert [of(chain, seen, words, changed_first=True).value for seen in range(3)] == [1, 0, 0]


def test_changes_are_counted_by_the_filters_of_the_ledger(chain: ChainView) -> None:
    def number(wanted: LedgerFilter, seen: int) -> int:
        return news.of_changes([chain], wanted, {chain.id: seen}).value

    assert [number(LedgerFilter(kind=Change.EDIT), seen) for seen in (-1, 0, 1)] == [1, 1, 0]
    assert [number(LedgerFilter(kind=Change.DELETE), seen) for seen in (-1, 2, 3)] == [1, 1, 0]
    assert [number(LedgerFilter(record=2), seen) for seen in (-1, 3)] == [1, 0]


def test_blocks_are_counted_as_they_are_listed(chain: ChainView) -> None:
    def number(kind: BlockKind | None, seen: int) -> int:
        return news.of_blocks([chain], BlockFilter(kind), {chain.id: seen}).value

    assert [number(None, seen) for seen in range(-1, 5)] == [5, 4, 3, 2, 1, 0]
    assert [number(BlockKind.WITH_TRANSACTIONS, seen) for seen in range(-1, 5)] == [4, 3, 2, 2, 1, 0]
    assert blocks.count_above(chain, -1, BlockFilter(None), most=2) == 2


def test_a_chain_that_did_not_grow_is_not_looked_at(chain: ChainView) -> None:
    for seen in (4, 5, 1 << 62):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert of(chain, seen, line("heron")) == News(0, True)
        assert len(asked) == 0


def test_a_chain_that_was_not_seen_is_new_as_a_whole(chain: ChainView) -> None:
    assert news.of_records([chain], FIRST, {}) == of(chain, -1, FIRST) == News(3, True)


def test_what_cannot_be_counted_in_time_is_not_said_to_be_none(
    chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "LOOKED_AT", 1)
    found = of(chain, -1, RecordFilter(said_key=bytes(32)))
    assert (found.is_any, found.is_exact, found.is_final) == (True, False, True)


HIDE, ERASE = Suppression.Mode.HIDE, Suppression.Mode.ERASE


@pytest.mark.parametrize("mode", [HIDE, ERASE])
def test_words_that_are_withheld_are_news_to_no_search(mode: Suppression.Mode, chain: ChainView) -> None:
    wanted = line("secret")
    assert of(chain, 0, wanted) == News(1, True)
    key = signed_hash(rell_json.quote("a secret"))
    suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="-", by="a test")
    assert of(chain, 0, wanted) == News(0, True)
