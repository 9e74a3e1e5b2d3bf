"""The dapp's state after any block, as stored facts and revisions give it."""

from collections.abc import Callable
from typing import Any

import pytest

from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.follow import sync
from indexer.models import Chain, Record, Suppression
from indexer.records import generations
from indexer.records.erase import suppress
from indexer.records.state import state_at
from tests.indexer import kept
from tests.indexer.dapp import memory
from tests.indexer.dapp.plain import Row
from tests.indexer.made import MadeChain, add, call, completion, delete, update
from tests.indexer.postchain import recorded
from tests.indexer.serving import CHAINS, AlteredNode, pool_of

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]


def answered(row: Row) -> dict[str, Any]:
    """A plain row as the node's query gives it."""
    return {
        "UID": row.uid,
        "created_at": row.created_at,
        "messages": _normal(row.messages),
        "model": row.model,
        "prompt_id": row.prompt_id,
        "provider": row.provider,
        "result": _normal(row.result),
        "seed": row.seed,
    }


def _normal(text: str) -> str:
    try:
        return rell_json.normalise(text)
    except rell_json.NotJson:
        return text


def state(chain: Chain, height: int) -> list[dict[str, Any]]:
    return [each.as_query_answers() for each in state_at(chain, height)]


@pytest.mark.parametrize("name", CHAINS)
def test_the_last_state_is_the_node_s_own_text_for_text(name: str, stored: Stored) -> None:
    found = state(stored(name), recorded.story(name)["height"] - 1)
    expected = list(recorded.lines(name, "state"))
    assert found == expected
    assert [list(each) for each in found] == [list(each) for each in expected]


@pytest.mark.parametrize("name", CHAINS)
def test_every_state_that_the_node_stated_is_found_again(name: str, stored: Stored) -> None:
    chain = stored(name)
    for stated in recorded.story(name)["states"]:
        rows = state(chain, stated["height"])
        assert len(rows) == stated["count"], stated["label"]
        assert (rows[0]["prompt_id"] if rows else 0) == stated["latest"]
        assert [each["prompt_id"] for each in rows] == stated["order"]
        assert {str(each["prompt_id"]): each["created_at"] for each in rows} == stated["created_at"]


@pytest.mark.parametrize("name", CHAINS)
def test_the_state_after_every_block_is_that_of_the_plain_reading(name: str, stored: Stored) -> None:
    chain = stored(name)
    for height, rows in enumerate(memory.plainly(name).states):
        if height == 0 or rows != memory.plainly(name).states[height - 1]:
            assert state(chain, height) == [answered(row) for row in rows], height


def test_there_is_no_record_before_the_first_block_and_none_in_an_empty_one(stored: Stored) -> None:
    chain = stored("one-validator")
    assert state(chain, -1) == []
    assert state(chain, 0) == []


def test_a_later_block_than_the_last_shows_the_last_state(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    assert state(chain, 10_000) == state(chain, kept.varied().next_height - 1)


def indexed(made: MadeChain) -> Chain:
    with pool_of(AlteredNode(made.recording())) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    return chain


def test_records_of_block_0_are_live_after_block_0_and_created_at_0() -> None:
    made = MadeChain()
    made.block(add(), add())
    made.block(delete(1))
    chain = indexed(made)
    assert [(each["prompt_id"], each["created_at"]) for each in state(chain, 0)] == [(1, 0), (2, 0)]
    assert [each["prompt_id"] for each in state(chain, 1)] == [2]


def test_several_changes_of_one_record_in_a_block_show_only_the_last() -> None:
    made = MadeChain()
    made.block(call(add(), update(1, completion("second")), update(1, completion("third"))))
    made.block(call(update(1, completion("fourth")), delete(1)))
    made.block(call(add(), delete(2)))
    chain = indexed(made)
    assert [each["result"] for each in state(chain, 0)] == [rell_json.normalise(completion("third"))]
    assert state(chain, 1) == []
    assert state(chain, 2) == []


def test_no_json_comes_back_as_it_was_signed() -> None:
    made = MadeChain()
    made.block(add("no JSON", messages="neither"))
    (row,) = state(indexed(made), 0)
    assert (row["messages"], row["result"]) == ("neither", "no JSON")


def test_what_is_being_built_beside_does_not_show(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    before = state(chain, 7)
    generations.fold_beside(chain)
    assert state(chain, 7) == before


def test_a_reader_that_knew_the_chain_before_a_switch_sees_the_new_generation(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    reader = Chain.objects.get(id=chain.id)
    before = state(reader, 8)
    generations.rebuild(chain)
    assert state(reader, 8) == before
    assert before


# Suppression


def hide(key: bytes, *, subject: Suppression.Subject = Suppression.Subject.CONTENT) -> None:
    suppress(subject, key, mode=Suppression.Mode.HIDE, reason="personal data", by="a test")


def test_a_hidden_prompt_is_null_in_every_record_that_has_it_and_their_answers_stay(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    before = state(chain, 2)
    record = Record.objects.get(prompt_id=1)
    hide(bytes(record.prompt))
    after = state(chain, 2)
    assert [each["messages"] for each in after] == [None] * 3
    assert [{**each, "messages": None} for each in before] == after


def test_a_hidden_answer_is_null_while_it_stands_and_not_before(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    edited = Record.objects.get(prompt_id=2)
    hide(bytes(edited.answer))
    assert {each["prompt_id"]: each["result"] is None for each in state(chain, 6)} == {
        1: False,
        2: False,
        3: False,
        4: False,
        5: False,
        6: False,
    }
    assert {each["prompt_id"]: each["result"] is None for each in state(chain, 7)}[2]


def test_the_whole_result_can_be_hidden_by_its_hash(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    (row,) = (each for each in state(chain, 6) if each["prompt_id"] == 3)
    hide(signed_hash(row["result"]))
    (row,) = (each for each in state(chain, 6) if each["prompt_id"] == 3)
    assert row["result"] is None
    assert row["messages"] is not None


def test_a_hidden_transaction_has_no_text(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    rid = kept.varied().blocks[2].transactions[1].rid
    hide(rid, subject=Suppression.Subject.TRANSACTION)
    rows = {each["prompt_id"]: each for each in state(chain, 2)}
    assert (rows[2]["messages"], rows[2]["result"]) == (None, None)
    assert rows[1]["messages"] is not None
    assert rows[2]["UID"] == 2
