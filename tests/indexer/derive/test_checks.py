"""What checks say of records: the same in whatever steps, and nothing of what is hidden or erased."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from indexer import derive
from indexer.checks.check import Result
from indexer.checks.registry import by_name, checks
from indexer.dapp.replay import height_of
from indexer.derive.checks import DERIVATION
from indexer.models import (
    Chain,
    CheckEvent,
    CheckFinding,
    CheckTally,
    Record,
    Withdrawal,
)
from indexer.records import erase as erasing
from indexer.records import generations, withdrawing
from tests.indexer import kept
from tests.indexer.derive.judged import checked, rows, said
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.records.erasing import (
    CONTENT,
    SECRET,
    TRANSACTION,
    answer_key,
    erase,
    findings,
    hide,
    indexed,
    is_anywhere,
)
from tests.indexer.serving import CHAINS

Stored = Callable[[str], Chain]


def found(chain: Chain) -> dict[str, list[int]]:
    """The records of each finding."""
    names = {each.number: each.name for each in checks()}
    listed: dict[str, list[int]] = {}
    for each in CheckFinding.objects.filter(chain=chain, generation=chain.generation).order_by("prompt_id"):
        listed.setdefault(names[each.number], []).append(each.prompt_id)
    return listed


@pytest.mark.django_db
@pytest.mark.parametrize("withhold", [hide, erase])
def test_what_a_withheld_text_decided_is_not_known_any_more(withhold: Callable[..., int]) -> None:
    made = MadeChain()
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 9}
    made.block(
        add(completion(SECRET, model="another", usage=usage)), add(completion("harmless.", usage=usage))
    )
    chain = checked(made)
    assert found(chain) == {"field-contradiction": [1], "usage-implausible": [1, 2]}
    before = rows(chain)
    withhold(CONTENT, answer_key(SECRET))
    reason = "hidden" if withhold is hide else "erased"
    own = said(chain, 1)
    assert {own[each.name] for each in checks() if each.reads_texts} == {reason}
    assert (own["altered"], own["deleted"]) == ("never-edited", "not-deleted")
    assert found(chain) == {"usage-implausible": [2]}
    assert findings(chain) == []
    if withhold is hide:
        erasing.take_back(CONTENT, answer_key(SECRET))
        assert rows(chain) == before
        assert findings(chain) == []
        hide(CONTENT, answer_key(SECRET))
        erase(CONTENT, answer_key(SECRET))
        assert {said(chain, 1)[each.name] for each in checks() if each.reads_texts} == {"erased"}
        assert findings(chain) == []
    generations.rebuild(chain)
    assert said(chain, 1)["malformed"] == said(chain, 1)["truncated"] == "erased"


@pytest.mark.django_db
def test_a_text_that_stood_between_is_not_known_either() -> None:
    made = MadeChain()
    made.block(add(completion("first.")))
    made.block(update(1, completion(SECRET, model="another")))
    made.block(update(1, completion("last.", model="gemma2-9b-it")))
    chain = checked(made)
    number = by_name()["field-contradiction"].number
    events = CheckEvent.objects.filter(number=number).order_by("position")
    assert [height_of(each.position) for each in events] == [1, 2]
    erase(TRANSACTION, made.blocks[1].transactions[0].rid)
    own = by_name()["field-contradiction"]
    assert [own.outcome(each.now).reason for each in events.all()] == ["erased", "same-names"]
    assert said(chain, 1)["altered"] == "words-changed"
    assert findings(chain) == []


@pytest.mark.django_db
def test_a_result_of_which_a_part_is_withheld_is_not_judged() -> None:
    message = {"role": "assistant", "content": "a plain answer.", "reasoning": SECRET}
    made = MadeChain()
    made.block(add(json.dumps({"choices": [{"message": message}], "model": "another"})))
    made.block(add(completion("harmless.", model="another")))
    chain = indexed(made)
    derive.catch_up(chain)
    before = rows(chain)
    assert found(chain) == {"field-contradiction": [1, 2]}
    hide(CONTENT, answer_key(SECRET))
    assert found(chain) == {"field-contradiction": [2]}
    assert {said(chain, 1)[each.name] for each in checks() if each.reads_texts} == {"hidden"}
    assert findings(chain) == []
    erasing.take_back(CONTENT, answer_key(SECRET))
    assert rows(chain) == before
    assert findings(chain) == []


@pytest.mark.django_db
def test_no_table_holds_a_word_of_a_record() -> None:
    made = MadeChain()
    made.block(add(completion(SECRET, model=f"model {SECRET}", id=SECRET, scout={"provider": SECRET})))
    checked(made)
    assert found(Chain.objects.get())
    assert not {each for each in is_anywhere(SECRET) if each.startswith("check")}


@pytest.mark.django_db
def test_a_change_is_known_with_the_position_that_caused_it() -> None:
    made = MadeChain()
    made.block(add(completion("one.")), add(completion("two.")))
    made.block(update(1, completion("another.")), delete(2))
    made.block(update(1, completion("one.")))
    chain = checked(made)
    told = {
        (each.prompt_id, by_number(each.number), height_of(each.position), reason(each.number, each.now))
        for each in CheckEvent.objects.filter(chain=chain)
    }
    assert told == {
        (1, "altered", 1, "words-changed"),
        (1, "altered", 2, "same-result"),
        (2, "deleted", 1, "deleted"),
    }
    (deleted,) = CheckFinding.objects.filter(chain=chain)
    assert (deleted.prompt_id, height_of(deleted.since)) == (2, 1)
    assert deleted.measured == {"height": 1, "written_height": 0}
    assert {each.records for each in CheckTally.objects.filter(number=1)} == {1}


def by_number(number: int) -> str:
    return checks()[number].name


def reason(number: int, code: int) -> str:
    return checks()[number].outcome(code).reason


Counts = dict[Any, list[int]]


def by_names(chain: Chain, told: dict[int, bytes]) -> tuple[Counts, Counts, Counts]:
    """Of the records of each name, of each prompt and of each 128 ids, how many have which result of each
    check.
    """
    results = [Result.PASS, Result.FAIL, Result.NOT_APPLICABLE, Result.UNKNOWN]
    named: Counts = {}
    asked: Counts = {}
    sliced: Counts = {}
    for each in Record.objects.filter(chain=chain, generation=chain.generation):
        of = [
            named.setdefault((kind, key), [0] * 4 * len(checks()))
            for kind, key in enumerate((each.model_id, each.provider_id, each.scout), start=1)
        ]
        of.append(asked.setdefault(UUID(bytes=bytes(each.prompt)[:16]), [0] * 4 * len(checks())))
        of.append(sliced.setdefault(each.prompt_id // 128, [0] * 4 * len(checks())))
        for number, code in enumerate(told[each.prompt_id]):
            place = 4 * number + results.index(checks()[number].outcome(code).result)
            for counts in of:
                counts[place] += 1
    return named, asked, sliced


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_counts_are_those_of_the_records_and_fsck_derives_the_same(name: str, stored: Stored) -> None:
    chain = stored(name)
    derive.catch_up(chain, only=[DERIVATION])
    told, listed, _, tally, _, named, asked, sliced = rows(chain)
    counted = Counter((number, code) for _, codes in told for number, code in enumerate(codes))
    assert {(number, code): records for number, code, records in tally} == counted
    fails = sum(
        records
        for (number, code), records in counted.items()
        if checks()[number].outcome(code).result is Result.FAIL
    )
    assert len(listed) == fails
    kept_counts: tuple[Counts, ...] = ({row[:2]: row[2] for row in named}, dict(asked), dict(sliced))
    assert kept_counts == by_names(chain, dict(told))
    assert findings(chain) == []


@pytest.mark.django_db
@pytest.mark.parametrize("withhold", [hide, erase])
def test_what_a_result_holds_beside_its_answer_is_taken_back_though_it_was_not_known_who_holds_it(
    withhold: Callable[..., int],
) -> None:
    """Checks were ahead of the words, by which alone a text within a result is found."""
    made = MadeChain()
    made.block(add(refusing("a secret")), add(refusing("another")))
    chain = checked(made)
    withhold(CONTENT, answer_key("a secret"))
    assert Withdrawal.objects.get().is_partial
    withdrawing.carry_out_all()
    assert not Withdrawal.objects.exists()
    derive.catch_up(chain)
    assert findings(chain) == []
    assert {said(chain, 1)[each.name] for each in checks() if each.reads_texts} == {"hidden"}
    assert said(chain, 2)["malformed"] == "well-formed"


def refusing(words: str) -> str:
    message = {"role": "assistant", "content": "an answer", "refusal": words}
    return json.dumps({"choices": [{"message": message, "finish_reason": "length"}]})
