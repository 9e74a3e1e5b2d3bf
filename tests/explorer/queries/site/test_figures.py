"""The numbers of the home page: kept, each with its denominator, and none counted while a reader waits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.evidence import ProofStatus, Sealed, evidence_of
from explorer.queries.groups.days import Day
from explorer.queries.site import figures
from indexer import derive
from indexer.follow import sync
from indexer.models import Chain, ConfigurationStanding, DerivationCheckpoint, Operation, Record
from indexer.records import generations
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.postchain import recorded
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
DAY = 86_400_000
Word = ConfigurationStanding.Standing


def made(*times: int) -> MadeChain:
    """A chain with a record in each block."""
    found = MadeChain()
    for at in times:
        found.block(add(), at=at)
    return found


def derived(chain: MadeChain) -> ChainView:
    row = row_of(chain)
    write(row, chain.blocks)
    sync.fold_all(row)
    derive.catch_up(row)
    return chains.chain_with(bytes(row.brid))


def said_to_be_stated(chain: ChainView) -> int:
    """How many blocks are by signers that one node stated, as their own evidence says."""
    every = evidence_of(
        chain.id, [Sealed(height, None, None) for height in range(chain.freshness.height + 1)]
    )
    return sum(each.standing is ProofStatus.ON_CHAIN_BY_STATED_SIGNERS for each in every.values())


def test_the_numbers_are_those_of_the_records(
    each_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = figures.figures(each_chain)
    records = Record.objects.filter(chain_id=each_chain.id)
    assert found.records == records.count() == each_chain.records
    assert found.edited == records.filter(status=2).count()
    assert found.deleted == records.filter(status=3).count()
    assert found.records - found.deleted == each_chain.live
    operations = Operation.objects.filter(chain_id=each_chain.id)
    assert found.operations == operations.count()
    assert found.not_understood == operations.filter(reading__gt=0).count()
    assert 0 < found.shared < found.groups < found.records
    assert 0 <= found.alike <= found.shared
    assert (found.blocks, found.unchecked) == (each_chain.freshness.height + 1, 0)
    assert (
        found.at
        == DerivationCheckpoint.objects.get(chain_id=each_chain.id, name=DerivationCheckpoint.Of.ROLLUPS).at
    )
    assert found.grouped == found.height == each_chain.freshness.height


def test_blocks_by_stated_signers_are_those_that_their_own_pages_call_so(each_chain: ChainView) -> None:
    assert figures.figures(each_chain).stated == said_to_be_stated(each_chain)


@pytest.mark.parametrize(
    "standings",
    [
        {0: Word.GENESIS, 2: Word.NAMED},
        {0: Word.GENESIS, 2: Word.NAMED, 3: Word.NOT_SELF_PROVED, 5: Word.CONFIRMED},
        {0: Word.GENESIS, 2: Word.NOT_NAMED, 4: Word.NOT_APPLIED, 9: Word.PENDING},
        {0: Word.GENESIS, 1: Word.NOT_APPLIED, 9: Word.PENDING},
    ],
)
def test_what_follows_from_stated_signers_is_counted_with_them(standings: dict[int, str]) -> None:
    chain = derived(made(*range(6)))
    ConfigurationStanding.objects.filter(chain_id=chain.id).delete()
    for height, standing in standings.items():
        ConfigurationStanding.objects.create(chain_id=chain.id, height=height, standing=standing, hash=b"\1")
    assert figures.figures(chain).stated == said_to_be_stated(chain)


def test_a_block_of_unknown_signers_is_not_checked_and_not_by_stated_ones() -> None:
    chain = made(*range(6))
    row = row_of(chain)
    write(row, chain.blocks[:3])
    write(row, chain.blocks[3:], unchecked="nobody knows")
    for height, standing in ((0, Word.NOT_NAMED), (3, Word.UNSEEN)):
        ConfigurationStanding.objects.update_or_create(
            chain=row, height=height, defaults={"standing": standing, "hash": b"\1"}
        )
    sync.fold_all(row)
    derive.catch_up(row)
    found = figures.figures(chains.chain_with(bytes(row.brid)))
    assert (found.blocks, found.checked, found.unchecked, found.stated) == (6, 3, 3, 3)


def test_several_chains_are_asked_for_at_once(
    recorded_chain: ChainView,
    one_validator_chain: ChainView,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    asked = [one_validator_chain, recorded_chain]
    with django_assert_num_queries(1):
        found = figures.of_each(asked)
    days = [each.days for each in found]
    assert [[each.day for each in one] for one in days] == [[each.day for each in days[0]]] * 2
    assert [replace(each, days=[]) for each in found] == [
        replace(figures.figures(each), days=[]) for each in asked
    ]
    assert figures.of_each([]) == []


def test_the_days_are_those_of_the_blocks(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = figures.figures(recorded_chain).days
    newest = recorded.blocks("four-validators")[-1]
    last = datetime.fromtimestamp(newest.timestamp / 1000, UTC).date()
    assert [each.day for each in found] == [last - timedelta(days=29 - ago) for ago in range(30)]
    assert sum(each.written for each in found) == recorded_chain.records
    assert found[-1].written == figures.figures(recorded_chain).today


def test_days_without_anything_are_among_them() -> None:
    first = MadeChain()
    first.block(add(), add(), at=10 * DAY)
    first.block(update(1, completion("b")), delete(2), at=13 * DAY - 1)
    first.block(at=14 * DAY)
    chain = derived(first)
    assert list(figures.figures(chain, count=5).days) == [
        Day(date(1970, 1, 11), 2, 0, 0, compared=2, agreeing=2),
        Day(date(1970, 1, 12), 0, 0, 0),
        Day(date(1970, 1, 13), 0, 1, 1),
        Day(date(1970, 1, 14), 0, 0, 0),
        Day(date(1970, 1, 15), 0, 0, 0),
    ]
    assert figures.figures(chain, count=5).days[2].changed == 2
    assert figures.figures(chain).today == 0


@pytest.mark.parametrize("at", [-(2**63), -62_135_596_800_001, 2**63 - 1])
def test_blocks_of_no_date_that_there_is_break_nothing(at: int) -> None:
    chain = derived(made(at))
    found = figures.figures(chain).days
    assert found[-1].day in (date.min, date.max)
    assert figures.figures(chain).records == 1


def test_a_chain_of_which_nothing_is_rolled_up_yet_has_no_numbers() -> None:
    chain = made(0)
    row = row_of(chain)
    view = chains.chain_with(bytes(row.brid))
    assert (figures.figures(view).at, figures.figures(view).height, figures.figures(view).blocks) == (
        None,
        -1,
        0,
    )
    assert list(figures.figures(view).days) == []
    write(row, chain.blocks)
    sync.fold_all(row)
    view = chains.chain_with(bytes(row.brid))
    assert (figures.figures(view).at, figures.figures(view).records) == (None, 0)
    assert sum(each.written for each in figures.figures(view).days) == 0


def test_numbers_are_as_of_the_height_that_they_were_rolled_up_at() -> None:
    chain = made(0, 1, 2)
    row = row_of(chain)
    write(row, chain.blocks[:2])
    sync.fold_all(row)
    derive.catch_up(row)
    write(row, chain.blocks[2:])
    sync.fold_all(row)
    found = figures.figures(chains.chain_with(bytes(row.brid)))
    assert (found.height, found.grouped, found.blocks, found.records) == (1, 1, 2, 2)


def test_a_switch_of_generations_does_not_show(toured_chain: ChainView) -> None:
    """Also to a reader who asked for the chain before it."""
    before = figures.figures(toured_chain)
    generations.rebuild(Chain.objects.get(id=toured_chain.id))
    after = figures.figures(toured_chain)
    assert {name: getattr(after, name) for name in figures.Figures.__slots__ if name != "at"} == {
        name: getattr(before, name) for name in figures.Figures.__slots__ if name != "at"
    }


def test_they_read_no_table_of_blocks_records_or_operations(recorded_chain: ChainView) -> None:
    with CaptureQueriesContext(connection) as queries:
        figures.figures(recorded_chain)
    for each in queries.captured_queries:
        for table in ("block", "record", "revision", "operation", "group", "uncheckedwitness"):
            assert f"indexer_{table} " not in each["sql"]


def test_the_numbers_of_several_chains_are_added_up(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    one, other = figures.of_each([recorded_chain, one_validator_chain])
    both = figures.together([one, other])
    assert both.records == one.records + other.records
    assert both.blocks == one.blocks + other.blocks
    assert both.height == min(one.height, other.height)
    assert sum(each.written for each in both.days) == sum(
        each.written for days in (one.days, other.days) for each in days
    )
    assert [each.day for each in both.days] == [each.day for each in one.days]


def test_what_is_not_counted_is_no_part_of_a_sum(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    DerivationCheckpoint.objects.filter(chain_id=recorded_chain.id).delete()
    one, other = figures.of_each([recorded_chain, one_validator_chain])
    assert figures.together([one, other]) == replace(other, at=other.at)
    none = figures.together([one])
    assert (none.height, none.grouped, none.records, none.days) == (-1, -1, 0, [])
    assert figures.together([]) == none
