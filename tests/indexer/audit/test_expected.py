"""What a node must answer after each block is what the records' state says, of recordings and made chains."""

from collections.abc import Callable

import pytest
from django.db import connection

from indexer import derive
from indexer.audit import expected
from indexer.dapp.operations import signed_hash
from indexer.dapp.replay import position_of
from indexer.follow import sync
from indexer.models import Chain, Checkpoint, Owner
from indexer.postchain import secp256k1
from indexer.records import generations
from indexer.records.state import StateRecord, state_at
from tests.indexer import kept
from tests.indexer.made import OWNER, SECOND_OWNER, MadeChain, add, batch_delete, delete
from tests.indexer.postchain import recorded
from tests.indexer.serving import CHAINS
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
LIVE = """
    SELECT prompt_id FROM indexer_record r CROSS JOIN LATERAL (
        SELECT v.kind FROM indexer_revision v
        WHERE v.chain_id = r.chain_id AND v.generation = r.generation AND v.prompt_id = r.prompt_id
          AND v.position < %(end)s ORDER BY v.position DESC LIMIT 1
    ) AS last
    WHERE r.chain_id = %(chain)s AND r.generation = %(generation)s AND last.kind < 3
    ORDER BY r.created_at DESC, r.prompt_id
"""


def live(chain: Chain, height: int) -> list[int]:
    """The ids of the records that are live after a block, in the order of the state, whose texts take most of
    the time that reading it takes.
    """
    asked = {"chain": chain.id, "generation": chain.generation, "end": position_of(height + 1, 0)}
    with connection.cursor() as cursor:
        cursor.execute(LIVE, asked)
        return [prompt_id for (prompt_id,) in cursor.fetchall()]


def as_state(record: StateRecord) -> expected.Inference:
    assert record.messages is not None
    assert record.result is not None
    return expected.Inference(
        uid=record.uid,
        created_at=record.created_at,
        seed=record.seed,
        model=record.model,
        provider=record.provider,
        messages=signed_hash(record.messages),
        result=signed_hash(record.result),
    )


@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_it_is_the_state_after_every_block(name: str, stored: Stored) -> None:
    chain = stored(name)
    height = Checkpoint.objects.get().height
    for at in range(height + 1):
        ids = live(chain, at)
        assert expected.count(chain, at) == len(ids)
        assert expected.latest(chain, at) == (ids[0] if ids else 0)
        if at % 40 == 9 or at == height:
            state = list(state_at(chain, at))
            assert [each.prompt_id for each in state] == ids
            by_id = {each.prompt_id: as_state(each) for each in state}
            for prompt_id in range(1, Checkpoint.objects.get().last_prompt_id + 2):
                assert expected.inference(chain, at, prompt_id) == by_id.get(prompt_id), (at, prompt_id)


def test_a_recorded_node_said_the_same(stored: Stored) -> None:
    chain, story = stored("four-validators"), recorded.story("four-validators")
    for state in story["states"]:
        height = state["height"]
        owner = expected.owner(chain, height)
        assert owner is not None
        assert (expected.count(chain, height), expected.latest(chain, height), owner.hex().upper()) == (
            state["count"],
            state["latest"],
            state["owner"],
        )


def test_the_owner_is_the_one_of_then(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    first, second = secp256k1.public_key(OWNER), secp256k1.public_key(SECOND_OWNER)
    assert [expected.owner(chain, at) for at in (0, 8, 9, 11)] == [first, first, second, second]
    Owner.objects.filter(position=-1).update(key=None)
    assert expected.owner(chain, 0) is None


def test_a_chain_that_is_not_folded_says_nothing() -> None:
    chain = row_of(MadeChain())
    assert (expected.count(chain, 0), expected.latest(chain, 0), expected.owner(chain, 0)) == (0, 0, None)
    assert expected.inference(chain, 0, 1) is None
    assert expected.ids(chain, newest=9, deleted=9) == []


def test_the_newest_ids_come_with_the_newest_that_were_deleted() -> None:
    made = MadeChain()
    made.block(*[add(uid=each) for each in range(1, 9)])
    made.block(delete(2), delete(3), delete(4))
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    assert sorted(expected.ids(chain, newest=2, deleted=2)) == [3, 4, 7, 8]


def test_deletions_since_do_not_count_yet() -> None:
    made = MadeChain()
    made.block(at=1000)
    made.block(add(), add(), at=2000)
    made.block(add(), at=3000)
    made.block(batch_delete(1500, 2500), at=4000)
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    assert [expected.latest(chain, at) for at in range(4)] == [0, 1, 3, 1]
    assert [expected.count(chain, at) for at in range(4)] == [0, 2, 3, 2]


def test_a_switch_of_generations_does_not_show(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    reader = Chain.objects.get()
    before = (expected.count(reader, 9), expected.latest(reader, 9), expected.inference(reader, 9, 1))
    derive.catch_up(chain)
    generations.rebuild(chain)
    assert (expected.count(reader, 9), expected.latest(reader, 9), expected.inference(reader, 9, 1)) == before
