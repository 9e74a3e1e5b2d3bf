"""Who is nearly the same as an earlier record: in whatever steps, and as an oracle finds that goes through
all records one by one.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from django.db.backends.utils import CursorWrapper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import derive
from indexer.checks.registry import by_name
from indexer.derive import check_likeness, check_unsettled, registry
from indexer.derive.derivation import PositionRange, Settling
from indexer.follow import sync
from indexer.models import (
    Chain,
    CheckBand,
    CheckEvent,
    CheckFinding,
    CheckUnsettled,
    Record,
    Suppression,
    WithdrawnOperation,
)
from indexer.postchain.gtx import Operation
from indexer.records import erase as erasing
from indexer.records import generations
from indexer.words import grams
from tests.indexer import kept
from tests.indexer.derive.judged import checked, rows, said
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.made import MadeChain, add, completion, update
from tests.indexer.records.erasing import CONTENT, TRANSACTION, answer_key, erase, findings, hide
from tests.indexer.writing import row_of, write

NAME = "near-duplicate"
NUMBER = by_name()[NAME].number
WORDS = [f"word{at}" for at in range(60)]
TEXT = " ".join(WORDS)


def ending(*last: str) -> str:
    """The text, with other words at its end: of 56 runs each further word is in one to five."""
    return " ".join([*WORDS[: len(WORDS) - len(last)], *last])


def asked(question: str, answer: str) -> Operation:
    return add(completion(answer), messages=json.dumps([{"role": "user", "content": question}]))


def answering(*given: tuple[str, str]) -> MadeChain:
    """A chain with a block for each question and its answer."""
    made = MadeChain()
    for question, answer in given:
        made.block(asked(question, answer))
    return made


def near(chain: Chain) -> dict[int, tuple[int, str]]:
    """The earlier record that one is nearly the same as, and how much."""
    found = CheckFinding.objects.filter(chain=chain, generation=chain.generation, number=NUMBER)
    return {each.prompt_id: (each.measured["other_record"], each.measured["similarity"]) for each in found}


def reasons(chain: Chain, count: int) -> list[str]:
    return [said(chain, each)[NAME] for each in range(1, count + 1)]


@pytest.mark.django_db
def test_the_later_one_of_two_that_are_nearly_the_same_is_found_with_what_is_measured() -> None:
    made = answering(
        ("a", TEXT),
        ("b", ending("another")),
        ("b", ending("one", "more")),
        ("c", TEXT),
        ("d", ending(*map(str, range(30)))),
        ("a", ending("the", "same", "question")),
        ("e", TEXT.replace(" ", ",  ")),
    )
    made.block(update(2, completion("edited later")), update(1, completion(ending("another"))))
    chain = checked(made)
    assert near(chain) == {
        2: (1, "0.965"),
        3: (1, "0.931"),
        4: (2, "0.965"),
        6: (2, "0.898"),
        7: (1, "1.000"),
    }
    assert near(chain)[2][1] == f"{55 / 57:.3f}"
    assert reasons(chain, 5) == ["own-wording", *["near-duplicate"] * 3, "own-wording"]
    positions = dict(Record.objects.filter(chain=chain).values_list("prompt_id", "position"))
    found = CheckFinding.objects.filter(chain=chain, number=NUMBER)
    assert {each.prompt_id: each.since for each in found} == {each: positions[each] for each in near(chain)}
    assert not CheckEvent.objects.filter(chain=chain, number=NUMBER).exists()
    assert findings(chain) == []


@pytest.mark.django_db
def test_where_more_are_somewhat_alike_than_are_measured_it_is_not_known() -> None:
    given = [(str(at), ending(*(f"{at}-{place}" for place in range(9)))) for at in range(30)]
    chain = checked(answering(*given, ("last", given[0][1] + " indeed")))
    found = reasons(chain, 30)
    assert found[:9] == ["own-wording"] * 9
    assert found.count("crowded") > 10
    assert near(chain) == {31: (1, "0.985")}


@pytest.mark.django_db
@pytest.mark.parametrize("withhold", [hide, erase])
@pytest.mark.parametrize("subject", [CONTENT, TRANSACTION])
def test_what_a_withheld_text_decided_is_found_no_more(
    withhold: Callable[..., int], subject: Suppression.Subject
) -> None:
    made = answering(("a", TEXT), ("b", ending("another")), ("c", ending("one", "more")), ("d", TEXT))
    chain = checked(made)
    before = rows(chain)
    assert near(chain) == {2: (1, "0.965"), 3: (1, "0.931"), 4: (2, "0.965")}
    key = answer_key(TEXT) if subject == CONTENT else made.blocks[0].transactions[0].rid
    withhold(subject, key)
    assert said(chain, 1)[NAME] in ("hidden", "erased")
    assert said(chain, 2)[NAME] == "own-wording"
    assert near(chain)[3] == (2, "0.931")
    assert (4 in near(chain)) is (subject == TRANSACTION)
    assert not CheckBand.objects.filter(prompt_id=1).exists()
    assert CheckBand.objects.filter(prompt_id=4).exists() is (subject == TRANSACTION)
    assert findings(chain) == []
    if withhold is hide:
        erasing.take_back(subject, key)
        assert rows(chain) == before


@pytest.mark.django_db
@pytest.mark.parametrize("withhold", [hide, erase])
def test_of_those_who_share_a_band_few_are_compared_anew_in_each_step(
    withhold: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_unsettled, "AT_ONCE", 3)
    given = [(f"{at} is asked", ending(f"end-{at % 7}")) for at in range(20)]
    chain = checked(answering(("a", TEXT), *given))
    before = rows(chain)
    assert [other for other, _ in near(chain).values()] == [1] * 20
    left = [20]

    def step(cursor: CursorWrapper, positions: PositionRange) -> None:
        check_unsettled.settle(cursor, positions)
        left.append(sum(other == 1 for other, _ in near(chain).values()))

    [own] = [each for each in registry.derivations() if each.settling is not None]
    settling = Settling(left=check_unsettled.left, step=step)
    others = tuple(each for each in registry.derivations() if each is not own)
    monkeypatch.setattr(registry, "derivations", lambda: (*others, replace(own, settling=settling)))
    withhold(CONTENT, answer_key(TEXT))
    assert max(more - less for more, less in pairwise(left)) == 3
    assert left[-1] == 0
    assert near(chain)[3] == (2, "0.966")
    assert findings(chain) == []
    if withhold is hide:
        erasing.take_back(CONTENT, answer_key(TEXT))
        assert rows(chain) == before


@dataclass(frozen=True, slots=True)
class _Given:
    prompt_id: int
    question: str
    answer: str


def expected(given: Sequence[_Given]) -> dict[int, str]:
    """By record what is to be said, where each is compared with each."""
    first: dict[str, _Given] = {}
    for each in given:
        first.setdefault(each.answer, each)
    return {each.prompt_id: _expected(each, list(first.values())) for each in given}


def _expected(record: _Given, first: Sequence[_Given]) -> str:
    sharing = set()
    is_full = False
    for band in grams.bands(record.answer):
        alike = [e for e in first if band in grams.bands(e.answer) and e.prompt_id < record.prompt_id]
        sharing |= {each.prompt_id for each in alike[: check_likeness.LOOKED_AT]}
        is_full |= len(alike) >= check_likeness.LOOKED_AT
    others = [
        each
        for each in first
        if each.prompt_id in sharing and record.question != each.question and record.answer != each.answer
    ]
    for each in others[: check_likeness.MEASURED]:
        one, other = (grams.grams(text.answer.split()) for text in (record, each))
        if grams.jaccard(one, other) >= 0.8:
            return f"near {each.prompt_id}"
    return "crowded" if is_full or len(others) > check_likeness.MEASURED else "own-wording"


def told(chain: Chain) -> dict[int, str]:
    records = Record.objects.filter(chain=chain, generation=chain.generation).values_list(
        "prompt_id", flat=True
    )
    found = near(chain)
    return {one: f"near {found[one][0]}" if one in found else said(chain, one)[NAME] for one in records}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), batch=st.integers(1, 6))
@pytest.mark.django_db(transaction=True)
def test_steps_of_any_size_say_what_an_oracle_says(
    seed: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    made = MadeChain()
    given: list[_Given] = []
    for _ in range(chance.randint(2, 7)):
        new: list[_Given] = []
        for _ in range(chance.randint(0, 4)):
            words = chance.choice(["x", "y"]), *(chance.choice("abc") for _ in range(chance.randint(0, 9)))
            new.append(_Given(len(given) + len(new) + 1, chance.choice("pqrs"), ending(*words)))
        given += new
        made.block(*(asked(each.question, each.answer) for each in new))
    chain = row_of(made)
    try:
        with monkeypatch.context() as patched:
            in_steps_of(batch, patched)
            patched.setattr(check_likeness, "MEASURED", chance.randint(1, 3))
            patched.setattr(check_likeness, "LOOKED_AT", chance.randint(2, 6))
            patched.setattr("indexer.records.withdrawing.BATCH", chance.randint(1, 3))
            patched.setattr(check_unsettled, "AT_ONCE", chance.randint(1, 4))
            half = chance.randint(1, len(made.blocks) - 1)
            for some in (made.blocks[:half], made.blocks[half:]):
                write(chain, some)
                sync.fold_all(chain)
                derive.catch_up(chain)
            stepwise = rows(chain)
            assert told(chain) == expected(given)
            generations.rebuild(chain)
            assert rows(chain) == stepwise
            if given:
                held = chance.choice(given).answer
                hide(CONTENT, answer_key(held))
                left = [each for each in given if each.answer != held]
                assert told(chain) == expected(left) | {
                    each.prompt_id: "hidden" for each in given if each.answer == held
                }
                assert findings(chain) == []
                erasing.take_back(CONTENT, answer_key(held))
                assert rows(chain) == stepwise
            assert not WithdrawnOperation.objects.exists()
            assert not CheckUnsettled.objects.exists()
    finally:
        kept.clear()
