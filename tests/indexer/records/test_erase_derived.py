"""What was made from a text goes when the text is hidden or erased, and nothing of it is made meanwhile."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from django.db.backends.utils import CursorWrapper

from indexer import derive
from indexer.dapp.replay import height_of
from indexer.derive import registry
from indexer.derive.derivation import PositionRange, Withdrawn
from indexer.follow import sync
from indexer.models import Chain, Suppression
from indexer.records import generations, withdrawing
from indexer.records.erase import NotUndone, take_back
from tests.indexer.derive.echoed import ECHOES, Echo, table
from tests.indexer.derive.registering import register
from tests.indexer.made import MadeChain
from tests.indexer.records.erasing import (
    CONTENT,
    SECRET,
    TRANSACTION,
    answer_key,
    erase,
    findings,
    hide,
    indexed,
    ordered,
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


def test_what_fails_to_be_remade_is_withheld_all_the_same_and_remade_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing = [True]

    def fail(*_: Any) -> None:
        if failing:
            raise RuntimeError("no")

    register(replace(ECHOES, name="failing", lock=98, step=lambda *_: None, remake=fail), monkeypatch)
    chain = derived(secretive())
    with pytest.raises(RuntimeError, match="no"):
        erase(CONTENT, answer_key(SECRET))
    assert Suppression.objects.get().mode == Suppression.Mode.ERASE
    assert withdrawing.left()
    failing.clear()
    assert withdrawing.carry_out_all() is False
    assert LOUD not in echoed()
    assert findings(chain) == []


# What is remade


def told(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The heights of the operations that are to be remade, by and by."""
    heard: list[list[int]] = []

    def hear(_: CursorWrapper, what: Withdrawn) -> None:
        heard.append([height_of(each) for each in what.positions])

    hearing = replace(ECHOES, name="hearing", lock=97, step=lambda *_: None, remake=hear)
    register(hearing, monkeypatch)
    return heard


def test_who_said_it_is_named_and_not_again_once_it_is_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = told(monkeypatch)
    derived(secretive())
    hide(CONTENT, answer_key(SECRET))
    erase(CONTENT, answer_key(SECRET))
    hide(CONTENT, answer_key(SECRET))
    assert heard == [[0, 2]] * 2


@pytest.mark.parametrize("withhold", [hide, erase])
def test_all_that_a_transaction_says_is_named(
    withhold: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = told(monkeypatch)
    made = secretive()
    derived(made)
    withhold(TRANSACTION, made.blocks[1].transactions[0].rid)
    assert heard == [[1, 1]]


def test_who_loses_bytes_for_another_text_of_his_transaction_is_named_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = told(monkeypatch)
    derived(secretive())
    hide(CONTENT, answer_key("before"))
    erase(CONTENT, answer_key("before"))
    assert heard == [[1], [1, 1]]


def test_purge_writes_anew_what_is_made_from_texts() -> None:
    assert Echo in registry.tables_made_from_texts()
    assert not set(registry.tables_made_from_texts()) & {
        each for one in registry.derivations() if one.remake is None for each in one.tables
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
    with holding(lambda: ordered(withhold, CONTENT, answer_key(SECRET))):
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
