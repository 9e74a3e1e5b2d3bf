"""What edits changed, as the API says it: of ledger rows, revisions and edited records; what is kept back."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.queries.compare import comparison
from explorer.queries.records import edit
from explorer.queries.records import record as records
from explorer.queries.records.revisions import Revision
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.api.asking import ask, record, told
from tests.indexer.made import MadeChain, add, call, completion, delete, update

pytestmark = pytest.mark.django_db
ONE = "The lamp turns once every 20 seconds, and three things could explain it."
TWO = ONE.replace("three", "five")
SECRET = "xylophone lessons are for free"
MANY = {f"field-{each:03}-{'x' * 60}": each for each in range(40)}
NOTHING: dict[str, Any] = {"words": None, "words_removed": None, "words_added": None, "first": []}
FLAGS = dict.fromkeys(("is_line_diff", "is_mostly_different", "is_white_space", "came_back"), False)


@pytest.fixture
def chain() -> Iterator[ChainView]:
    """Records: 1 edited (three, then five), 2 beside its words, 3 to a secret, 4 from one, 5 rewritten and
    deleted, 6 with a mail address, 7 with many names beside, 8 a word more and one less, 9 as it was,
    10 to five and back, 11 with white space alone.
    """
    made = MadeChain()
    made.block(
        *(add(completion(each, id="a"), uid=at) for at, each in enumerate((ONE, ONE, "It was 3.", SECRET)))
    )
    made.block(add(completion("one two three four five")), add(completion("mail ann@example.com now")))
    made.block(add(completion(ONE)), add(completion("a b c d e f g h")), add(completion("never edited")))
    made.block(*(add(completion(ONE), uid=at) for at in (10, 11)))
    made.block(call(update(1, completion(TWO, id="a"))), call(update(2, completion(ONE, id="b"))))
    made.block(call(update(3, completion(SECRET))), call(update(4, completion("It was 4."))))
    made.block(update(5, completion("6 two 7 four 8 9")), update(6, completion("mail bob@example.com now")))
    made.block(update(7, completion(ONE, **MANY)), update(8, completion("a c d e f g h i")), delete(5))
    made.block(call(update(10, completion(TWO))), call(update(11, completion(ONE.replace(" ", "  ")))))
    made.block(update(10, completion(ONE)))
    edit.forget()
    yield shown.index_again(made)
    shown.forget()


def in_ledger(chain: ChainView) -> Mapping[int, Any]:
    rows = told(f"/chains/{chain.rid}/ledger?kind=edit&limit=100")["results"]
    return {each["prompt_id"]: each["change"] for each in rows}


def in_list(chain: ChainView) -> Mapping[int, Any]:
    ours, of_all = (
        {each["prompt_id"]: each["change"] for each in told(f"{path}?status=edited&limit=100")["results"]}
        for path in (f"/chains/{chain.rid}/records", "/records")
    )
    assert ours == of_all
    return ours


def of_revision(chain: ChainView, prompt_id: int) -> Any:
    """What the second revision changed."""
    first, second, *_ = record(chain, prompt_id)["revisions"]
    assert first["change"] is None
    return second["change"]


def test_an_edit_says_which_words_became_which_and_how_many_of_how_many(chain: ChainView) -> None:
    replaced = {"kind": "replace", "a": "three", "b": "five", "is_a_cut": False, "is_b_cut": False}
    counted = {"changes": 1, "words": 13, "words_removed": 1, "words_added": 1}
    expected = {**counted, **FLAGS, "first": [replaced], "beside": []}
    assert in_ledger(chain)[1] == in_list(chain)[1] == of_revision(chain, 1) == expected
    assert (
        in_ledger(chain)[2] == of_revision(chain, 2) == {**FLAGS, **NOTHING, "changes": 0, "beside": ["id"]}
    )
    assert [each["kind"] for each in in_ledger(chain)[8]["first"]] == ["delete", "insert"]
    assert (in_ledger(chain)[5]["is_mostly_different"], in_ledger(chain)[5]["words_removed"]) == (True, 3)
    assert of_revision(chain, 5) == in_ledger(chain)[5]  # of a record that was deleted


def test_words_that_came_back_and_white_space_are_told_apart_from_other_words(chain: ChainView) -> None:
    assert in_list(chain)[10] == in_list(chain)[1] | {"came_back": True}
    assert in_ledger(chain)[10]["came_back"] is False
    for found in (in_ledger(chain)[11], in_list(chain)[11], of_revision(chain, 11)):
        assert (found["is_white_space"], found["came_back"]) == (True, False)


def test_it_is_told_where_something_was_edited_and_nowhere_else(chain: ChainView) -> None:
    assert set(in_ledger(chain)) == {1, 2, 3, 4, 5, 6, 7, 8, 10, 11}
    assert set(in_list(chain)) == {1, 2, 3, 4, 6, 7, 8, 10, 11}
    for path in ("ledger?kind=delete", "records", "records?status=deleted"):
        assert {each["change"] for each in told(f"/chains/{chain.rid}/{path}")["results"]} == {None}
    assert record(chain, 5)["revisions"][-1]["change"] is None  # the deletion
    assert [each["change"] for each in record(chain, 9)["revisions"]] == [None]


def test_what_is_private_is_named_and_what_is_endless_is_cut(chain: ChainView) -> None:
    (place,) = in_ledger(chain)[6]["first"]
    assert (place["a"], place["b"]) == ("[e-mail address]", "[e-mail address]")
    assert len(in_ledger(chain)[7]["beside"]) == edit.MOST_BESIDE
    assert max(map(len, in_ledger(chain)[7]["beside"])) == edit.SHOWN


@pytest.mark.parametrize("mode", Suppression.Mode)
@pytest.mark.parametrize("is_transaction", [True, False])
@pytest.mark.parametrize("prompt_id", [3, 4])
def test_what_is_withheld_is_in_no_word_of_it(
    chain: ChainView, mode: Suppression.Mode, is_transaction: bool, prompt_id: int
) -> None:
    paths = [f"/chains/{chain.rid}/{each}" for each in ("ledger", "records?status=edited")]
    paths = [*paths, "/ledger", "/records?status=edited", f"/chains/{chain.rid}/records/{prompt_id}"]
    assert all("xylophone" in ask(each).content.decode() for each in paths)
    secret = next(each for each in records.record(chain, prompt_id).revisions if says_secret(each))
    assert secret.answer is not None
    subject, key = (
        (Suppression.Subject.TRANSACTION, secret.transaction_rid)
        if is_transaction
        else (Suppression.Subject.CONTENT, secret.answer.hash)
    )
    other = 7 - prompt_id  # says it too, in another transaction
    suppress(subject, key, mode=mode, reason="said so", by="test")
    assert (in_ledger(chain)[prompt_id], in_list(chain)[prompt_id]) == (None, None)
    assert of_revision(chain, prompt_id) is None
    if is_transaction:
        assert in_ledger(chain)[other] is not None
    else:
        assert not any("xylophone" in ask(each).content.decode() for each in paths)


def says_secret(revision: Revision) -> bool:
    return revision.answer is not None and revision.answer.value == SECRET


def test_it_is_null_while_others_compare(chain: ChainView) -> None:
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(comparison.at_once(1))
        assert (in_ledger(chain)[1], of_revision(chain, 1)) == (None, None)
    assert in_ledger(chain)[1]["changes"] == 1
