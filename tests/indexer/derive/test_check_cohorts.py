"""Who differs from a cohort that is else unanimous: since when, until when, and in whatever steps."""

import random
from collections.abc import Callable, Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.checks.registry import by_name, checks
from indexer.dapp.replay import height_of
from indexer.models import Chain, CheckEvent, CheckFinding
from indexer.records import erase as erasing
from indexer.records import withdrawing
from tests.indexer.derive.judged import checked, is_the_same_in_steps, rows, said
from tests.indexer.made import MadeChain, add, completion, update
from tests.indexer.records.erasing import CONTENT, TRANSACTION, answer_key, erase, findings, hide

NAME = "peer-outlier"
NUMBER = by_name()[NAME].number


def answering(*answers: str, seed: int = 1) -> MadeChain:
    """A chain with a block for each record of one cohort."""
    made = MadeChain()
    for uid, each in enumerate(answers):
        made.block(add(completion(each), uid=uid, seed=seed))
    return made


def outliers(chain: Chain) -> dict[int, tuple[int, int]]:
    """The height since which a record is found, and the first of the others."""
    found = CheckFinding.objects.filter(chain=chain, generation=chain.generation, number=NUMBER)
    return {each.prompt_id: (height_of(each.since), each.measured["other_record"]) for each in found}


def events(chain: Chain) -> Sequence[tuple[int, int, str]]:
    """Record, height and what is said since then."""
    found = CheckEvent.objects.filter(chain=chain, number=NUMBER).order_by("position", "prompt_id")
    reasons = {each.code: each.reason for each in checks()[NUMBER].outcomes}
    return [(each.prompt_id, height_of(each.position), reasons[each.now]) for each in found]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answers", "reasons"),
    [
        ("a", "n"),
        ("ab", "nn"),
        ("aa", "aa"),
        ("aab", "aan"),
        ("aaab", "aaao"),
        ("baaa", "oaaa"),
        ("aaaab", "aaaao"),
        ("aaabc", "aaann"),
        ("aaabb", "aaaaa"),
        ("abab", "aaaa"),
        ("aaabcb", "aaaana"),
    ],
)
def test_it_is_found_of_the_one_who_differs_from_all(answers: str, reasons: str) -> None:
    chain = checked(answering(*answers))
    prefixes = {"n": "no-unanimity", "a": "agrees", "o": "outlier"}
    found = [said(chain, each)[NAME] for each in range(1, len(answers) + 1)]
    assert found == [prefixes[each] for each in reasons]
    assert set(outliers(chain)) == {place for place, each in enumerate(reasons, start=1) if each == "o"}
    assert findings(chain) == []


@pytest.mark.django_db
def test_a_later_record_makes_and_ends_a_finding_and_it_is_known_which() -> None:
    chain = checked(answering("b", "a", "a", "a", "c", "b"))
    assert events(chain) == [
        (2, 2, "agrees"),
        (1, 3, "outlier"),
        (1, 4, "no-unanimity"),
        (1, 5, "agrees"),
    ]
    assert outliers(chain) == {}


@pytest.mark.django_db
def test_others_are_those_of_the_same_seed_and_an_edit_makes_no_difference() -> None:
    made = answering("a", "a", "a", "b")
    made.block(add(completion("c"), uid=9, seed=2), update(4, completion("a")), update(1, completion("z")))
    chain = checked(made)
    assert outliers(chain) == {4: (3, 1)}
    assert said(chain, 5)[NAME] == "no-unanimity"


@pytest.mark.django_db
@pytest.mark.parametrize("withhold", [hide, erase])
def test_what_a_withheld_record_decided_is_found_no_more(withhold: Callable[..., int]) -> None:
    made = answering("a", "a", "a", "b")
    chain = checked(made)
    before = rows(chain)
    assert outliers(chain) == {4: (3, 1)}
    withhold(TRANSACTION, made.blocks[1].transactions[0].rid)
    assert outliers(chain) == {}
    assert said(chain, 2)[NAME] in ("hidden", "erased")
    assert [said(chain, each)[NAME] for each in (1, 3, 4)] == ["agrees", "agrees", "no-unanimity"]
    assert findings(chain) == []
    if withhold is hide:
        erasing.take_back(TRANSACTION, made.blocks[1].transactions[0].rid)
        assert rows(chain) == before
        assert findings(chain) == []


@pytest.mark.django_db
def test_a_withheld_outlier_is_told_no_more() -> None:
    made = answering("a", "a", "a", "b")
    chain = checked(made)
    hide(TRANSACTION, made.blocks[3].transactions[0].rid)
    assert outliers(chain) == {}
    assert said(chain, 4)[NAME] == "hidden"
    assert findings(chain) == []


def readings(of: Callable[[], object]) -> int:
    """How often the members of a cohort are read."""
    with CaptureQueriesContext(connection) as found:
        of()
    read = [each["sql"] for each in found if each["sql"].lstrip().startswith("SELECT m.* FROM (VALUES")]
    return sum(f", {NUMBER}::smallint)" in each for each in read)


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [2, 3, 500])
def test_a_cohort_is_read_once_for_each_order_however_many_steps_it_takes(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawing, "BATCH", batch)
    made = MadeChain()
    for uid in range(12):  # two cohorts by what the engine calls itself, and one by the seed
        said = completion("ab"[uid in (3, 8)], system_fingerprint=("one", "two")[uid % 2])
        made.block(add(said, uid=uid), add(completion("a"), uid=uid + 100, seed=2 + uid // 6))
    chain = checked(made)
    before, key = rows(chain), answer_key("a")
    assert readings(lambda: hide(CONTENT, key)) == 2  # the others have no record left
    assert findings(chain) == []
    assert outliers(chain) == {}
    assert readings(lambda: erasing.take_back(CONTENT, key)) == 4
    assert rows(chain) == before
    assert findings(chain) == []


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), batch=st.integers(1, 6))
@pytest.mark.django_db(transaction=True)
def test_steps_of_any_size_give_the_same(seed: int, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    made = MadeChain()
    for _ in range(chance.randint(2, 8)):
        answers = [chance.choice("aaaabc") for _ in range(chance.randint(0, 4))]
        made.block(
            *(add(completion(each), uid=at, seed=chance.randint(1, 2)) for at, each in enumerate(answers))
        )
    is_the_same_in_steps(made, chance, batch, monkeypatch)
