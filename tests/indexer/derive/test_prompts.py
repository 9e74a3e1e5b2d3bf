"""Prompts: the figures of a small chain, worked out by hand. Whole chains are compared in `test_derive`."""

from typing import Any

import pytest

from indexer import derive
from indexer.derive.prompts import DERIVATION
from indexer.follow import sync
from indexer.models import Asked as AskedRow
from indexer.models import AskedAnswer, Chain, Cohort, CohortAnswer, Suppression
from indexer.records import erase, generations
from tests.indexer import kept
from tests.indexer.derive import plain_prompts
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db


def indexed(made: MadeChain) -> Chain:
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    derive.catch_up(chain)
    return chain


def asked(chain: Chain) -> Any:
    return AskedRow.objects.get(chain=chain, generation=chain.generation)


def answers(chain: Chain) -> list[tuple[int, ...]]:
    rows = AskedAnswer.objects.filter(chain=chain, generation=chain.generation).order_by("number")
    return list(rows.values_list("said", "first", "now", "edited", "deleted", "scouts"))


@pytest.mark.parametrize("batch", [1, 2, 1_000])
def test_edited_and_deleted_answers_are_counted_as_such(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    in_steps_of(batch, monkeypatch)
    made = MadeChain()
    made.block(*(add(completion(each), uid=uid) for uid, each in enumerate("aaabc")))
    made.block(update(1, completion("b")), update(2, completion("a")), delete(4))
    made.block(update(5, completion("d")), delete(5))
    chain = indexed(made)
    found = asked(chain)
    assert (found.records, found.live, found.edited) == (5, 3, 2)
    assert (found.answers, found.answers_now, found.answers_ever) == (3, 2, 4)
    assert (found.paired, found.differing) == (5, 2)
    assert answers(chain) == [(4, 3, 2, 2, 0, 3), (2, 1, 1, 0, 1, 2), (1, 1, 0, 0, 1, 1), (1, 0, 0, 0, 0, 1)]
    assert plain_prompts.stored(chain) == plain_prompts.rows(chain)


def test_a_cohort_is_of_one_seed_model_and_provider() -> None:
    made = MadeChain()
    made.block(
        add(completion("a")),
        add(completion("b"), seed=7),
        add(completion("b"), model="other"),
        add(completion("b"), provider="other"),
        add(completion("a"), provider="other"),
    )
    chain = indexed(made)
    found = asked(chain)
    assert (found.cohorts, found.paired, found.differing) == (4, 2, 1)


@pytest.mark.parametrize("batch", [1, 1_000])
def test_of_answers_given_as_often_the_one_given_first_is_the_commonest(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_steps_of(batch, monkeypatch)
    made = MadeChain()
    made.block(add(completion("b")))
    made.block(add(completion("a")))
    chain = indexed(made)
    (cohort,) = Cohort.objects.filter(chain=chain)
    (first,) = CohortAnswer.objects.filter(chain=chain, number=cohort.commonest)
    assert (cohort.records, cohort.answers, cohort.most, first.position) == (2, 2, 1, 0)
    made.block(add(completion("a")))
    write(chain, made.blocks[2:])
    sync.fold_all(chain)
    derive.catch_up(chain)
    (cohort,) = Cohort.objects.filter(chain=chain)
    (first,) = CohortAnswer.objects.filter(chain=chain, number=cohort.commonest)
    assert (cohort.most, first.position) == (2, 1 << 20)


@pytest.mark.parametrize("batch", [1, 1_000])
def test_who_is_edited_to_what_the_chain_s_first_operation_says_gave_one_answer_at_first(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That answer's number is 0, as is what a new cohort holds in the place of its commonest one."""
    in_steps_of(batch, monkeypatch)
    made = MadeChain()
    made.block(add(completion("a")), add(completion("b"), seed=7))
    made.block(update(2, completion("a")))
    chain = indexed(made)
    assert Cohort.objects.get(chain=chain, seed=7).answers == 1
    assert plain_prompts.stored(chain) == plain_prompts.rows(chain)


def test_reindexing_gives_the_same_rows() -> None:
    made = MadeChain()
    made.block(*(add(completion(each)) for each in "aab"))
    made.block(update(3, completion("a")), delete(1))
    chain = indexed(made)
    before = plain_prompts.stored(chain)
    generations.rebuild(chain)
    assert plain_prompts.stored(chain) == before
    assert AskedRow.objects.count() == 1


def test_numbers_stay_when_a_text_is_erased(stored: Any) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    before = plain_prompts.stored(chain)
    for subject in (AskedRow.objects.filter(chain=chain)[0].prompt, _an_answer(chain)):
        erase.suppress(
            Suppression.Subject.CONTENT, bytes(subject), mode=Suppression.Mode.ERASE, reason="wish", by="me"
        )
    derive.start_anew(DERIVATION, chain, chain.generation)
    derive.catch_up(chain)
    assert plain_prompts.stored(chain) == before


def _an_answer(chain: Chain) -> bytes:
    return bytes(AskedAnswer.objects.filter(chain=chain).order_by("number")[0].answer)
