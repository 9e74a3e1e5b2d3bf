"""Walks: each record once in its order, chains merged, and how far was looked when time is up."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.filters import Condition
from explorer.queries.db.pagination import LARGEST_PAGE, PageRequest
from explorer.queries.lists import lanes, listing, walk
from explorer.queries.lists.counting import Count, counted
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.lanes import BY_POSITION, Lanes, Way
from explorer.queries.records.row import RecordRow
from explorer.queries.records.states import Status
from explorer.search.parsing import parse
from indexer.models import DerivationCheckpoint
from tests.explorer import shown
from tests.explorer.queries.every import walked
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
NEWEST, OLDEST, CHANGED = (
    PageRequest(limit=11),
    PageRequest(limit=11, oldest_first=True),
    PageRequest(limit=7, changed_first=True),
)
OF_STEPS = [replace(each, limit=19) for each in (NEWEST, OLDEST, CHANGED)]
"""Pages that several of the `steps` make up."""


@pytest.fixture
def both(recorded_chain: ChainView, one_validator_chain: ChainView) -> Sequence[ChainView]:
    """Two chains in the order of their ids."""
    return sorted((recorded_chain, one_validator_chain), key=lambda each: each.id)


def pages(of: Sequence[ChainView], wanted: RecordFilter, begin: PageRequest) -> Iterator[listing.Records]:
    """Every page from the beginning on."""
    request: PageRequest | None = begin
    while request is not None:
        found = listing.page_of_all(of, wanted, request)
        yield found
        request = found.newer if begin.oldest_first else found.older


def rows(of: Sequence[ChainView], wanted: RecordFilter, begin: PageRequest) -> list[RecordRow]:
    return [row for page in pages(of, wanted, begin) for row in page.rows]


def at_once(of: Sequence[ChainView], wanted: RecordFilter, begin: PageRequest) -> list[RecordRow]:
    """The same rows by as few pages as there may be."""
    return rows(of, wanted, replace(begin, limit=LARGEST_PAGE))


def named(found: Sequence[RecordRow]) -> list[tuple[bytes, int]]:
    return [(each.chain, each.prompt_id) for each in found]


def by_time(of: Sequence[ChainView], wanted: RecordFilter) -> list[RecordRow]:
    """All rows of the chains' own lists, oldest first."""
    places = {each.brid: at for at, each in enumerate(of)}
    every = [row for chain in of for row in walked(chain, wanted)]
    return sorted(every, key=lambda row: (row.block_at, places[row.chain], row.position))


@pytest.mark.parametrize(
    "wanted", [RecordFilter(), RecordFilter(Status.LIVE), RecordFilter(has="edit"), RecordFilter(model="*")]
)
@pytest.mark.parametrize("begin", [NEWEST, OLDEST])
def test_chains_are_merged_by_the_times_of_their_blocks(
    both: Sequence[ChainView], wanted: RecordFilter, begin: PageRequest
) -> None:
    expected = named(by_time(both, wanted))
    found = named(rows(both, wanted, begin))
    assert found == (expected if begin.oldest_first else expected[::-1])
    assert len({chain for chain, _ in found}) == 2


@pytest.mark.parametrize("begin", [NEWEST, OLDEST, CHANGED])
def test_going_back_gives_the_pages_that_there_were(both: Sequence[ChainView], begin: PageRequest) -> None:
    every = list(pages(both, RecordFilter(), begin))
    assert len(every) > 5
    for before, after in pairwise(every):
        back = after.older if begin.oldest_first else after.newer
        assert back is not None
        again = listing.page_of_all(both, RecordFilter(), back)
        assert named(again.rows) == named(before.rows)
        onwards = again.newer if begin.oldest_first else again.older
        assert onwards is not None
        assert named(listing.page_of_all(both, RecordFilter(), onwards).rows) == named(after.rows)
    first = every[0].older if begin.oldest_first else every[0].newer
    assert first is None


