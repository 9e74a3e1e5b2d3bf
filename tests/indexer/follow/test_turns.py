"""When a chain's turn is: facts of the schedule, with times that are passed in."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from indexer.follow import sync, turns
from indexer.models import Chain
from tests.indexer.made import MadeChain, add
from tests.indexer.writing import row_of, write

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30))


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def level(*, blocks: int = 3, apart: int = 1_000) -> Chain:
    """A chain of which all is in and folded, with so many ms from one block to the next."""
    made = MadeChain()
    for number in range(blocks):
        made.block(add(), at=1_728_600_000_000 + number * apart)
    row = row_of(made)
    write(row, made.blocks)
    sync.fold_all(row)
    return row


@given(quiet=SPANS, block_time=SPANS)
def test_a_pause_is_at_most_a_second_after_news_and_at_most_five_ever(
    quiet: timedelta, block_time: timedelta
) -> None:
    assert seconds(0.5) <= turns.pause(quiet=timedelta(0), block_time=block_time) <= seconds(1)
    assert turns.pause(quiet=quiet, block_time=block_time) <= turns.LONGEST


@given(quiet=SPANS, more=SPANS, block_time=SPANS)
def test_the_longer_nothing_came_the_later_is_the_next_turn(
    quiet: timedelta, more: timedelta, block_time: timedelta
) -> None:
    shorter = turns.pause(quiet=quiet, block_time=block_time)
    assert shorter <= turns.pause(quiet=quiet + more, block_time=block_time)


@pytest.mark.parametrize(
    ("quiet", "block_time", "expected"),
    [
        (0, 1, 0.5),
        (0, 1.5, 0.75),
        (0, 30, 1),
        (5, 1, 0.5),
        (19, 30, 1),
        (40, 30, 2),
        (100, 1, 5),
        (86_400, 1, 5),
    ],
)
def test_a_pause_is_half_a_block_then_a_twentieth_of_the_silence(
    quiet: float, block_time: float, expected: float
) -> None:
    assert turns.pause(quiet=seconds(quiet), block_time=seconds(block_time)) == seconds(expected)


@pytest.mark.django_db
def test_a_chain_whose_turn_it_is_is_given_once_until_the_longest_pause_is_over() -> None:
    first, second = (Chain.objects.create(brid=bytes([each]) * 32) for each in (1, 2))
    Chain.objects.filter(id=first.id).update(turn_at=NOW)
    Chain.objects.filter(id=second.id).update(turn_at=NOW + seconds(1.2))
    assert turns.claim(NOW - seconds(0.5)) == []
    assert turns.claim(NOW) == [first.id]
    assert turns.claim(NOW + seconds(0.5)) == []
    assert turns.claim(NOW + seconds(1)) == [second.id]
    assert turns.claim(NOW + turns.LONGEST) == [first.id]


@pytest.mark.django_db
def test_a_new_chain_has_its_turn_at_once() -> None:
    chain = Chain.objects.create(brid=b"\x01" * 32)
    assert turns.claim(timezone.now()) == [chain.id]


@pytest.mark.django_db
@pytest.mark.parametrize(("apart", "expected"), [(400, 0.5), (1_600, 0.8), (30_000, 1)])
def test_after_news_the_next_turn_is_as_soon_as_the_chain_s_blocks_come(apart: int, expected: float) -> None:
    chain = level(apart=apart)
    begun = timezone.now()
    turns.end(chain, begun=begun, news=True, is_round=False)
    chain.refresh_from_db()
    assert chain.turn_at - begun == seconds(expected)
    assert chain.round_at is None


@pytest.mark.django_db
def test_where_nothing_comes_turns_come_ever_later() -> None:
    chain = level()
    waited = []
    for silence in (0, 30, 60, 600):
        chain.news_at = timezone.now() - seconds(silence)
        before = timezone.now()
        turns.end(chain, begun=before, news=False, is_round=True)
        chain.refresh_from_db()
        assert chain.round_at is not None
        assert chain.round_at >= before
        waited.append(chain.turn_at - before)
    assert waited == sorted(waited)
    assert waited[0] < waited[-1] == turns.LONGEST


@pytest.mark.django_db
def test_a_chain_of_which_blocks_are_missing_is_in_no_hurry() -> None:
    made = MadeChain()
    for _ in range(4):
        made.block(add())
    row = row_of(made)
    write(row, made.blocks[:2])
    assert turns.level_at(row) is None
    sync.fold_all(row)
    assert turns.level_at(row) == 1
    write(row, made.blocks[3:])
    sync.fold_all(row)
    assert turns.level_at(row) is None
    begun = timezone.now()
    turns.end(row, begun=begun, news=True, is_round=True)
    row.refresh_from_db()
    assert row.turn_at - begun == turns.LONGEST


@pytest.mark.django_db
def test_nodes_that_take_long_are_left_alone_after_a_turn() -> None:
    chain = level(apart=30_000)
    begun = timezone.now() - seconds(60)
    turns.end(chain, begun=begun, news=True, is_round=True)
    chain.refresh_from_db()
    assert chain.round_at is not None
    assert chain.turn_at - chain.round_at == seconds(0.5)
