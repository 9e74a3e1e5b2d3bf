"""Derivations: the same rows from nothing or in steps, whatever the chain, and never twice."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import derive
from indexer.derive import checkpoints
from indexer.derive.groups import DERIVATION as GROUPS
from indexer.derive.rollups import DERIVATION as ROLLUPS
from indexer.derive.search import DERIVATION as SEARCH
from indexer.follow import sync
from indexer.models import (
    Agreement,
    AgreementDay,
    AnswerScout,
    Asked,
    AskedAnswer,
    Chain,
    Cohort,
    CohortAnswer,
    Count,
    DerivationCheckpoint,
    Group,
    GroupAnswer,
    NotUnderstood,
    Rollup,
    SearchRecord,
    Served,
    UncheckedWitness,
)
from indexer.postchain.gtx import Operation
from indexer.records import generations
from indexer.records.totals import totals_of
from indexer.store import locks
from indexer.trust.index_status import lags_of
from tests.indexer import kept
from tests.indexer.derive import judged, plain, plain_prompts, words
from tests.indexer.derive.grown import grow
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.records.erasing import findings
from tests.indexer.serving import CHAINS
from tests.indexer.threads import LONGEST, begun, holding, wait_until_blocked
from tests.indexer.writing import row_of, write

Stored = Callable[[str], Chain]
NAMES = DerivationCheckpoint.Of.values
PROMPTS = (Asked, AskedAnswer, AnswerScout, Cohort, CohortAnswer, Agreement, AgreementDay)
DERIVED = (DerivationCheckpoint, Group, GroupAnswer, Rollup, Count, NotUnderstood, Served, *PROMPTS)


def groups(chain: Chain) -> set[tuple[Any, ...]]:
    rows = Group.objects.filter(chain=chain, generation=chain.generation)
    return {
        (each.number, bytes(each.prompt), each.seed, each.records, each.live, each.answers, each.answers_now)
        for each in rows
    }


def answers(chain: Chain) -> set[tuple[Any, ...]]:
    rows = GroupAnswer.objects.filter(chain=chain, generation=chain.generation)
    return {(each.number, bytes(each.answer), each.first, each.now) for each in rows}


def days(chain: Chain) -> dict[int, list[int]]:
    rows = Rollup.objects.filter(chain=chain, generation=chain.generation)
    return {each.day: [each.written, each.edits, each.deletions] for each in rows}


def counts(chain: Chain) -> dict[str, int]:
    rows = Count.objects.filter(chain=chain, generation=chain.generation)
    return {each.of: each.count for each in rows}


def not_understood(chain: Chain) -> set[tuple[int, int, int, int]]:
    rows = NotUnderstood.objects.filter(chain=chain, generation=chain.generation)
    return {(each.name_id, each.times, each.first_height, each.last_height) for each in rows}


def served(chain: Chain) -> set[tuple[Any, ...]]:
    rows = Served.objects.filter(chain=chain, generation=chain.generation)
    return set(rows.values_list("model_id", "provider_id", "records", "edited", "deleted"))


def prompts(chain: Chain) -> plain_prompts.Rows:
    return plain_prompts.stored(chain)


def everything(chain: Chain) -> list[Any]:
    return [
        groups(chain),
        answers(chain),
        days(chain),
        counts(chain),
        not_understood(chain),
        served(chain),
        prompts(chain),
    ]


def assert_plain(chain: Chain) -> None:
    """What is derived is what the plain way gives."""
    found = plain.derived(chain)
    assert groups(chain) == plain.group_rows(found)
    assert answers(chain) == plain.answer_rows(found)
    assert days(chain) == dict(found.days)
    assert prompts(chain) == plain_prompts.rows(chain)
    figures = counts(chain)
    assert {name: figures[name] for name in plain.counts(found)} == plain.counts(found)
    assert tuple(map(sum, zip(*(row[2:] for row in served(chain)), strict=True))) in (
        (),
        tuple(figures[name] for name in ("records", "edited", "deleted")),
    )
    totals = totals_of(chain)
    assert figures["operations"] == totals.operations
    assert figures["records"] == totals.records
    assert figures["records"] - figures["deleted"] == totals.live
    assert figures["not understood"] == sum(row[1] for row in not_understood(chain))
    assert {each.height for each in lags_of(chain.id)} == {totals.height}


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_what_is_derived_is_what_the_plain_way_gives(name: str, stored: Stored) -> None:
    chain = stored(name)
    assert derive.catch_up(chain) is False
    assert_plain(chain)


@pytest.mark.django_db
def test_the_recorded_chain_of_four_validators_has_these_figures(stored: Stored) -> None:
    chain = stored("four-validators")
    derive.catch_up(chain)
    assert counts(chain) == {
        "records": 225,
        "edited": 5,
        "deleted": 104,
        "operations": 263,
        "not understood": 2,
        "unchecked": 0,
        "groups": 202,
        "shared": 4,
        "alike": 1,
    }


def all_rows(chain: Chain) -> list[Any]:
    return [*everything(chain), judged.rows(chain), words.rows(chain), words.units()]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), batch=st.integers(1, 6), begins_anew=st.sampled_from((True, True, False)))
@pytest.mark.django_db(transaction=True)
def test_random_chains_in_random_steps(
    seed: int, batch: int, begins_anew: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    made = MadeChain()
    grow(made, chance, blocks=1)
    chain = row_of(made)
    try:
        with monkeypatch.context() as patched:
            in_steps_of(batch, patched)
            for _ in range(chance.randint(1, 4)):
                known = len(made.blocks)
                grow(made, chance, blocks=chance.randint(1, 8))
                write(chain, made.blocks[known if known > 1 else 0 :])
                sync.fold_all(chain)
                derive.catch_up(chain, last=chance.randrange(len(made.blocks)))
            derive.catch_up(chain)
        assert_plain(chain)
        stepwise = all_rows(chain)
        generations.rebuild(chain)
        assert all_rows(chain) == stepwise
        if begins_anew:
            SearchRecord.objects.all().delete()
            derive.start_anew(SEARCH, chain, chain.generation)
            assert words.units() == {}
            derive.catch_up(chain)
            assert all_rows(chain) == stepwise
            assert findings(chain) == []
    finally:
        chain.delete()
    assert words.units() == {}


@pytest.mark.django_db
def test_doing_it_twice_changes_nothing(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    once = everything(chain)
    derive.catch_up(chain)
    assert everything(chain) == once


@pytest.mark.django_db
def test_nothing_is_derived_of_what_is_not_folded() -> None:
    made = MadeChain()
    made.block(add())
    chain = row_of(made)
    write(chain, made.blocks)
    assert derive.catch_up(chain) is False
    assert [each.objects.count() for each in DERIVED] == [0] * len(DERIVED)
    assert [(each.height, each.behind, each.at) for each in lags_of(chain.id)] == [(-1, 0, None)] * len(NAMES)


@pytest.mark.django_db
def test_blocks_at_height_0_and_without_operations_move_the_marks() -> None:
    made = MadeChain()
    made.block()
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    assert {each.behind for each in lags_of(chain.id)} == {1}
    derive.catch_up(chain)
    assert [(each.height, each.behind) for each in lags_of(chain.id)] == [(0, 0)] * len(NAMES)


@pytest.mark.django_db
def test_a_step_takes_whole_blocks_and_no_more_than_its_batch() -> None:
    made = MadeChain()
    made.block(*[add(uid=each) for each in range(5)])
    made.block(add())
    made.block()
    made.block(add(), add())
    made.block(add())
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    steps = iter(lambda: checkpoints.step(replace(ROLLUPS, batch=2), chain, 1), None)
    assert list(steps) == [0, 3, 4]
    assert counts(chain)["records"] == 9


@pytest.mark.django_db
def test_a_step_that_fails_leaves_nothing_and_the_next_goes_on(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored(kept.VARIED)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "_MOVE", "SELECT 1 / 0, %s, %s, %s, %s")
        with pytest.raises(Exception, match="division by zero"):
            derive.catch_up(chain)
    assert [each.objects.count() for each in DERIVED] == [0] * len(DERIVED)
    derive.catch_up(chain)
    assert_plain(chain)


@pytest.mark.django_db(transaction=True)
def test_where_another_one_derives_there_is_nothing_to_do(stored: Stored) -> None:
    chain = stored(kept.VARIED)

    def derive_groups() -> None:
        with connection.cursor() as cursor:
            assert locks.try_derive(cursor, chain.id, 1, GROUPS.lock)

    with holding(derive_groups):
        assert derive.catch_up(chain) is False
        expected = dict.fromkeys(NAMES, 11) | {GROUPS.name: -1}
        assert {each.name: each.height for each in lags_of(chain.id)} == expected
    derive.catch_up(chain)
    assert_plain(chain)


@pytest.mark.django_db
def test_time_runs_out_between_two_steps(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = stored(kept.VARIED)
    in_steps_of(1, monkeypatch)
    turns = 0
    while derive.catch_up(chain, seconds=0):
        turns += 1
    assert turns > 3
    assert_plain(chain)


@pytest.mark.django_db
def test_edits_and_deletions_move_a_record_from_one_answer_to_another() -> None:
    made = MadeChain()
    made.block(add(completion("a")), add(completion("a")), add(completion("b"), seed=2))
    made.block(update(1, completion("b")))
    made.block(update(1, completion("c")), delete(2))
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)

    def group() -> tuple[int, int, int, int]:
        found = Group.objects.get(number=1)
        return found.records, found.live, found.answers, found.answers_now

    seen = []
    for last in range(3):
        derive.catch_up(chain, last=last)
        figures = counts(chain)
        seen.append((group(), figures["edited"], figures["deleted"], figures["shared"], figures["alike"]))
    assert seen == [((2, 2, 1, 1), 0, 0, 1, 1), ((2, 2, 1, 2), 1, 0, 1, 1), ((2, 1, 1, 1), 1, 1, 1, 1)]
    assert {each.number for each in Group.objects.all()} == {1, 3}
    assert answers(chain) == plain.answer_rows(plain.derived(chain))


@pytest.mark.django_db
def test_a_block_that_states_an_absurd_time_is_a_day_like_any_other() -> None:
    made = MadeChain()
    for at in (-(2**63), -1, 0, 86_399_999, 2**63 - 1):
        made.block(add(), at=at)
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    derive.catch_up(chain)
    assert days(chain) == {
        -(2**63) // 86_400_000: [1, 0, 0],
        -1: [1, 0, 0],
        0: [2, 0, 0],
        (2**63 - 1) // 86_400_000: [1, 0, 0],
    }


@pytest.mark.django_db
def test_blocks_that_wait_for_their_signers_are_counted_anew_each_time() -> None:
    made = MadeChain()
    for _ in range(3):
        made.block(add())
    chain = row_of(made)
    write(chain, made.blocks, unchecked="nobody says who signs")
    sync.fold_all(chain)
    derive.catch_up(chain, last=1)
    assert counts(chain)["unchecked"] == 2
    derive.catch_up(chain)
    assert counts(chain)["unchecked"] == 3
    UncheckedWitness.objects.filter(height=0).delete()
    derive.catch_up(chain)
    assert counts(chain)["unchecked"] == 2


@pytest.mark.django_db
def test_names_that_are_not_understood_are_kept_with_where_they_stand() -> None:
    made = MadeChain()
    made.block(Operation("x" * 12_000, ()))
    made.block(Operation("x" * 12_000, ()), Operation("a\0b", ()))
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    derive.catch_up(chain, last=0)
    derive.catch_up(chain)
    assert {row[1:] for row in not_understood(chain)} == {(2, 0, 1), (1, 1, 1)}


@pytest.mark.django_db
def test_a_new_generation_is_derived_before_readers_see_it_and_the_old_one_goes(stored: Stored) -> None:
    chain = stored("four-validators")
    derive.catch_up(chain)
    before = everything(chain)
    generations.rebuild(chain)
    assert chain.generation == 2
    assert everything(chain) == before
    for table in DERIVED:
        assert set(table.objects.values_list("generation", flat=True)) == {2}


@pytest.mark.django_db(transaction=True)
def test_a_generation_that_is_being_derived_from_is_dropped_only_afterwards(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    generations.rebuild(chain)
    with generations.building(chain):
        beside = generations.fold_beside(chain)

    with holding(lambda: checkpoints.step(GROUPS, chain, beside)):
        dropping = begun(lambda: generations.drop(chain, beside))
        wait_until_blocked(dropping)
    dropping.result(LONGEST)
    for table in DERIVED:
        assert not table.objects.filter(generation=beside).exists()
    assert checkpoints.step(GROUPS, chain, beside) is None


@pytest.mark.django_db
def test_one_chain_s_rows_are_not_another_s(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    before = everything(chain)
    made = MadeChain(more={"other": 1})
    made.block(add(), add())
    other = row_of(made)
    write(other, made.blocks)
    sync.fold_all(other)
    derive.catch_up(other)
    assert everything(chain) == before
    assert_plain(other)
