"""Commands that mend: a chain begun anew is forgotten, blocks that were damaged are fetched again."""

from collections.abc import Callable

import pytest

from tests.endtoend import chains
from tests.endtoend.chains import FOUR_DIGEST
from tests.endtoend.hostile import HostileNode
from tests.endtoend.inprocess import InProcess
from tests.indexer.made import MadeChain, add, completion

Serve = Callable[..., HostileNode]


def begun(*answers: str) -> MadeChain:
    """A chain of this configuration, with these answers."""
    made = MadeChain()
    for each in answers:
        made.block(add(completion(each)))
    return made


def test_a_chain_that_was_begun_anew_says_which_command_helps_and_it_does(
    state: InProcess, serve: Serve
) -> None:
    first, second = begun("one", "two", "three"), begun("eins", "zwei", "drei", "vier")
    assert first.brid == second.brid
    assert state.sync(serve(first.recording()).url).status == 0
    node = serve(second.recording())
    refused = state.sync(node.url)
    assert refused.status == 4, refused.told
    assert "`manage.py forget`" in refused.err
    brid = first.brid.hex().upper()
    forgotten = state.run("forget", f"--chain={brid}")
    assert forgotten.status == 0, forgotten.told
    assert "forgotten, with 3 blocks and 3 records" in forgotten.out
    again = state.sync(node.url)
    assert (again.status, again.line["height"], again.line["incidents"]) == (0, 3, 0), again.told
    state.checked()


@pytest.mark.parametrize("chain", ["", "12", "00" * 32])
def test_what_is_to_be_forgotten_must_be_named(indexed: InProcess, chain: str) -> None:
    ended = indexed.run("forget", f"--chain={chain}")
    assert ended.status != 0, ended.told
    assert indexed.status()["digest"] == FOUR_DIGEST


DAMAGE = {
    "a header end": "UPDATE indexer_block SET header_end_id = 1 WHERE height = 40",
    "a time": "UPDATE indexer_block SET timestamp = timestamp + 1 WHERE height BETWEEN 38 AND 41",
    "a RID": "UPDATE indexer_block SET rid = decode(repeat('ab', 32), 'hex') WHERE height = 40",
    "a body": "UPDATE indexer_blockbody SET body = 'broken' WHERE height BETWEEN 20 AND 60 AND length > 0",
    "operations": "DELETE FROM indexer_operation WHERE position >> 20 BETWEEN 20 AND 60",
    "transactions": "DELETE FROM indexer_transaction WHERE height BETWEEN 20 AND 60",
    "texts": "UPDATE indexer_answer SET text = 'something else'",
    "blocks": "DELETE FROM indexer_block WHERE height BETWEEN 30 AND 35",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
def test_what_was_damaged_is_as_it_was_once_it_is_fetched_again(
    indexed: InProcess, serve: Serve, statement: str
) -> None:
    node = serve(chains.four())
    with indexed.connect() as connection:
        connection.execute(statement)
    damaged = indexed.run("fsck")
    assert damaged.status != 0, damaged.told
    assert "`manage.py refetch`" in damaged.err
    first, last = (0, 115) if "answer" in statement else (20, 60)
    mended = indexed.run("refetch", f"--first={first}", f"--last={last}", f"--node={node.url}")
    assert mended.status == 0, mended.told
    assert f"{last - first + 1} blocks were fetched again" in mended.out
    assert ("block 40 had another RID here" in mended.out) == ("SET rid" in statement)
    assert indexed.run("reindex").status == 0
    indexed.checked()
    assert indexed.status()["digest"] == FOUR_DIGEST


def test_a_witness_that_does_not_hold_is_fetched_again(state: InProcess, serve: Serve) -> None:
    chain = chains.four()
    kept = {height: raw for height, raw in chain.configurations.items() if height != 30}
    assert state.sync(serve(chains.with_configurations(chain, kept)).url).status == 3
    with state.connect() as connection:
        connection.execute(
            "UPDATE indexer_blockbody SET witness = set_byte(witness, 100, get_byte(witness, 100) # 1)"
            " WHERE height = 40"
        )
    node = serve(chain)
    assert state.sync(node.url).status == 3
    assert state.incidents() == [("refused-witness", 40)]
    assert "block 40: witness: " in state.run("fsck").out
    mended = state.run("refetch", "--first=40", f"--node={node.url}")
    assert mended.status == 0, mended.told
    state.checked()


def test_what_was_erased_is_not_fetched_back(indexed: InProcess, serve: Serve) -> None:
    with indexed.connect() as connection:
        found = connection.execute(
            "SELECT encode(rid, 'hex'), height FROM indexer_transaction ORDER BY height LIMIT 1"
        ).fetchone()
    assert found is not None
    rid, height = found
    erased = indexed.run(
        "suppress", f"--transaction={rid}", "--mode=erase", "--reason=asked", "--by=operator"
    )
    assert erased.status == 0, erased.told
    mended = indexed.run("refetch", f"--first={height}", f"--node={serve(chains.four()).url}")
    assert mended.status == 0, mended.told
    with indexed.connect() as connection:
        left = connection.execute(
            """SELECT count("offset") FROM indexer_transaction WHERE encode(rid, 'hex') = %s""", [rid]
        ).fetchone()
    assert left == (0,)
    indexed.checked()


@pytest.mark.parametrize(("first", "last"), [(-1, 3), (5, 4)])
def test_a_range_that_is_none_is_told(indexed: InProcess, first: int, last: int) -> None:
    ended = indexed.run("refetch", f"--first={first}", f"--last={last}")
    assert ended.status != 0
    assert "heights begin at 0" in ended.err


def test_blocks_that_the_node_does_not_have_are_told(indexed: InProcess, serve: Serve) -> None:
    node = serve(chains.cut(chains.four(), 25))
    ended = indexed.run("refetch", "--first=30", f"--node={node.url}")
    assert ended.status != 0, ended.told
    assert "it has 25 blocks" in ended.err
    indexed.checked()


def test_a_false_block_changes_nothing_and_accuses_nobody(indexed: InProcess, serve: Serve) -> None:
    false = chains.with_block(chains.four(), 30, lambda stated: {**stated, "timestamp": 1})
    ended = indexed.run("refetch", "--first=30", f"--node={serve(false).url}")
    assert ended.status != 0, ended.told
    assert "Not all was fetched again" in ended.err
    assert indexed.incidents() == []
    indexed.checked()