def test_by_change_come_those_that_were_edited_or_deleted_the_newest_change_first(
    both: Sequence[ChainView],
) -> None:
    found = rows(both, RecordFilter(), CHANGED)
    changed = [each for each in by_time(both, RecordFilter()) if each.status is not Status.LIVE]
    assert sorted(named(found)) == sorted(named(changed))
    times = [each.changed_at for each in found]
    assert times == sorted(times, key=lambda at: at or found[0].at, reverse=True)
    for status in (Status.EDITED, Status.DELETED):
        of_one = rows(both, RecordFilter(status), CHANGED)
        assert named(of_one) == [(each.chain, each.prompt_id) for each in found if each.status is status]
    assert rows(both, RecordFilter(Status.LIVE), CHANGED) == []


def test_one_chain_by_change_goes_on_by_a_cursor(recorded_chain: ChainView) -> None:
    found: list[RecordRow] = []
    request = CHANGED
    while True:
        page = listing.page(recorded_chain, RecordFilter(), request)
        found += page.rows
        if page.older is None:
            break
        assert page.older.cursor is not None
        request = page.older
    assert named(found) == named(rows([recorded_chain], RecordFilter(), CHANGED))


def test_a_cursor_goes_on_with_no_other_list(both: Sequence[ChainView]) -> None:
    onwards = listing.page_of_all(both, RecordFilter(), NEWEST).older
    assert onwards is not None
    with pytest.raises(BadQuestion, match="another list"):
        listing.page_of_all(both, RecordFilter(Status.LIVE), onwards)
    with pytest.raises(BadQuestion, match="another list"):
        listing.page_of_all(both[:1], RecordFilter(), onwards, only=both[0].rid)
    with pytest.raises(BadQuestion, match="another list"):
        listing.page(both[0], RecordFilter(), onwards)


# Steps


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of three records, which grow by nothing, and three are few."""
    monkeypatch.setattr(walk, "STEP", 3)
    monkeypatch.setattr(walk, "FEW", 3)
    monkeypatch.setattr(lanes, "FEW", 3)
    monkeypatch.setattr(walk, "_GROWTH", 1)


@pytest.fixture
def steps(small_steps: None, wanted: RecordFilter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Larger ones for lists of which there are more of them."""
    monkeypatch.setattr(walk, "STEP", 8 if wanted.status is None else 3)


def too_late() -> walk.Clock:
    """A clock by which time is up whenever it is looked at."""
    return map(float, count(step=int(2 * max(walk.SECONDS, walk.SOON)))).__next__


ASKED = [
    RecordFilter(Status.EDITED, model="*"),
    RecordFilter(has="edit"),
    RecordFilter(model="*", provider="*"),
    RecordFilter(since=0, provider="*"),
]


@pytest.mark.parametrize("wanted", ASKED)
@pytest.mark.parametrize("begin", OF_STEPS)
def test_small_steps_give_what_one_large_one_does(
    both: Sequence[ChainView],
    wanted: RecordFilter,
    begin: PageRequest,
    request: pytest.FixtureRequest,
) -> None:
    expected = named(at_once(both, wanted, begin))
    request.getfixturevalue("steps")
    assert named(rows(both, wanted, begin)) == expected
    assert expected


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize("wanted", ASKED)
@pytest.mark.parametrize("begin", OF_STEPS)
def test_where_time_is_up_it_is_said_how_far_was_looked_and_going_on_finds_the_rest(
    both: Sequence[ChainView], wanted: RecordFilter, begin: PageRequest
) -> None:
    expected = named(at_once(both, wanted, begin))
    found: list[RecordRow] = []
    ended, request = 0, begin
    while True:
        page = listing.page_of_all(both, wanted, request, clock=too_late())
        found += page.rows
        ended += bool(page.searched_to)
        for each in page.searched_to:
            assert each.height is not None
            assert 0 <= each.height <= each.chain.freshness.height
        onwards = page.newer if begin.oldest_first else page.older
        assert onwards is not None or not page.searched_to
        if onwards is None:
            break
        request = onwards
    assert named(found) == expected
    assert ended > 1


