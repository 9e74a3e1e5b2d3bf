"""What was made from a text goes when the text is hidden or erased, and nothing of it is made meanwhile."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.utils import CursorWrapper

from indexer import derive
from indexer.derive import registry
from indexer.derive.derivation import PositionRange, Withdrawn
from indexer.follow import sync
from indexer.models import Chain, Suppression
from indexer.records import generations
from indexer.records.erase import NotUndone, take_back
from tests.indexer.derive.echoed import ECHOES, Echo, table
from tests.indexer.derive.registering import register
from tests.indexer.made import MadeChain, add, completion
from tests.indexer.records.erasing import (
    CONTENT,
    SECRET,
    TRANSACTION,
    answer_key,
    erase,
    findings,
    hide,
    indexed,
    secretive,
)
from tests.indexer.threads import LONGEST, begun, holding, wait_until_blocked
from tests.indexer.writing import row_of, write

LOUD = SECRET.upper()


@pytest.fixture(autouse=True)
def _echoes(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with table():
        register(ECHOES, monkeypatch)
        yield


def echoed() -> list[str]:
    return sorted(Echo._default_manager.values_list("loud", flat=True))


def derived(made: MadeChain) -> Chain:
    chain = indexed(made)
    derive.catch_up(chain)
    return chain


# Taking back


@pytest.mark.parametrize("kind", ["content", "transaction"])
def test_what_is_hidden_no_more_comes_back_where_it_was_echoed(kind: str) -> None:
    made = secretive()
    chain = derived(made)
    before = echoed()
    key = answer_key(SECRET) if kind == "content" else made.blocks[0].transactions[1].rid
    subject = Suppression.Subject(kind)
    hide(subject, key)
    assert echoed() != before
    take_back(subject, key)
    derive.catch_up(chain)
    assert echoed() == before
    assert not Suppression.objects.exists()
    assert findings(chain) == []


def test_what_is_hidden_by_another_order_too_stays_hidden() -> None:
    made = secretive()
    chain = derived(made)
    hide(CONTENT, answer_key(SECRET))
    hide(TRANSACTION, made.blocks[0].transactions[1].rid)
    take_back(CONTENT, answer_key(SECRET))
    derive.catch_up(chain)
    assert echoed().count(LOUD) == 1
    assert findings(chain) == []


def test_what_was_erased_is_not_taken_back_and_stays_away() -> None:
    chain = derived(secretive())
    erase(CONTENT, answer_key(SECRET))
    before = echoed()
    with pytest.raises(NotUndone, match="It was erased"):
        take_back(CONTENT, answer_key(SECRET))
    with pytest.raises(NotUndone, match="No transaction with this hash"):
        take_back(TRANSACTION, answer_key(SECRET))
    assert Suppression.objects.get().mode == Suppression.Mode.ERASE
    derive.catch_up(chain)
    assert echoed() == before
    assert findings(chain) == []


# Beside fsck


@pytest.mark.parametrize("height", [None, 0, 1])
def test_a_derivation_that_is_begun_anew_while_fsck_derives_is_no_finding(
    height: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = derived(secretive())
    begun_anew: list[bool] = []

    def meanwhile(cursor: CursorWrapper, positions: PositionRange) -> None:
        ECHOES.step(cursor, positions)
        if positions.generation != chain.generation and not begun_anew:
            begun_anew.append(True)
            derive.start_anew(ECHOES, chain, chain.generation)
            if height is not None:
                derive.catch_up(chain, only=[ECHOES], last=height)

    slow = replace(ECHOES, step=meanwhile)
    others = tuple(each for each in registry.derivations() if each is not ECHOES)
    monkeypatch.setattr(registry, "derivations", lambda: (*others, slow))
    assert findings(chain) == []
    assert begun_anew
    derive.catch_up(chain, only=[ECHOES])
    assert LOUD in echoed()
    Echo._default_manager.filter(loud=LOUD).delete()
    assert [each.split(":")[0] for each in findings(chain)] == ["echo"] * 2


# Hiding and erasing


@pytest.mark.parametrize("withhold", [hide, erase])
def test_what_echoes_a_text_goes_with_it_and_stays_away(withhold: Callable[..., int]) -> None:
    chain = derived(secretive())
    before = echoed()
    assert before.count(LOUD) == 2
    withhold(CONTENT, answer_key(SECRET))
    assert echoed() == [each for each in before if each != LOUD]
    assert findings(chain) == []
    derive.start_anew(ECHOES, chain, chain.generation)
    derive.catch_up(chain)
    assert echoed() == [each for each in before if each != LOUD]


def test_what_was_hidden_is_erased_without_a_trace() -> None:
    chain = derived(secretive())
    hide(CONTENT, answer_key(SECRET))
    assert erase(CONTENT, answer_key(SECRET)) == 2
    assert LOUD not in echoed()
    assert findings(chain) == []


@pytest.mark.parametrize("withhold", [hide, erase])
def test_what_echoes_a_transaction_goes_with_it(withhold: Callable[..., int]) -> None:
    made = secretive()
    chain = derived(made)
    withhold(TRANSACTION, made.blocks[1].transactions[0].rid)
    assert {"BEFORE", "AFTER"}.isdisjoint(echoed())
    assert echoed().count(LOUD) == 2
    withhold(TRANSACTION, made.blocks[0].transactions[1].rid)
    assert echoed().count(LOUD) == 1
    assert findings(chain) == []


def test_it_goes_in_every_generation() -> None:
    chain = derived(secretive())
    with generations.building(chain):
        beside = generations.fold_beside(chain)
        derive.catch_up(chain, generation=beside)
        assert echoed().count(LOUD) == 4
        hide(CONTENT, answer_key(SECRET))
        assert LOUD not in echoed()


def test_what_is_hidden_before_it_is_derived_is_never_made() -> None:
    chain = indexed(secretive())
    hide(CONTENT, answer_key(SECRET))
    derive.catch_up(chain)
    assert LOUD not in echoed()
    generations.rebuild(chain)
    assert LOUD not in echoed()
    assert echoed() != []


def test_a_generation_that_is_dropped_takes_it_along() -> None:
    chain = derived(secretive())
    before = echoed()
    generations.rebuild(chain)
    assert echoed() == before
    assert set(Echo._default_manager.values_list("generation", flat=True)) == {chain.generation}


def test_an_eraser_that_fails_leaves_the_text_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    derived(secretive())
    before = echoed()

    def fail(*_: Any) -> None:
        raise RuntimeError("no")

    register(replace(ECHOES, name="failing", lock=98, erase=fail), monkeypatch)
    with pytest.raises(RuntimeError, match="no"), transaction.atomic():
        erase(CONTENT, answer_key(SECRET))
    assert echoed() == before
    assert not Suppression.objects.exists()


# What an eraser is told


def told(monkeypatch: pytest.MonkeyPatch) -> list[Withdrawn]:
    heard: list[Withdrawn] = []
    register(replace(ECHOES, name="hearing", lock=97, erase=lambda _, what: heard.append(what)), monkeypatch)
    return heard


def test_hiding_a_text_names_it_and_erasing_it_names_who_loses_his_bytes_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = secretive()
    derived(made)
    heard = told(monkeypatch)
    hide(CONTENT, answer_key(SECRET))
    erase(CONTENT, answer_key(SECRET))
    hide(CONTENT, answer_key(SECRET))
    hidden, erased = heard
    assert (list(hidden.contents), list(hidden.transactions)) == ([answer_key(SECRET)], [])
    assert list(erased.contents) == [answer_key(SECRET)]
    assert {each.rid for each in erased.transactions} == {
        made.blocks[0].transactions[1].rid,
        made.blocks[2].transactions[0].rid,
    }
    assert {(each.height, each.ordinal) for each in erased.transactions} == {(0, 1), (2, 0)}


@pytest.mark.parametrize("withhold", [hide, erase])
def test_a_text_that_only_withdrawn_transactions_say_is_named_with_the_last_of_them(
    withhold: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MadeChain()
    made.block(add(completion(SECRET)))
    made.block(add(completion(SECRET), uid=2))
    derived(made)
    heard = told(monkeypatch)
    for block in made.blocks:
        withhold(TRANSACTION, block.transactions[0].rid)
    first, second = heard
    assert answer_key(SECRET) not in first.contents
    assert answer_key(SECRET) in second.contents


def test_purge_writes_anew_what_is_made_from_texts() -> None:
    assert Echo in registry.tables_made_from_texts()
    assert not set(registry.tables_made_from_texts()) & {
        each for one in registry.derivations() if one.erase is None for each in one.tables
    }


# At once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("withhold", [hide, erase])
def test_hiding_waits_for_a_step_that_reads_texts_and_then_takes_that_too(
    withhold: Callable[..., int],
) -> None:
    chain = indexed(secretive())
    running: list[Future[int]] = []

    def slowly(*given: Any) -> None:
        ECHOES.step(*given)
        if not running:
            assert LOUD in echoed()
            running.append(begun(lambda: withhold(CONTENT, answer_key(SECRET))))
            wait_until_blocked(running[0])

    derive.catch_up(chain, only=[replace(ECHOES, step=slowly)])
    running[0].result(LONGEST)
    assert LOUD not in echoed()
    assert findings(chain) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("withhold", [hide, erase])
def test_a_step_that_reads_texts_waits_for_whoever_is_hiding_and_makes_nothing_of_it(
    withhold: Callable[..., int],
) -> None:
    chain = indexed(secretive())
    with holding(lambda: withhold(CONTENT, answer_key(SECRET))):
        running = begun(lambda: derive.catch_up(chain, only=[ECHOES]))
        wait_until_blocked(running)
    running.result(LONGEST)
    assert echoed() != []
    assert LOUD not in echoed()


@pytest.mark.django_db(transaction=True)
def test_hiding_waits_for_a_generation_that_is_switched_to() -> None:
    """Its last steps are part of one transaction: what they made is seen once that ends."""
    made = secretive()
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    with holding(lambda: derive.catch_up(chain)):
        running = begun(lambda: hide(CONTENT, answer_key(SECRET)))
        wait_until_blocked(running)
    running.result(LONGEST)
    assert echoed() != []
    assert LOUD not in echoed()


@pytest.mark.django_db(transaction=True)
def test_what_reads_no_text_waits_for_nobody_who_hides() -> None:
    chain = indexed(secretive())
    with holding(lambda: hide(CONTENT, answer_key(SECRET))):
        running = begun(lambda: derive.catch_up(chain, only=registry.derivations()[:2]))
        assert running.result(LONGEST) is False
