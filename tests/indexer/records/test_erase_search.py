"""A text that is hidden or erased is found by nothing from then on; once it is shown again, it is found."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from indexer import derive
from indexer.dapp import rell_json
from indexer.dapp.completion import completion_of, said_key
from indexer.derive import search_units
from indexer.derive.search import DERIVATION
from indexer.models import Chain, Suppression
from indexer.records import generations
from indexer.records.erase import take_back
from tests.indexer.derive.words import found, lexemes, rows, units
from tests.indexer.made import MadeChain, add, call, completion, update
from tests.indexer.records.erasing import (
    CONTENT,
    TRANSACTION,
    answer_key,
    erase,
    findings,
    hide,
    indexed,
    key_of,
)
from tests.indexer.threads import LONGEST, begun, holding, wait_until_blocked

ASKED = json.dumps([{"role": "user", "content": "zasked question"}])
CALLS = json.dumps(
    {
        "choices": [
            {
                "message": {
                    "content": "zcontent",
                    "refusal": "zrefusal",
                    "reasoning_content": "zreasoning",
                    "tool_calls": [{"function": {"name": "zname", "arguments": '{"a":"zargument"}'}}],
                }
            }
        ]
    }
)
RESULT = json.dumps({"choices": [{"message": {"content": "zplain"}}], "id": "one"})
THOUGHT = json.dumps({"choices": [{"message": {"content": "zbeside", "reasoning": "zthought"}}]})
BROKEN = '{"error":"zbroken"}'
WORDS_OF_CALLS = ["zcontent", "zrefusal", "zreasoning", "zname", "zargument"]
ALL = ["zasked", *WORDS_OF_CALLS, "zplain", "zbroken", "zfirst", "zsecond", "zshared", "zbeside", "zthought"]


def said_by(result: str) -> bytes:
    read = completion_of(result)
    assert read is not None
    return said_key(read)


def made_chain() -> MadeChain:
    """Each word is in one record alone, but `zshared`, which two transactions say."""
    made = MadeChain()
    made.block(
        add(completion("harmless"), messages=ASKED),
        add(CALLS),
        add(RESULT),
        add(BROKEN),
        add(completion("zfirst")),
        add(completion("zshared")),
        add(completion("zshared"), uid=9),
        add(THOUGHT),
    )
    made.block(update(5, completion("zsecond")), call(update(1, completion("harmless too"))))
    return made


KEYS: dict[str, tuple[bytes, list[str]]] = {
    "messages": (key_of(rell_json.normalise(ASKED)), ["zasked"]),
    "answer": (answer_key("zplain"), ["zplain"]),
    "result": (key_of(rell_json.normalise(RESULT)), ["zplain"]),
    "result without content": (key_of(BROKEN), ["zbroken"]),
    "first answer": (answer_key("zfirst"), ["zfirst"]),
    "newest answer": (answer_key("zsecond"), ["zsecond"]),
    "of two transactions": (answer_key("zshared"), ["zshared"]),
    "content with calls": (answer_key("zcontent"), WORDS_OF_CALLS),
    "result with calls": (key_of(rell_json.normalise(CALLS)), WORDS_OF_CALLS),
    "what is said": (said_by(CALLS), WORDS_OF_CALLS),
    "reasoning beside an answer": (answer_key("zthought"), ["zbeside", "zthought"]),
    "an answer beside reasoning": (answer_key("zbeside"), ["zbeside", "zthought"]),
    "refusal": (answer_key("zrefusal"), WORDS_OF_CALLS),
    "reasoning": (answer_key("zreasoning"), WORDS_OF_CALLS),
    "arguments": (answer_key('{"a":"zargument"}'), WORDS_OF_CALLS),
}
TRANSACTIONS: dict[str, tuple[int, int, list[str]]] = {
    "of messages": (0, 0, ["zasked"]),
    "of calls": (0, 1, WORDS_OF_CALLS),
    "of a plain answer": (0, 2, ["zplain"]),
    "of the first answer": (0, 4, ["zfirst"]),
    "of the newest answer": (1, 0, ["zsecond"]),
    "of one of two": (0, 5, []),
}


def searched(made: MadeChain) -> Chain:
    chain = indexed(made)
    derive.catch_up(chain)
    assert all(map(found, ALL))
    return chain


def assert_gone(words: list[str]) -> None:
    """These words are in no unit, all others where they were."""
    kept = lexemes()
    assert not {f"{space}{word}" for word in words for space in "pa"} & kept
    assert {each for each in ALL if not found(each)} == set(words)


def assert_the_same_anew(chain: Chain) -> None:
    """Another generation, and deriving anew, give the same."""
    before = rows(chain), units()
    assert findings(chain) == []
    generations.rebuild(chain)
    assert (rows(chain), units()) == before
    derive.start_anew(DERIVATION, chain, chain.generation)
    derive.catch_up(chain)
    assert (rows(chain), units()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", KEYS)
def test_a_text_that_is_hidden_by_any_of_its_keys_is_found_again_only_when_it_is_shown(name: str) -> None:
    key, words = KEYS[name]
    chain = searched(made_chain())
    before = rows(chain), units()
    hide(CONTENT, key)
    assert_gone(words)
    assert_the_same_anew(chain)
    take_back(CONTENT, key)
    assert (rows(chain), units()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", KEYS)
def test_a_text_that_is_erased_by_any_of_its_keys_is_found_by_nothing(name: str) -> None:
    key, words = KEYS[name]
    chain = searched(made_chain())
    erase(CONTENT, key)
    assert_gone(words)
    assert_the_same_anew(chain)


@pytest.mark.django_db
@pytest.mark.parametrize("name", TRANSACTIONS)
def test_what_a_transaction_says_goes_with_it_and_comes_back(name: str) -> None:
    height, ordinal, words = TRANSACTIONS[name]
    made = made_chain()
    chain = searched(made)
    before = rows(chain), units()
    rid = made.blocks[height].transactions[ordinal].rid
    hide(TRANSACTION, rid)
    assert_gone(words)
    assert_the_same_anew(chain)
    take_back(TRANSACTION, rid)
    assert {each[1:] for each in rows(chain)} == {each[1:] for each in before[0]}
    assert units() == before[1]
    erase(TRANSACTION, rid)
    assert_gone(words)
    assert_the_same_anew(chain)


@pytest.mark.django_db
def test_another_transaction_s_record_is_found_until_that_is_hidden_too() -> None:
    made = made_chain()
    chain = searched(made)
    hide(TRANSACTION, made.blocks[0].transactions[5].rid)
    assert found("zshared") == [7]
    hide(TRANSACTION, made.blocks[0].transactions[6].rid)
    assert_gone(["zshared"])
    take_back(TRANSACTION, made.blocks[0].transactions[5].rid)
    assert found("zshared") == [6]
    assert_the_same_anew(chain)


@pytest.mark.django_db
def test_of_a_record_with_one_answer_hidden_the_others_and_the_prompt_are_found() -> None:
    chain = searched(made_chain())
    hide(CONTENT, answer_key("zsecond"))
    assert found("zfirst") == [5]
    assert 5 in found("chain")
    assert found("harmless") == found("zasked") == [1]
    hide(CONTENT, KEYS["messages"][0])
    assert found("harmless") == found("harmless too") == [1]
    assert_the_same_anew(chain)


@pytest.mark.django_db
def test_two_orders_hold_until_both_are_taken_back() -> None:
    chain = searched(made_chain())
    before = rows(chain), units()
    hide(CONTENT, KEYS["refusal"][0])
    hide(CONTENT, KEYS["content with calls"][0])
    take_back(CONTENT, KEYS["refusal"][0])
    assert_gone(WORDS_OF_CALLS)
    hide(CONTENT, KEYS["refusal"][0])
    take_back(CONTENT, KEYS["content with calls"][0])
    assert_gone(WORDS_OF_CALLS)
    take_back(CONTENT, KEYS["refusal"][0])
    assert (rows(chain), units()) == before


@pytest.mark.django_db
def test_more_texts_than_are_named_are_held_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_units, "_MOST_KEYS", 2)
    chain = searched(made_chain())
    before = units()
    assert lexemes("k:") == {"k:*"} | {each for each in lexemes("k:") if len(each) > 3}
    hide(CONTENT, KEYS["arguments"][0])
    assert_gone(WORDS_OF_CALLS)
    assert_the_same_anew(chain)
    take_back(CONTENT, KEYS["arguments"][0])
    assert units() == before


@pytest.mark.django_db
def test_what_is_kept_of_a_transaction_whose_bytes_went_is_found_as_it_is_shown() -> None:
    """Its messages are erased; the text of its answer is not."""
    made = MadeChain()
    made.block(add(completion("zplain"), messages=ASKED), add(CALLS, messages=ASKED))
    chain = indexed(made)
    derive.catch_up(chain)
    erase(CONTENT, KEYS["messages"][0])
    assert found("zasked") == found("zargument") == found("zrefusal") == []
    assert found("zplain") == [1]
    assert found("zcontent") == [2]
    assert_the_same_anew(chain)


@pytest.mark.django_db
def test_a_generation_beside_is_searched_by_the_same_rules() -> None:
    chain = searched(made_chain())
    with generations.building(chain):
        beside = generations.fold_beside(chain)
        derive.catch_up(chain, generation=beside)
        hide(CONTENT, answer_key("zplain"))
        assert_gone(["zplain"])
        assert rows(chain, beside) == rows(chain)
        take_back(CONTENT, answer_key("zplain"))
        assert rows(chain, beside) == rows(chain)
        generations.drop(chain, beside)


@pytest.mark.django_db
@pytest.mark.parametrize("height", [-1, 0])
def test_what_is_not_derived_yet_is_withheld_when_it_is(height: int) -> None:
    made = made_chain()
    chain = indexed(made)
    derive.catch_up(chain, last=height)
    hide(CONTENT, answer_key("zfirst"))
    hide(CONTENT, answer_key("zsecond"))
    take_back(CONTENT, answer_key("zsecond"))
    assert found("zsecond") == []
    derive.catch_up(chain)
    assert_gone(["zfirst"])
    assert_the_same_anew(chain)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("withhold", [hide, erase])
def test_hiding_waits_for_a_step_and_then_takes_that_too(withhold: Callable[..., Any]) -> None:
    chain = indexed(made_chain())
    with holding(lambda: derive.catch_up(chain, only=[DERIVATION])):
        running = begun(lambda: withhold(CONTENT, answer_key("zplain")))
        wait_until_blocked(running)
    running.result(LONGEST)
    assert_gone(["zplain"])


@pytest.mark.django_db
def test_no_statistics_hold_a_word() -> None:
    searched(made_chain())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE indexer_searchunit")
        cursor.execute(
            "SELECT attname FROM pg_stats WHERE schemaname = 'public' AND tablename = 'indexer_searchunit'"
        )
        assert "words" not in {name for (name,) in cursor.fetchall()}
    assert not Suppression.objects.exists()
