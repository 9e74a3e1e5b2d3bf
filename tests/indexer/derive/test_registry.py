"""What derivations say of themselves, against each other, the tables and what readers know of them."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db.models import Model

from indexer import derive
from indexer.derive import checkpoints, registry
from indexer.derive.rollups import DERIVATION as ROLLUPS
from indexer.models import (
    BlockDigest,
    Chain,
    Checkpoint,
    Count,
    DerivationCheckpoint,
    Generation,
    Owner,
    Record,
    Revision,
)
from tests.indexer import kept
from tests.indexer.threads import LONGEST, begun, holding, wait_until_blocked
from tests.indexer.writing import contents

Stored = Callable[[str], Chain]
OF_THE_FOLD: set[type[Model]] = {BlockDigest, Checkpoint, Generation, Owner, Record, Revision}


def test_readers_know_every_derivation_in_the_same_order() -> None:
    assert [each.name for each in registry.derivations()] == DerivationCheckpoint.Of.values


def test_each_has_a_lock_of_its_own_from_0_up() -> None:
    assert [each.lock for each in registry.derivations()] == list(range(len(registry.derivations())))


def test_each_table_and_figure_is_of_one_derivation() -> None:
    tables = Counter(table for each in registry.derivations() for table in each.tables)
    counts = Counter(count for each in registry.derivations() for count in each.counts)
    assert set(tables.values()) == set(counts.values()) == {1}
    assert set(counts) == set(Count.Of)
    for each in registry.derivations():
        assert set(each.counts_now) <= set(each.counts)


def test_every_table_with_a_generation_is_the_fold_s_or_a_derivation_s() -> None:
    """Otherwise it would stay behind when its generation is dropped."""
    found = {
        model
        for model in apps.get_app_config("indexer").get_models()
        if model is not Chain and any(each.name == "generation" for each in model._meta.fields)
    }
    assert found == OF_THE_FOLD | set(registry.tables())


@pytest.mark.django_db
def test_one_that_starts_anew_gives_the_same_and_leaves_the_others_alone(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    before = contents(without={"derivationcheckpoint"})
    reached = {each.name: each.height for each in DerivationCheckpoint.objects.all()}
    derive.start_anew(ROLLUPS, chain, chain.generation)
    left = contents(without={"derivationcheckpoint"})
    assert left["rollup"] == left["notunderstood"] == []
    others = [each for each in registry.derivations() if each is not ROLLUPS]
    for table in (each._meta.model_name for other in others for each in other.tables):
        assert left[str(table)] == before[str(table)]
    assert {each.of for each in Count.objects.all()} == {of for each in others for of in each.counts}
    assert {each.name for each in DerivationCheckpoint.objects.all()} == {each.name for each in others}
    derive.catch_up(chain)
    assert contents(without={"derivationcheckpoint"}) == before
    assert {each.name: each.height for each in DerivationCheckpoint.objects.all()} == reached


@pytest.mark.django_db(transaction=True)
def test_starting_anew_waits_for_a_step_under_way(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    with holding(lambda: checkpoints.step(ROLLUPS, chain, 1)):
        starting = begun(lambda: derive.start_anew(ROLLUPS, chain, 1))
        wait_until_blocked(starting)
    starting.result(LONGEST)
    assert not Count.objects.exists()
    assert not DerivationCheckpoint.objects.exists()


@pytest.mark.django_db
def test_a_checkpoint_whose_derivation_is_not_known_stays_as_it_is(stored: Stored) -> None:
    """A worker of another version may know it, and would derive everything twice without it."""
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    rows = DerivationCheckpoint.objects.filter(name="groups")
    rows.update(name="of another version")
    derive.catch_up(chain, only=[ROLLUPS])
    assert DerivationCheckpoint.objects.get(name="of another version").height == 11
