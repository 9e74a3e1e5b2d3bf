"""However many say a text: it is made anew step by step, and whoever is killed between two goes on."""

from collections.abc import Callable
from typing import Any

import pytest

from indexer import derive
from indexer.follow import sync
from indexer.models import Chain, Suppression, Withdrawal, WithdrawnOperation
from indexer.records import withdrawing
from indexer.records.erase import take_back
from tests.indexer.derive.words import found
from tests.indexer.made import MadeChain, add, call, completion, update
from tests.indexer.records.erasing import (
    CONTENT,
    SECRET,
    answer_key,
    erase,
    findings,
    hide,
    indexed,
    is_anywhere,
    ordered,
)
from tests.indexer.threads import LONGEST, begun, holding, wait_until_blocked
from tests.indexer.writing import contents, row_of, write

WORD = "telephone"
COUNT = 11
STEPS = 4  # of three operations


class Killed(Exception):
    """Something ended in the middle."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawing, "BATCH", 3)


def made_chain() -> MadeChain:
    """Eleven records say it: most as they were first written, two since they were edited, one no more."""
    made = MadeChain()
    said = completion(SECRET, id="one", system_fingerprint="fp_1")
    for number in range(4):
        made.block(add(said, uid=number), add(said, uid=100 + number), add(completion(f"other {number}")))
    made.block(call(add(completion("beside", system_fingerprint="fp_1")), add(said, uid=7)))
    made.block(update(3, said), update(6, said), update(1, completion("changed")))
    return made


def derived() -> Chain:
    chain = indexed(made_chain())
    derive.catch_up(chain)
    assert len(found(WORD)) == COUNT
    return chain


def state() -> dict[str, Any]:
    """What is derived, and the bytes."""
    return contents(without={"window", "node", "incident", "chain", "suppression", "derivationcheckpoint"})


def killed_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes one more step is killed in the middle of it."""
    taken = iter(range(steps))
    remake_next = withdrawing._remake_next

    def until_killed(*given: Any) -> bool:
        done = remake_next(*given)
        if next(taken, None) is None:
            raise Killed
        return done

    monkeypatch.setattr(withdrawing, "_remake_next", until_killed)


def is_done(chain: Chain) -> bool:
    return not Withdrawal.objects.exists() and not WithdrawnOperation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("withhold", [hide, erase])
@pytest.mark.parametrize("steps", [0, 2, STEPS])
def test_it_goes_on_where_it_was_killed_and_ends_as_if_it_had_not_been(
    withhold: Callable[..., int], steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = derived()
    with monkeypatch.context() as patched:
        killed_after(steps, patched)
        with pytest.raises(Killed):
            withhold(CONTENT, answer_key(SECRET))
    assert len(withdrawing.left()) == 1
    assert WithdrawnOperation.objects.count() > 0 or steps == STEPS
    assert withdrawing.carry_out_all() is False
    assert is_done(chain)
    assert found(WORD) == []
    assert findings(chain) == []
    if withhold is erase:
        assert is_anywhere(SECRET) == []
    else:
        take_back(CONTENT, answer_key(SECRET))
        assert len(found(WORD)) == COUNT
        assert findings(chain) == []


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [0, 2, STEPS])
def test_what_is_shown_again_comes_back_wherever_that_was_killed(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = derived()
    before = state()
    hide(CONTENT, answer_key(SECRET))
    with monkeypatch.context() as patched:
        killed_after(steps, patched)
        with pytest.raises(Killed):
            take_back(CONTENT, answer_key(SECRET))
    assert not Suppression.objects.exists()
    assert withdrawing.carry_out_all() is False
    assert is_done(chain)
    assert state() == before


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [0, 2])
def test_what_is_hidden_while_it_is_shown_again_and_erased_while_it_is_hidden_is_done_anew(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = derived()

    def interrupted(of: Callable[[], object]) -> None:
        with monkeypatch.context() as patched:
            killed_after(steps, patched)
            with pytest.raises(Killed):
                of()

    interrupted(lambda: hide(CONTENT, answer_key(SECRET)))
    interrupted(lambda: take_back(CONTENT, answer_key(SECRET)))
    interrupted(lambda: hide(CONTENT, answer_key(SECRET)))
    interrupted(lambda: erase(CONTENT, answer_key(SECRET)))
    assert len(withdrawing.left()) == 1
    assert erase(CONTENT, answer_key(SECRET)) == COUNT
    assert is_done(chain)
    assert is_anywhere(SECRET) == []
    assert findings(chain) == []


@pytest.mark.django_db
def test_a_step_takes_so_many_operations_and_no_more() -> None:
    derived()
    assert ordered(hide, CONTENT, answer_key(SECRET))
    left = []
    order = Withdrawal.objects.get()
    while withdrawing._step(order):
        left.append(WithdrawnOperation.objects.count())
    assert left == [COUNT, COUNT - 3, COUNT - 6, COUNT - 9, 0]


@pytest.mark.django_db
def test_fsck_does_first_what_is_left() -> None:
    chain = derived()
    ordered(hide, CONTENT, answer_key(SECRET))
    assert findings(chain) == []
    assert is_done(chain)


@pytest.mark.django_db
def test_what_is_left_is_done_for_as_long_as_there_is_time() -> None:
    chain = derived()
    ordered(hide, CONTENT, answer_key(SECRET))
    turns = 0
    while withdrawing.carry_out_all(seconds=0):
        turns += 1
    assert turns > STEPS
    assert is_done(chain)


@pytest.mark.django_db
def test_blocks_that_come_meanwhile_make_nothing_of_it() -> None:
    made = made_chain()
    chain = row_of(made)
    write(chain, made.blocks[:4])
    sync.fold_all(chain)
    derive.catch_up(chain)
    ordered(hide, CONTENT, answer_key(SECRET))
    write(chain, made.blocks[4:])
    sync.fold_all(chain)
    derive.catch_up(chain)
    assert withdrawing.carry_out_all() is False
    assert found(WORD) == []
    assert findings(chain) == []


@pytest.mark.django_db(transaction=True)
def test_an_order_waits_for_no_other_that_is_carried_out() -> None:
    """A step holds the text's lock shared, and for itself only where bytes go."""
    chain = derived()
    ordered(hide, CONTENT, answer_key(SECRET))
    order = Withdrawal.objects.get()
    assert withdrawing._step(order)
    with holding(lambda: withdrawing._step(order)):
        other = begun(lambda: ordered(hide, CONTENT, answer_key("beside")))
        wait_until_blocked(other)
    assert other.result(LONGEST) is True
    assert withdrawing.carry_out_all() is False
    assert findings(chain) == []
    assert (found(WORD), found("beside")) == ([], [])