@pytest.mark.usefixtures("small_steps")
def test_once_something_is_found_no_further_step_is_begun(
    both: Sequence[ChainView], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = RecordFilter(model="*", until=walked(both[0])[2].created_at + 1)
    before = listing.page_of_all(both, wanted, NEWEST)
    monkeypatch.setattr(walk, "SOON", 0.0)
    page = listing.page_of_all(both, wanted, NEWEST)
    assert 0 < len(page.rows) <= len(before.rows)
    assert page.searched_to
    assert page.older is not None


@pytest.mark.usefixtures("small_steps")
def test_one_chain_that_was_not_searched_through_goes_on_below_where_it_was_searched(
    recorded_chain: ChainView,
) -> None:
    nothing = RecordFilter(model="*", scout=-5_000, since=0)
    page = listing.page(recorded_chain, nothing, clock=too_late())
    assert not page.rows
    assert not page.searched_to  # none has that scout, which an index says
    rare = RecordFilter(model="*", until=walked(recorded_chain)[-1].created_at + 1)
    page = listing.page(recorded_chain, rare, clock=too_late())
    assert not page.rows
    (searched,) = page.searched_to
    assert page.older is not None
    assert page.older.before == walked(recorded_chain)[2].position
    assert searched.height == walked(recorded_chain)[2].height


@pytest.mark.usefixtures("small_steps")
def test_a_chain_of_which_the_page_is_full_is_not_called_unsearched(both: Sequence[ChainView]) -> None:
    way = Way(BY_POSITION, is_downwards=True, rows=2)
    for one, other in (both, both[::-1]):
        of_one = Condition("r.chain_id = %(one)s", {"one": one.id})
        found = walk.walk([(each, None) for each in both], [of_one], way, clock=too_late())
        assert [each.chain_id for each in found.stopped] in ([], [other.id])
        fitting, empty = sorted(found.trails, key=lambda each: each.chain.id != one.id)
        assert (len(fitting.found), len(empty.found)) == (2, 0)


def test_a_chain_whose_records_wait_for_another_is_searched_to_the_first_of_them(
    both: Sequence[ChainView],
) -> None:
    one, other = both
    every = Lanes(("true",), "", "true")
    far, near = (walk.Found(other.id, (at,), at) for at in (90, 80))
    waits = walk.Trail(other, every, None, [far, near], walk.Found(other.id, (10,), 10))
    blocks = walk.Trail(one, every, None, [], walk.Found(one.id, (5,), 85))
    way = Way(BY_POSITION, is_downwards=True, rows=9)
    shown, is_stuck = walk.merged([blocks, waits], way)
    assert (shown, is_stuck) == ([far], True)
    assert walk.stopped([blocks, waits], way, shown) == [blocks.edge, near]


# Chains that come and go


@pytest.mark.parametrize(
    "wanted", [RecordFilter(), RecordFilter(model="*"), RecordFilter(q=parse("cats OR a"))]
)
@pytest.mark.parametrize("begin", [NEWEST, OLDEST, CHANGED])
@pytest.mark.parametrize("first", [0, 1])
def test_a_chain_that_came_since_the_first_page_is_named_and_moves_nothing(
    both: Sequence[ChainView], wanted: RecordFilter, begin: PageRequest, first: int
) -> None:
    known = [both[first]]
    expected = named(at_once(known, wanted, begin))
    assert len(expected) > begin.limit
    page = listing.page_of_all(known, wanted, begin)
    found = named(page.rows)
    while (onwards := page.newer if begin.oldest_first else page.older) is not None:
        page = listing.page_of_all(both, wanted, onwards)
        assert (list(page.of), list(page.later)) == (known, [both[1 - first]])
        found += named(page.rows)
    assert found == expected
    back = page.older if begin.oldest_first else page.newer
    assert back is not None
    assert listing.page_of_all(both, wanted, back).later == [both[1 - first]]


@pytest.mark.parametrize("wanted", [RecordFilter(), RecordFilter(q=parse("cats OR a"))])
@pytest.mark.parametrize("begin", [NEWEST, OLDEST, CHANGED])
def test_a_chain_that_went_is_left_out_and_the_others_go_on(
    both: Sequence[ChainView], wanted: RecordFilter, begin: PageRequest
) -> None:
    for left in both:
        page = listing.page_of_all(both, wanted, begin)
        found = [name for name in named(page.rows) if name[0] == left.brid]
        while (onwards := page.newer if begin.oldest_first else page.older) is not None:
            page = listing.page_of_all([left], wanted, onwards)
            found += named(page.rows)
        assert found == named(at_once([left], wanted, begin))
        first = listing.page_of_all([each for each in both if each is not left], wanted, begin)
        onwards = first.newer if begin.oldest_first else first.older
        assert onwards is not None
        with pytest.raises(BadQuestion, match="No chain of this cursor is here any more"):
            listing.page_of_all([left], wanted, onwards)


def test_the_page_and_the_api_name_a_chain_that_came_since(both: Sequence[ChainView], client: Client) -> None:
    onwards = listing.page_of_all(both[:1], RecordFilter(), PageRequest(limit=50)).older
    assert onwards is not None
    page = client.get(f"/records?cursor={onwards.cursor}").content.decode()
    assert "Not in these pages, for it is followed since the first one was asked for" in page
    assert '<a href="/records">Begin at the first page</a>' in page
    answer = client.get(f"/api/v1/records?cursor={onwards.cursor}").json()
    assert [each["chain"] for each in answer["as_of"]] == [both[0].rid]
    assert {each["chain"] for each in answer["results"]} == {both[0].rid}
    refused = client.get(f"/api/v1/records?chain={both[0].rid}&cursor={onwards.cursor}")
    assert refused.status_code == 400
    assert "Not in these pages" not in client.get("/records").content.decode()


def test_few_are_found_at_once_wherever_they_are(recorded_chain: ChainView) -> None:
    oldest = walked(recorded_chain)[-1]
    wanted = RecordFilter(scout=oldest.scout, model=oldest.model, seed=oldest.seed)
    with CaptureQueriesContext(connection) as asked:
        assert oldest in listing.page(recorded_chain, wanted).rows
    assert len(asked) <= 6


# Counts


def test_a_count_without_filters_or_by_state_is_one_that_is_kept(both: Sequence[ChainView]) -> None:
    every = by_time(both, RecordFilter())
    for status in (None, *Status):
        expected = [each for each in every if status in (None, each.status)]
        with CaptureQueriesContext(connection) as asked:
            assert counted(both, RecordFilter(status)) == Count(len(expected), is_exact=True)
        assert len(asked) == 1


def test_figures_that_lag_are_not_taken(both: Sequence[ChainView]) -> None:
    DerivationCheckpoint.objects.filter(chain_id=both[0].id).update(height=3)
    every = by_time(both, RecordFilter())
    assert counted(both, RecordFilter()) == Count(len(every), is_exact=True)


def test_a_count_is_exact_up_to_its_bound(both: Sequence[ChainView], monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = RecordFilter(model="*", has="edit")
    number = len(by_time(both, wanted))
    assert counted(both, wanted) == Count(number, is_exact=True)
    monkeypatch.setattr(walk, "COUNTED", number)
    assert counted(both, wanted) == Count(number, is_exact=True)
    monkeypatch.setattr(walk, "COUNTED", number - 1)
    assert counted(both, wanted) == Count(number - 1, is_exact=False, is_more=True)


def test_a_count_says_where_not_all_were_looked_at(
    both: Sequence[ChainView], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "LOOKED_AT", 5)
    monkeypatch.setattr(walk, "FEW", 3)
    monkeypatch.setattr(lanes, "FEW", 3)
    found = counted(both, RecordFilter(model="*", provider="*"))
    assert not found.is_exact
    assert found.value <= 10


# Agreement


def test_a_row_says_how_many_answer_as_it_does() -> None:
    made = MadeChain()
    made.block(*(add(completion(each)) for each in ("one", "one", "one", "two", "two")))
    made.block(update(3, completion("two")), delete(5))
    chain = shown.index_made(made)
    found = {each.prompt_id: each.agreement for each in listing.page(chain).rows}
    shown.forget()
    assert {number: each and (each.same, each.live, each.most) for number, each in found.items()} == {
        1: (2, 4, 2), 2: (2, 4, 2), 3: (2, 4, 2), 4: (2, 4, 2), 5: (None, 4, 2),
    }  # fmt: skip


def test_nothing_is_said_of_agreement_while_groups_lag(recorded_chain: ChainView) -> None:
    assert any(each.agreement for each in walked(recorded_chain))
    DerivationCheckpoint.objects.filter(chain_id=recorded_chain.id).update(height=3)
    assert not any(each.agreement for each in listing.page(recorded_chain).rows)


def test_a_list_of_no_chain_is_empty() -> None:
    found = listing.page_of_all([])
    assert (found.rows, found.newer, found.older) == ([], None, None)
    assert counted([], RecordFilter()) == counted([], RecordFilter(scout=1)) == Count(0, is_exact=True)
