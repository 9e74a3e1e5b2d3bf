"""Generations: folded again beside what readers see, and switched to only where the digest is the same."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from indexer.audit import fsck
from indexer.dapp import replay
from indexer.models import BlockDigest, Chain, Checkpoint, Generation, Owner, Record, Revision
from indexer.records import fold, generations
from indexer.records.generations import AlreadyBuilding, OtherDigest
from indexer.records.state import state_at
from indexer.records.totals import totals_of
from indexer.store import locks, operations
from tests.indexer import kept
from tests.indexer.made import add, completion, update
from tests.indexer.serving import CHAINS
from tests.indexer.threads import LONGEST, begun, holding, wait_until_blocked
from tests.indexer.writing import contents, write

Stored = Callable[[str], Chain]
OF_A_GENERATION = (Record, Revision, BlockDigest, Owner, Checkpoint, Generation)
NUL = "'\\x" + "00" * 32 + "'"


def generation_numbers() -> set[int]:
    """Every generation of which there is any row."""
    return {
        number for table in OF_A_GENERATION for number in table.objects.values_list("generation", flat=True)
    }


def digest(chain: Chain) -> bytes:
    return totals_of(Chain.objects.get(id=chain.id)).digest


def tamper(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount > 0


def rows(generation: int) -> dict[str, Any]:
    """The rows of one generation, without its number."""
    found = contents()
    return {
        table: sorted(
            (
                tuple(value for at, value in enumerate(row) if at not in _numbers(table))
                for row in found[table]
            ),
            key=repr,
        )
        for table in ("record", "revision", "blockdigest", "owner", "checkpoint")
    }


def _numbers(table: str) -> list[int]:
    names = [
        field.name
        for field in apps.get_model("indexer", table)._meta.concrete_fields
        if type(field).__name__ != "CompositePrimaryKey"
    ]
    return [names.index("generation")]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_folding_again_gives_the_same_digest_and_rows(name: str, stored: Stored) -> None:
    chain = stored(name)
    before, was = digest(chain), rows(1)
    done = generations.rebuild(chain)
    assert (done.digest, done.first_difference) == (before, None)
    assert done.height == totals_of(chain).height
    assert chain.generation == Chain.objects.get().generation == done.generation != 1
    assert generation_numbers() == {done.generation}
    assert rows(done.generation) == was
    assert [str(each) for each in fsck.check(chain)] == []


@pytest.mark.django_db
def test_it_can_be_done_again_and_again_and_numbers_go_up(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    numbers = [generations.rebuild(chain).generation for _ in range(3)]
    assert numbers == [2, 3, 4]


@pytest.mark.django_db
def test_numbers_begin_again_before_they_no_longer_fit(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    for table in OF_A_GENERATION:
        table.objects.update(generation=30_000)
    Chain.objects.update(generation=30_000)
    chain.refresh_from_db()
    assert generations.rebuild(chain).generation == 1
    assert generation_numbers() == {1}


@pytest.mark.django_db
def test_a_chain_that_was_never_folded_is_folded(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    before = digest(chain)
    for table in OF_A_GENERATION:
        table.objects.all().delete()
    assert generations.rebuild(chain).digest == before


@pytest.mark.django_db
def test_broken_records_are_mended_by_folding_again(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    was = rows(1)
    tamper("UPDATE indexer_record SET seed = 99, status = 3")
    tamper("UPDATE indexer_revision SET superseded_position = 5")
    tamper("DELETE FROM indexer_owner")
    generations.rebuild(chain)
    assert rows(2) == was


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "height"),
    [
        ("UPDATE indexer_operation SET second = 99 WHERE position = 5 * 1048576", 5),
        (f"UPDATE indexer_operation SET result = {NUL} WHERE position = 7 * 1048576 + 1", 7),
        ("DELETE FROM indexer_operation WHERE position = 2 * 1048576", 2),
        ("UPDATE indexer_blockdigest SET digest = '\\x00' WHERE height = 8", 8),
        ("DELETE FROM indexer_blockdigest WHERE height = 9", 9),
    ],
)
def test_another_digest_by_the_same_rules_is_told_with_its_height_and_nothing_is_switched(
    sql: str, height: int, stored: Stored
) -> None:
    chain = stored(kept.VARIED)
    tamper(sql)
    before = contents(without=set())
    with pytest.raises(OtherDigest, match=f"first at height {height}:") as caught:
        generations.rebuild(chain)
    assert caught.value.height == height
    assert contents(without=set()) == before
    assert chain.generation == Chain.objects.get().generation == 1
    assert generation_numbers() == {1}


@pytest.mark.django_db
def test_a_link_that_does_not_hold_leaves_the_present_generation_alone(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    tamper(f"UPDATE indexer_block SET rid = {NUL} WHERE height = 7")
    before = contents()
    with pytest.raises(fold.LinkBroken, match="Block 8"):
        generations.rebuild(chain)
    assert contents() == before
    assert generation_numbers() == {1}


@pytest.mark.django_db
def test_new_rules_are_switched_to_and_their_first_difference_is_told(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored(kept.VARIED)
    before = digest(chain)
    for module in (replay, fold, generations):
        monkeypatch.setattr(module, "RULES", 99)
    monkeypatch.setattr(replay, "BATCH_DELETE_LIMIT", 0)
    done = generations.rebuild(chain)
    assert done.first_difference == 10
    assert done.digest != before
    assert Generation.objects.get().rules == 99
    assert Chain.objects.get().generation == done.generation
    assert generations.rebuild(chain).first_difference is None


@pytest.mark.django_db
def test_new_rules_that_make_no_difference_are_switched_to_without_one(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored(kept.VARIED)
    for module in (replay, fold, generations):
        monkeypatch.setattr(module, "RULES", 99)
    assert generations.rebuild(chain).first_difference is None


@pytest.mark.django_db
def test_readers_see_the_present_generation_until_the_switch(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored("one-validator")
    reader = Chain.objects.get()
    before = list(state_at(reader, 210))
    seen = []
    read = operations.read_operations

    def look(*args: Any, **kwargs: Any) -> Any:
        seen.append((list(state_at(reader, 210)) == before, totals_of(reader).live))
        return read(*args, **kwargs)

    monkeypatch.setattr(fold, "read_operations", look)
    monkeypatch.setattr(fold, "BATCH_BLOCKS", 50)
    generations.rebuild(chain)
    assert len(seen) == 5
    assert set(seen) == {(True, len(before))}
    assert list(state_at(reader, 210)) == before


@pytest.mark.django_db
def test_what_was_abandoned_is_dropped_by_the_next_one(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    left = generations.fold_beside(chain, last=5)
    assert generation_numbers() == {1, left}
    done = generations.rebuild(chain)
    assert generation_numbers() == {done.generation}
    assert done.generation not in (1, left)


@pytest.mark.django_db
def test_the_generation_that_readers_see_cannot_be_dropped(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    with pytest.raises(ValueError, match="readers see"):
        generations.drop(chain, 1)
    assert generation_numbers() == {1}


@pytest.mark.django_db
def test_chains_have_generations_of_their_own(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    other = Chain.objects.create(brid=b"\xcd" * 32)
    assert generations.rebuild(other).height == -1
    assert Chain.objects.get(id=chain.id).generation == 1
    assert totals_of(chain).height == 11


# At once


@pytest.mark.django_db(transaction=True)
def test_following_goes_on_while_a_generation_is_built_and_the_new_one_catches_up(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored(kept.VARIED)
    made = kept.varied()
    later = [made.drafted(add(completion("later"), uid=9))]
    beside = generations.fold_beside

    def follow() -> Any:
        follower = Chain.objects.get()
        write(follower, later)
        return fold.fold(follower)

    def beside_and_more(of: Chain, **kwargs: Any) -> int:
        built = beside(of, **kwargs)
        assert begun(follow).result(LONGEST) == fold.Folded(blocks=1, transactions=1, height=12)
        return built

    monkeypatch.setattr(generations, "fold_beside", beside_and_more)
    done = generations.rebuild(chain)
    assert done.height == 12
    assert digest(chain) == done.digest
    assert len(list(state_at(chain, 12))) == totals_of(chain).live
    assert generation_numbers() == {done.generation}


@pytest.mark.django_db(transaction=True)
def test_the_switch_waits_for_a_fold_that_is_under_way(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    made = kept.varied()
    write(chain, [made.drafted(add(completion("later"), uid=9), update(1, completion("again")))])
    with holding(lambda: fold.fold(Chain.objects.get())):
        running = begun(lambda: generations.rebuild(Chain.objects.get()))
        wait_until_blocked(running)
        assert Chain.objects.get().generation == 1
    assert running.result(LONGEST).height == 12
    assert totals_of(Chain.objects.get()).height == 12
    assert [str(each) for each in fsck.check(Chain.objects.get())] == []


@pytest.mark.django_db(transaction=True)
def test_two_builders_at_once_are_one_too_many(stored: Stored) -> None:
    chain = stored(kept.VARIED)

    def hold() -> None:
        with connection.cursor() as cursor:
            assert locks.hold_build(cursor, chain.id)

    with holding(hold):
        with pytest.raises(AlreadyBuilding, match="let it end"):
            generations.rebuild(chain)
        running = begun(lambda: [str(each) for each in fsck.check(Chain.objects.get())])
        wait_until_blocked(running)
        assert generation_numbers() == {1}
    assert running.result(LONGEST) == []
    assert generations.rebuild(chain).height == 11


@pytest.mark.django_db(transaction=True)
def test_a_builder_that_fails_lets_the_next_one_build(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored(kept.VARIED)
    with monkeypatch.context() as patched:
        patched.setattr(generations, "first_difference", interrupt)
        with pytest.raises(KeyboardInterrupt):
            generations.rebuild(chain)
    assert Chain.objects.get().generation == 1
    assert begun(lambda: generations.rebuild(Chain.objects.get()).height).result(LONGEST) == 11


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
