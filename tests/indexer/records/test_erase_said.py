"""Erasing what was said by its key: bytes and kept text go, and a later sync does not bring them back."""

import pytest

from indexer.dapp import completion
from indexer.dapp.completion import completion_of
from indexer.follow import sync
from indexer.models import Answer, Chain, Operation, Suppression
from indexer.records.erase import drop_unsaid
from tests.indexer.dapp.test_completion import called, result
from tests.indexer.made import MadeChain, add
from tests.indexer.records.erasing import CONTENT, ERASE, SECRET, erase, findings, indexed, is_anywhere
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
SAYING = [
    result({"content": None, "refusal": SECRET}),
    result({"content": SECRET}, {"content": "other"}),
    result({"content": "other"}, {"content": SECRET}),
    result(called(f'{{"say": "{SECRET}"}}')),
]


def key_of(signed: str) -> bytes:
    read = completion_of(signed)
    assert read is not None
    return completion.said_key(read)


@pytest.mark.parametrize("signed", SAYING)
def test_what_was_said_is_nowhere_once_erased_and_nothing_else_goes(signed: str) -> None:
    made = MadeChain()
    made.block(add(signed), add(result({"content": "other"})), add(result({"content": ""})))
    chain = indexed(made)
    assert is_anywhere(SECRET)
    assert erase(CONTENT, key_of(signed)) == 1
    drop_unsaid()
    assert is_anywhere(SECRET) == []
    assert findings(chain) == []
    assert set(Answer.objects.values_list("text", flat=True)) == {"other", ""}


@pytest.mark.parametrize("signed", SAYING)
def test_what_was_erased_before_it_came_is_not_kept(signed: str) -> None:
    Suppression.objects.create(subject=CONTENT, hash=key_of(signed), mode=ERASE, reason="", by="")
    made = MadeChain()
    made.block(add(signed), add(result({"content": "other"})), add(result({"content": ""})))
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    assert is_anywhere(SECRET) == []
    assert findings(chain) == []


def test_the_same_words_said_plainly_stay() -> None:
    made = MadeChain()
    made.block(add(result({"content": SECRET}, {"content": "a"})), add(result({"content": SECRET})))
    chain = indexed(made)
    assert erase(CONTENT, key_of(result({"content": SECRET}, {"content": "a"}))) == 1
    assert is_anywhere(SECRET) == ["answer", "body 0"]
    assert findings(chain) == []


def test_rows_keep_the_key_only_where_it_is_another() -> None:
    made = MadeChain()
    signed = [
        result({"content": "a"}, usage={"total_tokens": 1}),
        result({"content": "a"}, reason="length"),
        result({"content": None, "refusal": "a"}),
        result({"content": "a", "reasoning": "b"}),
        '{"candidates": []}',
        "no JSON",
    ]
    made.block(*(add(each) for each in signed))
    chain = indexed(made)
    rows = Operation.objects.filter(chain=chain).order_by("position")
    kept = [(each.said and bytes(each.said), each.noted) for each in rows]
    assert kept == [
        (None, None),
        (None, True),
        (key_of(signed[2]), True),
        (None, False),
        (None, None),
        (None, None),
    ]
    assert Chain.objects.get().heard_to is None


def test_a_text_goes_with_the_last_one_who_says_it() -> None:
    signed = [result({"content": SECRET}, {"content": other}) for other in ("a", "b")]
    made = MadeChain()
    made.block(*(add(each) for each in signed))
    chain = indexed(made)
    assert erase(CONTENT, key_of(signed[0])) == 1
    assert "answer" in is_anywhere(SECRET)
    assert erase(CONTENT, key_of(signed[1])) == 1
    assert is_anywhere(SECRET) == []
    assert findings(chain) == []
